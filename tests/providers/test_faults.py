"""Faults of an upstream on a real socket: each ends in one error with a sentence, what had arrived is kept."""

import asyncio
import json
import resource
import time
import zlib
from collections.abc import Callable

import pytest

from conversations.exceptions import (
    AnswerTooLargeError,
    AnswerTruncatedError,
    ProviderConnectionError,
    ProviderError,
    ProviderProtocolError,
    ProviderTimeoutError,
)
from conversations.outbound import Limits
from conversations.providers import engine
from conversations.providers.base import RESPONSES, Endpoint, TextDelta
from tests.providers.reading import ask, ask_in, hear
from tests.upstream import steps
from tests.upstream.fixtures import Upstream
from tests.upstream.steps import Step

Make = Callable[..., Endpoint]
BEGUN = [steps.head(), *steps.words("Hello", " wor")]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:1/v1", "refused the connection"),
        ("http://nobody.invalid/v1", "name in the provider's address"),
        ("https://127.0.0.1:{port}/v1", "secure connection"),
        ("https://localhost:{tls_port}/v1", "certificate"),
    ],
)
async def test_no_connection_is_told_within_three_seconds(
    upstream: Upstream, make_endpoint: Make, address: str, words: str
) -> None:
    began = time.monotonic()
    heard = await hear(make_endpoint(base_url=address.format(port=upstream.port, tls_port=upstream.tls_port)))
    assert isinstance(heard.error, ProviderConnectionError)
    assert words in heard.error.message
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("last", [steps.close(), steps.reset()])
async def test_a_connection_that_breaks_in_the_answer_truncates_it(
    upstream: Upstream, endpoint: Endpoint, last: Step
) -> None:
    upstream.script("m", [*BEGUN, steps.wait(0.05), last])
    heard = await hear(endpoint)
    assert heard.text == "Hello wor"
    assert isinstance(heard.error, AnswerTruncatedError)
    assert len(upstream.requests()) == 1


async def test_broken_framing_never_ends_as_a_complete_answer(upstream: Upstream, make_endpoint: Make) -> None:
    upstream.script("m", [*BEGUN, steps.wait(0.05), steps.raw(b"nonsense\r\n\r\n"), steps.close()])
    heard = await hear(make_endpoint(idle_timeout=0.5))
    assert heard.text == "Hello wor"
    assert isinstance(heard.error, (AnswerTruncatedError, ProviderTimeoutError))


async def test_a_connection_that_breaks_after_the_finish_mark_lost_nothing(
    upstream: Upstream, endpoint: Endpoint
) -> None:
    upstream.script("m", [*BEGUN, steps.event(steps.chunk(finish="stop")), steps.close()])
    heard = await hear(endpoint)
    assert (heard.error, heard.text, heard.reason) == (None, "Hello wor", "stop")


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([steps.raw(b"SMTP ready\r\n\r\n"), steps.close()], ProviderProtocolError),
        ([steps.raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"), steps.close()], ProviderProtocolError),
        ([steps.raw(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 10_000 + b"\r\n"), steps.close()], ProviderProtocolError),
        ([steps.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), steps.close()], ProviderError),
        ([steps.head(headers={"Content-Encoding": "br"}), steps.send("x")], ProviderProtocolError),
        ([steps.head(headers={"Content-Encoding": "gzip"}), steps.send("x")], ProviderProtocolError),
        ([steps.answer(200, "<html>Sign in</html>")], ProviderProtocolError),
        ([steps.answer(200, b"")], ProviderProtocolError),
        ([steps.answer(204, b"")], ProviderError),
        ([steps.head()], ProviderProtocolError),
    ],
)
async def test_what_is_no_answer_is_named(
    upstream: Upstream, endpoint: Endpoint, script: list[Step], kind: type[ProviderError]
) -> None:
    upstream.script("m", script)
    heard = await hear(endpoint)
    assert isinstance(heard.error, kind)
    assert heard.text == ""


async def test_silence_before_the_first_event_ends_in_time(upstream: Upstream, make_endpoint: Make) -> None:
    upstream.script("m", [steps.head(), steps.endless(": keep-alive\n\n", every=0.02)])
    heard = await hear(make_endpoint(connect_timeout=0.1, first_event_timeout=0.2))
    assert isinstance(heard.error, ProviderTimeoutError)
    assert "did not begin" in heard.error.message
    assert await asyncio.to_thread(upstream.outcome) == "closed by client"


async def test_silence_before_the_headers_ends_in_time(upstream: Upstream, make_endpoint: Make) -> None:
    upstream.script("m", [steps.gate("never")])
    heard = await hear(make_endpoint(connect_timeout=0.1, first_event_timeout=0.2))
    assert isinstance(heard.error, ProviderTimeoutError)
    assert len(upstream.requests()) == 1


