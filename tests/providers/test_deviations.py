"""What OpenAI-compatible servers do differently from OpenAI, each as bytes of a whole answer, cut at every boundary."""

import json
from typing import Any

import pytest

from conversations.exceptions import ProviderProtocolError
from conversations.providers.base import RefusalDelta, Started
from tests.providers.deviation_cases import CALL, CASES, DONE, END, HI, USAGE, Case, sse, tool
from tests.providers.replay import replay, replay_cut_everywhere
from tests.upstream.steps import chunk


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_deviation_is_read_as_meant_wherever_it_is_cut(case: Case) -> None:
    heard = await replay_cut_everywhere(case.stream.encode("utf-8", "surrogatepass"))
    assert (heard.text, heard.reasoning, heard.reason) == (case.text, case.reasoning, case.reason)
    assert heard.usage == ([case.usage] if case.usage else [])
    assert tuple(heard.calls.values()) == case.calls
    assert type(heard.error) is (case.error or type(None))


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_line_ends_make_no_difference(case: Case, end: str) -> None:
    if case.stream.startswith(("data", ":", "event")):
        plain = await replay(case.stream.encode("utf-8", "surrogatepass"))
        other = await replay(case.stream.replace("\n", end).encode("utf-8", "surrogatepass"))
        assert (other.deltas, repr(other.error)) == (plain.deltas, repr(plain.error))


DEEP: Any = json.loads("[" * 700 + "]" * 700)
WRONG: list[Any] = [
    DEEP,
    {"text": DEEP},
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    10**30,
    "",
    "x",
    "\0",
    [],
    [1],
    [[]],
    {},
    {"index": "x"},
    [{"text": 5}],
    [None],
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: repr(wrong)[:20])
async def test_wrong_types_anywhere_raise_nothing_but_provider_errors(wrong: Any) -> None:
    """``replay`` lets everything else through, and the test fails with it."""
    usage = {**USAGE, "prompt_tokens_details": {"cached_tokens": 1}}
    good = {**tool({"index": 0, **CALL}), "usage": usage, "model": "m"}
    bad = {"error": {"message": "x", "code": 1, "type": "y", "param": None}}
    parts = chunk({"content": [{"type": "thinking", "thinking": "x"}], "reasoning": "x", "refusal": "x"})
    for value in [variant for whole in (good, bad, parts) for variant in _variants(whole, wrong)]:
        heard = await replay(sse(HI, value, END, DONE).encode())
        assert heard.text.startswith("Hi")
        assert heard.error is None or heard.error.message


def _variants(value: Any, wrong: Any) -> list[Any]:
    """The value with each of its parts in turn replaced."""
    if isinstance(value, dict):
        return [wrong, *({**value, key: changed} for key in value for changed in _variants(value[key], wrong))]
    if isinstance(value, list):
        return [wrong, *([changed] for item in value for changed in _variants(item, wrong))]
    return [wrong]


async def test_a_refusal_and_the_models_name_come_through() -> None:
    heard = await replay(sse({**chunk({"refusal": "No."}), "model": "m-2"}, END, DONE).encode())
    assert heard.deltas[:2] == [Started("", "m-2"), RefusalDelta("No.")]


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json; charset=utf-8", "TEXT/EVENT-STREAM;x=y"])
async def test_the_bytes_tell_more_than_the_content_type(content_type: str) -> None:
    assert (await replay(sse(HI, END).encode(), content_type=content_type)).text == "Hi"


async def test_a_picture_is_no_answer() -> None:
    heard = await replay(b"\x89PNG", content_type="image/png")
    assert isinstance(heard.error, ProviderProtocolError)
    assert "image/png" in heard.error.detail
