"""The best part of a text, its matches marked; no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.search.queries import parse
from conversations.search.snippets import LENGTH, Highlighter


def _marked(query: str, text: str, *, is_markdown: bool = True) -> list[str]:
    pieces = Highlighter(parse(query).sought).snippet(text, is_markdown=is_markdown)
    return [piece.text for piece in pieces if piece.is_match]


def _shown(query: str, text: str, *, is_markdown: bool = True) -> str:
    return "".join(piece.text for piece in Highlighter(parse(query).sought).snippet(text, is_markdown=is_markdown))


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("grosse ", "Die Große und die GRÖSSE", ["Große", "GRÖSSE"]),
        ("bud", "The budgets, the Buddy", ["budgets", "Buddy"]),
        ("bud ", "The budgets, a bud", ["bud"]),
        ('"red apple"', "red. A red apple; apple", ["red apple"]),
        ("大学", "東京大学の大学", ["大学", "大学"]),
        ("user ", "call getUserName()", ["User"]),
        ("snake_case", "a snake_case name", ["snake_case"]),
        ("c++ ", "In C++ or C", ["C++"]),
        ("cafe ", "the Cafe\u0301 there", ["Cafe\u0301"]),
    ],
)
def test_matches_are_marked_as_they_stand_in_the_text(query: str, text: str, found: list[str]) -> None:
    assert _marked(query, text) == found


def test_the_part_with_most_of_the_words_is_shown() -> None:
    text = "apple " + "straw " * 1000 + "an apple and a pear " + "straw " * 1000
    shown = _shown("apple pear ", text)
    assert "an apple and a pear" in shown
    assert shown.startswith("…")
    assert len(shown) <= LENGTH + 2


def test_marks_of_markdown_are_left_out() -> None:
    text = "## Plan\n\n- **first** the `code`\n\n```python\nx = 1\n```\n[the site](https://example.org)"
    assert _shown("plan ", text) == "Plan first the code x = 1 the site"


def test_a_persons_text_is_shown_as_typed() -> None:
    assert _shown("stars ", "two ** stars", is_markdown=False) == "two ** stars"


def test_a_match_in_what_would_be_left_out_is_shown() -> None:
    assert _marked("example ", "see [this](https://example.org)") == ["example"]


@given(st.text(), st.text())
def test_no_text_of_a_title_is_lost(query: str, text: str) -> None:
    pieces = Highlighter(parse(query).sought, in_titles=True).marked(text)
    assert "".join(piece.text for piece in pieces) == text
