"""Responses streams that are not as they should be: nothing is lost, nothing is said twice, no wrong value hurts."""

import json
import random
import typing
from typing import Any

import pytest
from openai.types.responses import ResponseStreamEvent

from conversations.exceptions import (
    AnswerTooLargeError,
    AnswerTruncatedError,
    ContextOverflowError,
    ProviderError,
    ProviderProtocolError,
    ProviderQuotaError,
    ProviderRateLimitError,
    ProviderRequestError,
    ProviderServerError,
)
from conversations.outbound import Limits
from conversations.providers.base import RESPONSES, Endpoint, Started
from conversations.providers.responses_events import EVENTS
from tests.providers.reading import Heard
from tests.providers.recorded.responses import CALLS, PLAIN, SECRET, SOURCED
from tests.providers.recorded.responses_shapes import (
    ARGUMENTS,
    USAGE,
    begins,
    called,
    ends,
    function,
    message,
    reasoning,
    said,
    searched,
    thought,
    whole,
)
from tests.providers.replay import ENDPOINT, replay, replay_bytewise

Event = dict[str, Any]
TEXT = "Rayleigh 🌤"


def stream(*events: Event) -> bytes:
    return "".join(f"event: {event.get('type')}\ndata: {json.dumps(event)}\n\n" for event in events).encode(
        "utf-8", "surrogatepass"
    )


async def read(*events: Event, endpoint: Endpoint = ENDPOINT) -> Heard:
    return await replay(stream(*events), format=RESPONSES, endpoint=endpoint)


def without(events: list[Event], *ends_of_types: str) -> list[Event]:
    return [event for event in events if not event["type"].endswith(ends_of_types)]


def test_every_event_type_of_the_api_has_a_meaning() -> None:
    members = typing.get_args(typing.get_args(ResponseStreamEvent)[0])
    types = {typing.get_args(member.model_fields["type"].annotation)[0] for member in members}
    assert len(types) == 59
    assert set(EVENTS) == types


FULL = [
    *begins(),
    *thought(SECRET, 0),
    *said(SOURCED, 1, "See ", "here."),
    *called(CALLS[0], 2, ARGUMENTS),
    ends(SECRET, SOURCED, CALLS[0]),
]


@pytest.mark.parametrize(
    "lost",
    [
        (".delta",),
        (".delta", "_text.done", "arguments.done"),
        (".delta", "part.done", "_text.done", "arguments.done"),
        ("output_item.added",),
        ("output_item.done", "part.done", "_text.done", "arguments.done"),
        (".delta", ".added", "part.done", "_text.done", "arguments.done", "item.done"),
        ("created", "in_progress", ".added"),
    ],
)
async def test_what_is_lost_on_the_way_is_made_up_for(lost: tuple[str, ...]) -> None:
    heard = await read(*without(FULL, *lost))
    assert (heard.text, heard.reasoning) == ("See here.", "First the city.\n\nThen the weather.")
    assert heard.calls == {0: ("call_a", "weather", ARGUMENTS)}
    assert (heard.reason, heard.usage, heard.error) == ("tool_calls", [USAGE], None)
    assert [citation.url for citation in heard.citations] == ["https://example.org/a"]
    assert [item["type"] for item in heard.items] == ["reasoning", "message", "function_call"]


async def test_any_events_may_be_lost_and_nothing_is_said_twice() -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    for _ in range(300):
        heard = await read(*[event for event in FULL[:-1] if chance.random() < 0.7], FULL[-1])
        assert heard.error is None
        assert (heard.text.count("See "), heard.text.count("here.")) in {(1, 1), (0, 1), (1, 0)}
        assert heard.reasoning.count("First") <= 1
        assert len(heard.citations) <= 2


async def test_pieces_come_at_once_and_not_at_the_end() -> None:
    half = [*begins(), *said(PLAIN, 0, "Ray", "leigh 🌤")][:5]
    heard = await read(*half)
    assert heard.text == "Rayleigh 🌤"[:3]
    assert isinstance(heard.error, AnswerTruncatedError)
    assert heard.deltas[0] == Started("", "m")


HERE = said(PLAIN, 0, "Ray", "leigh 🌤")
BEFORE = thought(SECRET, 0)
ONE, TWO = message("One.", "a"), message("Two.", "b")


def lacking(name: str, *events: Event) -> list[Event]:
    return [{key: value for key, value in event.items() if key != name} for event in events]


def with_changing_ids(*events: Event) -> list[Event]:
    return [{**event, "item_id": f"x{at}"} if "item_id" in event else event for at, event in enumerate(events)]


