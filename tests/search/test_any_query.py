"""No query fails, on either database."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations import search
from conversations.models import LanguageModel, User
from tests.search.said import asked

pytestmark = pytest.mark.django_db

_FILTERS = ("model:", "from:me ", "folder:a ", "before:", "has:code ", "is:shared ", "tag:", "-")
_SIGNS = ('"', "*", "^", "AND ", "NEAR(a b)", "OR ", "NOT ", "'", "\\", "\0", "\ud800", "<->", ":*", "!", "|", "()")
_WORDS = ("東", "東京", "สวัสดี", "c++", "~q ", "1:a ")
_PARTS = st.sampled_from([*_FILTERS, *_SIGNS, *_WORDS])
_QUERIES = st.text() | st.lists(_PARTS | st.text(max_size=4), max_size=12).map("".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
@given(query=_QUERIES)
def test_any_text_is_answered(alice: User, model: LanguageModel, query: str) -> None:
    search.search(alice, query)


_LONG = ["x" * 10_000, "a " * 5000, '"' * 10_000, "is:shared " * 1000, "東" * 10_000, "-a " * 99]


@pytest.mark.parametrize("query", _LONG)
def test_a_very_long_query_is_answered(alice: User, model: LanguageModel, query: str) -> None:
    conversation = asked(alice, "東京 a x").conversation
    search.search(alice, query)
    search.matches_in(conversation, query)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
@given(text=st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_indexed_and_found_by_its_first_word(alice: User, model: LanguageModel, text: str) -> None:
    asked(alice, f"start {text}")
    assert search.search(alice, "start ").hits
