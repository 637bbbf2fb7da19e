"""Cloudflare's own format: what goes in, and what comes out of its envelope, whole and in pieces."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from conversations.exceptions import (
    AnswerTooLargeError,
    ContentFilterError,
    ProviderError,
    ProviderProtocolError,
    ProviderServerError,
)
from conversations.outbound import Limits
from conversations.providers.base import ChatMessage, ChatRequest, Endpoint
from conversations.providers.cloudflare import chunk_in, document_in, run_request, setting_problem, unwrapped
from tests.providers.reading import hear
from tests.upstream import steps
from tests.upstream.fixtures import Upstream

Make = Callable[..., Endpoint]
OWN = "@cf/meta/llama-3.1-8b-instruct"
ROUTE = f"POST /cloudflare/client/v4/accounts/acc/ai/run/{OWN}"


@pytest.fixture
def run(upstream: Upstream, make_endpoint: Make) -> Endpoint:
    address = upstream.at("/cloudflare/client/v4/accounts/acc/ai")
    return make_endpoint(kind="cloudflare", route="run", base_url=address)


def ask(model: str = OWN, **parameters: object) -> ChatRequest:
    return ChatRequest(model, (ChatMessage("user", "hi"),), parameters=parameters)


def test_own_models_take_their_input_flat_and_others_beside_their_name() -> None:
    body = {"model": OWN, "messages": [], "stream": True, "stream_options": {"include_usage": True}}
    assert run_request("run", dict(body)) == (f"run/{OWN}", {"messages": [], "stream": True})
    other = {**body, "model": "openai/gpt-4.1"}
    rest = {name: value for name, value in other.items() if name != "model"}
    assert run_request("run", other) == ("run", {"model": "openai/gpt-4.1", "input": rest})


def test_a_models_name_can_not_leave_its_place_in_the_path() -> None:
    assert run_request("run", {"model": "@cf/x?a=b#c"})[0] == "run/@cf/x%3Fa%3Db%23c"


@pytest.mark.parametrize(
    ("answer", "text", "reason"),
    [
        ({"result": {"response": "Yes."}, "success": True, "errors": []}, "Yes.", "stop"),
        ({"result": {"response": 42}, "success": True}, "42", "stop"),
        ({"result": "Yes.", "success": True}, "Yes.", "stop"),
        ({"result": {"response": {"a": 1}}, "success": True}, '{"a":1}', "stop"),
        ({"result": {"choices": [{"message": {"content": "Yes."}, "finish_reason": "length"}]}}, "Yes.", "length"),
        ({"choices": [{"message": {"content": "Bare."}, "finish_reason": "stop"}]}, "Bare.", "stop"),
    ],
)
async def test_an_answer_in_one_piece_comes_out_of_its_envelope(
    upstream: Upstream, run: Endpoint, answer: dict[str, Any], text: str, reason: str
) -> None:
    upstream.script(ROUTE, [steps.answer(200, answer)])
    heard = await hear(run, ask(stream=False))
    assert (heard.text, heard.reason, heard.error) == (text, reason, None)


async def test_native_tool_calls_become_calls(upstream: Upstream, run: Endpoint) -> None:
    calls = [{"name": "f", "arguments": {"a": 1}}, {"id": "c2", "type": "function", "function": {"name": "g"}}]
    upstream.script(ROUTE, [steps.answer(200, {"result": {"response": None, "tool_calls": calls}, "success": True})])
    heard = await hear(run, ask(stream=False))
    assert [(name, arguments) for _, name, arguments in heard.calls.values()] == [("f", '{"a": 1}'), ("g", "")]
    assert heard.reason == "tool_calls"


NATIVE = (
    'data: {"response":"Une "}\r\n\r\n: comment\r\n\r\ndata: {"response":7}\n\ndata: {"response":" clés\\u2028🙂"}\n\n'
    'data: {"response":"","usage":{"prompt_tokens":3,"completion_tokens":4}}\n\ndata: [DONE]\n\n'
).encode()


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 0])
async def test_a_native_stream_reads_the_same_however_it_is_cut(upstream: Upstream, run: Endpoint, cut: int) -> None:
    upstream.script(ROUTE, [steps.head(), steps.send(NATIVE, cut=cut)])
    heard = await hear(run, ask())
    assert (heard.text, heard.error) == ("Une 7 clés\u2028🙂", None)
    assert (heard.usage[0].input_tokens, heard.usage[0].output_tokens) == (3, 4)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(200, ContentFilterError, 2016), (200, ProviderServerError, 1), (424, ContentFilterError, 2017)],
)
async def test_a_failure_in_the_envelope_is_a_failure(
    upstream: Upstream, run: Endpoint, status: int, kind: type[ProviderError], code: int
) -> None:
    body = {"result": None, "success": False, "errors": [{"code": code, "message": "blocked"}], "messages": []}
    upstream.script(ROUTE, [steps.answer(status, body)])
    error = (await hear(run, ask(stream=False))).error
    assert type(error) is kind
    assert error.detail == "blocked"


async def test_a_failure_in_the_middle_of_a_stream_keeps_what_came_before(upstream: Upstream, run: Endpoint) -> None:
    wrong = {"success": False, "errors": [{"code": 3040, "message": "full"}]}
    upstream.script(ROUTE, [steps.head(), steps.event({"response": "So "}), steps.event(wrong)])
    heard = await hear(run, ask())
    assert (heard.text, heard.error.detail if heard.error else "") == ("So ", "full")


async def test_a_page_and_garbage_are_no_answers(upstream: Upstream, run: Endpoint) -> None:
    for wrong in (steps.answer(200, "<html>x</html>"), steps.answer(200, b"{broken")):
        upstream.script(ROUTE, [wrong], times=1)
        assert isinstance((await hear(run, ask())).error, ProviderProtocolError)


async def test_an_envelope_has_a_bound() -> None:
    limits = Limits(body=1000)
    endpoint = Endpoint(id="x", kind="cloudflare", base_url="http://x", limits=limits)
    content = httpx.ByteStream(b'{"result": "' + b"x" * 2000 + b'"}')
    with pytest.raises(AnswerTooLargeError):
        await unwrapped(endpoint, httpx.Response(200, stream=_Cut(content))).aread()


class _Cut(httpx.AsyncByteStream):
    def __init__(self, content: httpx.ByteStream) -> None:
        self._data = b"".join(content)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._data), 100):
            yield self._data[start : start + 100]


@pytest.mark.parametrize(
    "value", [None, [], 5, "x", {}, {"result": None}, {"errors": [None]}, {"result": {"response": []}}]
)
def test_no_value_breaks_the_unwrapping(value: Any) -> None:
    json.dumps([document_in(value), chunk_in(value)])


def test_events_of_responses_pass_as_they_are() -> None:
    event = {"type": "response.created", "response": {"id": "r"}, "sequence_number": 0}
    assert chunk_in(event) == event


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("CF-AIG-Skip-Cache", "true", "yes"),
        ("cf-aig-cache-ttl", "60", "59"),
        ("cf-aig-max-attempts", "5", "6"),
        ("cf-aig-retry-delay", "0", "-1"),
        ("cf-aig-backoff", "linear", "slow"),
        ("cf-aig-metadata", '{"a": 1, "b": true}', '{"a": {}}'),
    ],
)
def test_settings_of_the_gateway_are_checked_before_they_are_sent(name: str, good: str, bad: str) -> None:
    assert setting_problem(name, good) == ""
    assert setting_problem(name, bad).startswith(name.lower())
    assert setting_problem("X-Other", bad) == ""