ODD: dict[str, tuple[list[Event], str]] = {
    "ids change from event to event": ([*with_changing_ids(*HERE), ends(message(TEXT, "other"))], TEXT),
    "no ids": ([*lacking("item_id", *HERE), ends(message(TEXT, ""))], TEXT),
    "no places": ([*lacking("output_index", *HERE), ends(PLAIN)], TEXT),
    "every item at place 0": ([*BEFORE, *HERE, ends(SECRET, PLAIN)], TEXT),
    "two messages at place 0": ([*said(ONE, 0, "One."), *said(TWO, 0, "Two."), ends(ONE, TWO)], "One.\n\nTwo."),
    "items left out at the end": ([*BEFORE, *said(PLAIN, 1, TEXT), ends(PLAIN)], TEXT),
    "the same under other ids": ([*BEFORE, *said(PLAIN, 1, TEXT), ends(message(TEXT, "z"))], TEXT),
    "an empty final list": ([*HERE, ends()], TEXT),
    "unknown events": ([{"type": "response.dream.delta", "delta": "x"}, *HERE, {"type": "x"}, ends(PLAIN)], TEXT),
    "unknown keys": ([*said({**PLAIN, "mood": 1}, 0, TEXT), ends(PLAIN, mood=1)], TEXT),
    "the text only beside the items": ([{**ends(), "response": whole(output_text=TEXT)}], TEXT),
    "an answer changed at the end": ([*HERE, ends(message("Another text"))], TEXT),
    "spoken words": ([{"type": "response.audio.transcript.delta", "delta": TEXT}, ends()], TEXT),
    "DONE at the end": ([*HERE, ends(PLAIN)], TEXT),
}


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_stream_is_read_as_meant_also_byte_by_byte(name: str) -> None:
    events, text = ODD[name]
    data = stream(*events) + (b"data: [DONE]\n\n" if name.startswith("DONE") else b"")
    heard = await replay_bytewise(data, format=RESPONSES)
    assert (heard.text, heard.error, heard.reason) == (text, None, "stop")


async def test_calls_whose_items_look_alike_stay_apart() -> None:
    alike = [function("weather", "call_a", "fc_0"), function("time", "call_b", "fc_0", "{}")]
    heard = await read(*called(alike[0], 0, ARGUMENTS), *called(alike[1], 0, "{}"), ends(*alike))
    assert list(heard.calls.values()) == [("call_a", "weather", ARGUMENTS), ("call_b", "time", "{}")]


async def test_a_call_without_its_id_gets_one_and_objects_become_json() -> None:
    call = {"type": "function_call", "name": "f", "arguments": {"x": 1}}
    heard = await read({"type": "response.output_item.done", "output_index": 0, "item": call}, ends())
    assert heard.calls == {0: ("call_0", "f", '{"x": 1}')}
    assert heard.reason == "tool_calls"


async def test_a_summary_and_the_same_in_clear_are_shown_once() -> None:
    item = reasoning("Short.", content=[{"type": "reasoning_text", "text": "At length."}])
    assert (await read(*thought(item, 0), *said(PLAIN, 1, TEXT), ends(item, PLAIN))).reasoning == "Short."
    assert (await read(ends(item, PLAIN))).reasoning == "At length."


async def test_sources_name_their_place_in_the_whole_text() -> None:
    sourced = {**SOURCED, "id": "msg_2"}
    heard = await read(*said(PLAIN, 0, TEXT), *searched(1), *said(sourced, 2, "See ", "here."), ends(PLAIN, sourced))
    [citation] = heard.citations
    assert citation.start is not None
    assert heard.text[citation.start : citation.end] == "here"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://", "http://a b", "ftp://x", "", 5, "//x.org"]
)
async def test_only_web_addresses_become_sources(url: Any) -> None:
    link = {"type": "url_citation", "url": url, "title": "x", "start_index": 0, "end_index": 1}
    assert (await read(ends(message("Hi", annotations=[link, None, 5])))).citations == []  # type: ignore[list-item]


async def test_the_work_of_hosted_tools_is_told_once_and_kept_for_a_tool_loop() -> None:
    heard = await read(*thought(SECRET, 0), *searched(1), *called(CALLS[0], 2, ARGUMENTS), ends(SECRET, CALLS[0]))
    assert heard.statuses == [("web_search", status) for status in ("in_progress", "searching", "completed")]
    assert [item["type"] for item in heard.items] == ["reasoning", "web_search_call", "function_call"]
    assert heard.items[0] == SECRET


async def test_a_picture_is_not_kept() -> None:
    picture = {"type": "image_generation_call", "id": "ig", "status": "completed", "result": "A" * 5000}
    heard = await read(ends(picture, CALLS[0]))
    assert heard.statuses == [("image_generation", "completed")]
    assert all("result" not in item for item in heard.items)


def failed(code: Any, text: str = "No.") -> Event:
    return ends(PLAIN, status="failed") | {
        "response": whole(PLAIN, status="failed") | {"error": {"code": code, "message": text}}
    }


