"""Help with typing errors, where nothing is found."""

import pytest

from conversations import search
from conversations.models import LanguageModel, User
from conversations.search.spelling import distance, trigram_similarity
from tests.search.said import asked

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("budgte ", "budget "),
        ("quaterly budget", "quarterly budget"),
        ("accomodation", "accommodation"),
        ("grösen ", "grossen "),
        ("from:me budgt ", "from:me budget "),
        ("сабака", "собака"),
    ],
)
def test_a_close_word_is_offered_with_its_hits(alice: User, model: LanguageModel, query: str, suggestion: str) -> None:
    asked(alice, "quarterly budget for accommodation in Großen, собака")
    results = search.search(alice, query)
    assert results.suggestion == suggestion
    assert results.hits


def test_an_old_word_is_offered_too(alice: User, model: LanguageModel) -> None:
    asked(alice, "an old watermelon")
    for number in range(5):
        asked(alice, f"Hello {number}")
    assert search.search(alice, "watremelon").suggestion == "watermelon"


@pytest.mark.parametrize("query", ["zzzzqqqq ", "budget pear ", '"budgte of"', "2025 "])
def test_nothing_is_offered_that_is_not_close(alice: User, model: LanguageModel, query: str) -> None:
    asked(alice, "a budget")
    asked(alice, "a pear")
    results = search.search(alice, query)
    assert (results.suggestion, results.hits) == ("", ())


def test_words_that_are_found_are_not_corrected(alice: User, model: LanguageModel) -> None:
    asked(alice, "budget")
    asked(alice, "budge")
    assert search.search(alice, "budge ").suggestion == ""


def test_distances() -> None:
    assert [distance("budget", other) for other in ("budget", "bugdet", "budgt", "budgets", "bucket")] == [
        0,
        1,
        1,
        1,
        2,
    ]
    assert trigram_similarity("budget", "budget") == 1
    assert trigram_similarity("abc", "xyz") == 0
