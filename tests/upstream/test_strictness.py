"""The fake is strict: a request the real API would refuse must not pass its tests."""

from typing import Any

import pytest

from tests.upstream import expected_text
from tests.upstream.texts import tokens_of
from tests.upstream.validation import complaint

GOOD: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def test_a_good_request_passes() -> None:
    assert complaint({**GOOD, "stream": True, "stream_options": {"include_usage": True}, "temperature": 0.5}) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"temperature": "0.5"},
        {"temperature": 2.5},
        {"temperature": True},
        {"max_tokens": 0},
        {"max_tokens": 1.5},
        {"max_tokens": None},
        {"max_tokens": 1, "max_completion_tokens": 1},
        {"stop": []},
        {"stop": ["a"] * 5},
        {"stream_options": {}},
        {"model": ""},
        {"messages": []},
        {"messages": [{"role": "robot", "content": "x"}]},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "user", "content": "x", "id": 1}]},
    ],
)
def test_what_the_api_refuses_is_refused(changes: dict[str, Any]) -> None:
    assert complaint({**GOOD, **changes}) is not None


def test_a_text_has_as_many_tokens_as_its_name_says_and_a_seed_of_its_own() -> None:
    assert len(tokens_of("words-123-0")) == 123
    assert expected_text("words-123-0") != expected_text("words-123-0-other")