async def test_comments_do_not_hide_a_stall(upstream: Upstream, make_endpoint: Make) -> None:
    upstream.script("m", [*BEGUN, steps.endless(": keep-alive\n\n", every=0.02)])
    heard = await hear(make_endpoint(idle_timeout=0.3))
    assert heard.text == "Hello wor"
    assert isinstance(heard.error, ProviderTimeoutError)
    assert "fell silent" in heard.error.message


async def test_the_total_time_is_bounded(upstream: Upstream, make_endpoint: Make) -> None:
    upstream.script("m", [steps.head(), steps.endless(_event("x"), every=0.02)])
    heard = await hear(make_endpoint(total_timeout=0.4))
    assert isinstance(heard.error, ProviderTimeoutError)
    assert "took longer" in heard.error.message
    assert heard.text


async def test_a_slow_reader_is_no_silent_model(upstream: Upstream, make_endpoint: Make) -> None:
    """Time that the reader takes for itself does not count against the provider."""
    upstream.script("m", [*BEGUN, steps.wait(0.2), *steps.words("ld"), *steps.done()])
    text = ""
    async for delta in engine.stream(make_endpoint(idle_timeout=0.5), ask()):
        if isinstance(delta, TextDelta):
            text += delta.text
            await asyncio.sleep(0.6)
    assert text == "Hello world"


def _event(text: str) -> str:
    return f'data: {{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}\n\n'


SMALL = Limits(line=10_000, answer=20_000, body=50_000, wire=200_000)
FLOODS: dict[str, list[Step]] = {
    "endless line": [steps.head(), steps.endless(b"data: x" * 1000)],
    "endless event": [steps.head(), steps.endless(b"data: xxxxxxxxxxxxxxxx\n")],
    "endless answer": [steps.head(), steps.endless(_event("x" * 1000))],
    "endless comments": [steps.head(), steps.endless(b": x\n" * 1000)],
    "endless blanks": [steps.head(), steps.endless(b"\n" * 10_000)],
    "endless document": [steps.head(content_type="application/json"), steps.send("{"), steps.endless(b" " * 10_000)],
    "endless tool call": [
        steps.head(),
        steps.endless(f"data: {json.dumps(steps.chunk({'function_call': {'arguments': 'x' * 1000}}))}\n\n"),
    ],
    "endless reasoning": [steps.head(), steps.endless(_event("x" * 1000).replace("content", "reasoning"))],
}


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_is_cut_off(upstream: Upstream, make_endpoint: Make, name: str) -> None:
    upstream.script("m", FLOODS[name])
    heard = await hear(make_endpoint(limits=SMALL))
    assert isinstance(heard.error, AnswerTooLargeError)
    assert len(heard.text) <= SMALL.answer
    assert await asyncio.to_thread(upstream.outcome) == "closed by client"


@pytest.mark.parametrize("line", [b"data: " + b"x" * 100, b": comment\n" * 10, _event("x" * 100).encode()])
async def test_a_gzip_bomb_meets_the_limits(upstream: Upstream, make_endpoint: Make, line: bytes) -> None:
    """A quarter of a gigabyte in a quarter of a megabyte; memory stays below the bound."""
    packed = _bomb(line)
    upstream.script("m", [steps.head(headers={"Content-Encoding": "gzip"}), steps.send(packed)])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    heard = await hear(make_endpoint(limits=Limits(wire=32 * 2**20)))
    assert isinstance(heard.error, AnswerTooLargeError)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def _bomb(line: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = line * 10_000
    return b"".join(packer.compress(piece) for _ in range(256 * 2**20 // len(piece))) + packer.flush()


async def test_a_final_event_ends_the_answer_though_the_connection_stays_open(
    upstream: Upstream, endpoint: Endpoint
) -> None:
    done = {"object": "response", "status": "completed", "output": [{"type": "message", "content": "Hello"}]}
    upstream.script(
        "m", [steps.head(), steps.event({"type": "response.completed", "response": done}), steps.gate("never")]
    )
    began = time.monotonic()
    heard = await hear(endpoint, ask_in(RESPONSES))
    assert (heard.text, heard.reason, heard.error) == ("Hello", "stop", None)
    assert time.monotonic() - began < 2


async def test_done_ends_the_answer_though_the_connection_stays_open(upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.script("m", [*BEGUN, *steps.done(), steps.gate("never")])
    began = time.monotonic()
    heard = await hear(endpoint)
    assert (heard.text, heard.reason, heard.error) == ("Hello wor", "stop", None)
    assert time.monotonic() - began < 2