FAILURES: list[tuple[Event, type[ProviderError]]] = [
    (failed("server_error"), ProviderServerError),
    (failed("rate_limit_exceeded"), ProviderRateLimitError),
    (failed("insufficient_quota"), ProviderQuotaError),
    (failed("invalid_prompt"), ProviderRequestError),
    (failed("image_too_large"), ProviderRequestError),
    (failed("context_length_exceeded"), ContextOverflowError),
    (failed(None), ProviderServerError),
    ({"type": "error", "code": "rate_limit_exceeded", "message": "x", "param": None}, ProviderRateLimitError),
    ({"type": "error", "error": {"type": "x", "code": "bio_policy", "message": "x"}}, ProviderRequestError),
    ({"type": "error", "code": None, "message": "x", "param": None}, ProviderServerError),
    ({"error": {"message": "x", "code": "server_error"}}, ProviderServerError),
    (ends(PLAIN, status="cancelled") | {"type": "response.completed"}, ProviderError),
    (ends({"type": "mcp_approval_request", "id": "a", "name": "n", "arguments": "{}"}), ProviderRequestError),
    ({"choices": [{"delta": {"content": "x"}}]}, ProviderProtocolError),
]


@pytest.mark.parametrize(("event", "error"), FAILURES)
async def test_a_failure_keeps_what_had_arrived_and_its_usage(event: Event, error: type[ProviderError]) -> None:
    heard = await replay_bytewise(stream(*begins(), *said(PLAIN, 0, TEXT), event), format=RESPONSES)
    if event.get("response", {}).get("status") != "cancelled":
        assert isinstance(heard.error, error)
        assert heard.error.message
    assert heard.text == TEXT
    assert heard.usage == ([USAGE] if event.get("response", {}).get("usage") else [])


@pytest.mark.parametrize(
    ("status", "error"),
    [("failed", ProviderServerError), ("cancelled", AnswerTruncatedError), ("queued", ProviderProtocolError)],
)
async def test_a_document_that_is_no_answer_says_why(status: str, error: type[ProviderError]) -> None:
    heard = await replay(json.dumps(whole(PLAIN, status=status)).encode(), format=RESPONSES)
    assert (type(heard.error), heard.text) == (error, TEXT)


@pytest.mark.parametrize(
    ("details", "reason"),
    [({"reason": "max_output_tokens"}, "length"), ({"reason": "content_filter"}, "content_filter"), (None, "unknown")],
)
async def test_an_incomplete_answer_names_its_reason(details: Any, reason: str) -> None:
    heard = await read(ends(CALLS[0], status="incomplete", incomplete_details=details))
    assert (heard.reason, heard.error) == (reason, None)


async def test_an_answer_without_a_final_event_is_cut_off_even_if_the_server_says_done() -> None:
    data = stream(*begins(), *said(PLAIN, 0, TEXT)) + b"data: [DONE]\n\n"
    heard = await replay(data, format=RESPONSES)
    assert isinstance(heard.error, AnswerTruncatedError)
    assert heard.text == TEXT


async def test_an_answer_of_nothing_is_an_error() -> None:
    assert isinstance((await read(*begins(), ends())).error, ProviderServerError)
    assert isinstance((await replay(b"", format=RESPONSES)).error, ProviderProtocolError)


async def test_a_flood_of_arguments_meets_the_limit() -> None:
    endpoint = Endpoint(id="x", kind="openai", base_url="http://127.0.0.1", limits=Limits(answer=10_000))
    heard = await read(*called(CALLS[0], 0, *["x" * 100] * 200), endpoint=endpoint)
    assert isinstance(heard.error, AnswerTooLargeError)


DEEP: Any = json.loads("[" * 700 + "]" * 700)
WRONG: list[Any] = [
    DEEP,
    {"text": DEEP},
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "\0\ud800",
    [],
    [[1]],
    {},
    {"type": 5},
    [None],
]
SAMPLE = [
    *thought(SECRET, 0)[1:3],
    *said(SOURCED, 1, "See here.")[0::3],
    *called(CALLS[0], 2, ARGUMENTS)[0:2],
    *searched(3)[1:3],
    FULL[-1],
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: repr(wrong)[:20])
async def test_wrong_types_anywhere_raise_nothing_but_provider_errors(wrong: Any) -> None:
    """``replay`` lets everything else through, and the test fails with it. What is kept can be stored."""
    for event in SAMPLE:
        for variant in _variants(event, wrong):
            heard = await read(variant, *said(PLAIN, 9, TEXT), ends(PLAIN))
            assert heard.error is None or heard.error.message
            json.dumps(heard.items).encode()
            assert "\\u0000" not in json.dumps(heard.items)


def _variants(value: Any, wrong: Any) -> list[Any]:
    """The value with each of its parts in turn replaced."""
    if isinstance(value, dict):
        changed = [{**value, key: inner} for key in value for inner in _variants(value[key], wrong)]
        return changed if "type" in value and value["type"].startswith("response.") else [wrong, *changed]
    if isinstance(value, list):
        return [wrong, *([inner] for item in value for inner in _variants(item, wrong))]
    return [wrong]
