"""What a person types, read; no database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.search.dates import read_day
from conversations.search.queries import LONGEST, MOST_PARTS, Filter, parse


def _words(query: str) -> list[tuple[str, ...]]:
    return [each.words for each in parse(query).sought]


def test_words_and_phrases_are_told_apart() -> None:
    assert _words('red "green apple" “blue sky” ') == [("red",), ("green", "apple"), ("blue", "sky")]


def test_only_the_last_word_is_begun() -> None:
    assert [each.is_begun for each in parse("red gre").sought] == [False, True]
    assert [each.is_begun for each in parse("red green ").sought] == [False, False]
    assert [each.is_begun for each in parse('"red gre').sought] == [True]
    assert [each.is_begun for each in parse('"red green"').sought] == [False]


def test_what_stands_behind_a_minus_is_excluded() -> None:
    query = parse('-red -"green apple" blue -model:oak')
    assert [each.words for each in query.excluded] == [("red",), ("green", "apple")]
    assert query.filters == (Filter("model", "oak", True),)


def test_values_of_filters_may_stand_in_quotes() -> None:
    assert parse('folder:"My work" Tag:urgent').filters == (
        Filter("folder", "My work", False),
        Filter("tag", "urgent", False),
    )


def test_a_filter_that_is_still_being_typed_says_nothing() -> None:
    query = parse("budget model:")
    assert (_words("budget model:"), query.filters, query.notes) == ([("budget",)], (), ())


def test_an_unknown_filter_is_searched_as_words_and_noted() -> None:
    query = parse("author:bob report")
    assert [each.words for each in query.sought] == [("author", "bob"), ("report",)]
    assert query.notes == ("There is no filter “author:”. It was searched for as a word.",)


@pytest.mark.parametrize("text", ["https://example.org", "std::vector", "12:30", "Error: no such file"])
def test_colons_of_other_kinds_are_no_filters(text: str) -> None:
    assert not parse(text).notes


def test_long_queries_are_cut_and_it_is_said() -> None:
    assert len(parse("word " * 3000).sought) == MOST_PARTS
    assert parse("x" * (LONGEST + 1)).notes == (f"Only the first {LONGEST} characters were searched for.",)


def test_of_single_characters_some_are_enough() -> None:
    query = parse("東 京 大 学校")
    assert [each.words for each in query.sought] == [("東",), ("京",), ("学校",)]
    assert query.notes == ("Of single characters only the first 2 were searched for.",)


@pytest.mark.parametrize("text", ["?!", '""', "-", "🎉"])
def test_nothing_to_search_for_is_said(text: str) -> None:
    assert parse(text).notes == ("There is no word to search for.",)


@given(st.text() | st.text(alphabet='ab"-: :*()\0\ud800“東'))
def test_any_text_is_a_query(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026", date(2026, 1, 1)),
        ("2026-03", date(2026, 3, 1)),
        ("2026-03-09", date(2026, 3, 9)),
        ("today", date(2026, 11, 20)),
        ("Yesterday", date(2026, 11, 19)),
        ("7d", date(2026, 11, 13)),
        ("2w", date(2026, 11, 6)),
        ("2026-13", None),
        ("9999y", None),
        ("soon", None),
    ],
)
def test_days_are_read(value: str, day: date | None) -> None:
    assert read_day(value, date(2026, 11, 20)) == day
