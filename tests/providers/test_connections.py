"""Connections: reused, closed at once on a stop, without limit on their number."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from conversations.exceptions import ProviderError
from conversations.providers import engine
from conversations.providers.base import Endpoint, TextDelta
from tests.providers.conftest import CANARY
from tests.providers.reading import ask, hear
from tests.upstream import expected_text, steps
from tests.upstream.fixtures import Upstream

Make = Callable[..., Endpoint]


async def test_text_arrives_byte_for_byte(upstream: Upstream, endpoint: Endpoint) -> None:
    for model in ("words-300-0", "words-20-100-b"):
        heard = await hear(endpoint, ask(model))
        assert heard.text == expected_text(model)
        assert (heard.reason, heard.usage[0].output_tokens) == ("stop", int(model.split("-")[1]))


async def test_what_comes_while_nobody_needs_more_is_read_at_once(upstream: Upstream, endpoint: Endpoint) -> None:
    reads = 0

    def pause() -> float:
        nonlocal reads
        reads += 1
        return 0.05

    model = "words-100-200"
    async with aclosing(engine.stream(endpoint, ask(model), pause=pause)) as deltas:
        text = "".join([delta.text async for delta in deltas if isinstance(delta, TextDelta)])
    assert text == expected_text(model)
    assert 0 < reads < 50


async def test_what_came_before_the_connection_broke_is_read_though_nobody_waited_for_it(
    upstream: Upstream, endpoint: Endpoint
) -> None:
    pieces = [f"word{number} " for number in range(40)]
    halves = [*steps.words(*pieces[:20]), steps.wait(0.02), *steps.words(*pieces[20:])]
    upstream.script("m", [steps.head(), *halves, steps.close()])
    text = ""

    async def read() -> None:
        nonlocal text
        async with aclosing(engine.stream(endpoint, ask("m"), pause=lambda: 0.3)) as deltas:
            async for delta in deltas:
                text += delta.text if isinstance(delta, TextDelta) else ""

    with pytest.raises(ProviderError):
        await read()
    assert text == "".join(pieces)


async def test_one_connection_serves_many_answers_one_after_the_other(upstream: Upstream, endpoint: Endpoint) -> None:
    for _ in range(5):
        await hear(endpoint, ask("words-10-0"))
        await engine.list_models(endpoint)
    assert upstream.total_connections() == 1


async def test_connections_after_a_refusal_or_a_stop_do_not_disturb_the_next(
    upstream: Upstream, endpoint: Endpoint
) -> None:
    upstream.script("m", [steps.answer(400, steps.error("x" * 100_000))], times=1)
    await hear(endpoint)
    async with aclosing(engine.stream(endpoint, ask("words-1000-100"))) as deltas:
        await anext(deltas)
    assert (await hear(endpoint, ask("words-10-0"))).text == expected_text("words-10-0")


async def test_a_hundred_and_fifty_answers_run_at_once(upstream: Upstream, endpoint: Endpoint) -> None:
    answers = await asyncio.gather(*(hear(endpoint, ask("words-30-50")) for _ in range(150)))
    assert {heard.text for heard in answers} == {expected_text("words-30-50")}
    assert upstream.total_connections() == 150


@pytest.mark.parametrize("how", ["aclose", "cancel"])
async def test_a_stop_closes_the_connection_within_two_seconds(
    upstream: Upstream, endpoint: Endpoint, how: str
) -> None:
    deltas = engine.stream(endpoint, ask("words-1000-20"))
    while not isinstance(await anext(deltas), TextDelta):
        pass
    began = time.monotonic()
    if how == "aclose":
        await deltas.aclose()
    else:
        await _cancelled(asyncio.ensure_future(_exhaust(deltas)))
    assert await asyncio.to_thread(upstream.outcome) == "closed by client"
    assert time.monotonic() - began < 2


async def test_a_stop_before_the_headers_closes_the_connection(upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.script("m", [steps.gate("never")])
    task = asyncio.ensure_future(hear(endpoint))
    while not await asyncio.to_thread(upstream.requests):
        pass
    await _cancelled(task)
    assert await asyncio.to_thread(upstream.outcome) == "closed by client"


async def test_a_stop_during_a_wait_ends_it_at_once(upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.script("m", [steps.answer(429, b"", headers={"retry-after": "25"})])
    deltas = engine.stream(endpoint, ask())
    assert (await anext(deltas)).seconds == 25  # type: ignore[union-attr]
    began = time.monotonic()
    await _cancelled(asyncio.ensure_future(_exhaust(deltas)))
    assert time.monotonic() - began < 1
    assert len(upstream.requests()) == 1


async def _exhaust(deltas: object) -> None:
    async for _ in deltas:  # type: ignore[attr-defined]
        pass


async def _cancelled(task: "asyncio.Future[Any]") -> None:
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_goes_over_the_wire(upstream: Upstream, make_endpoint: Make) -> None:
    endpoint = make_endpoint(headers={"X-Team": "blue", "Host": "evil", "accept-encoding": "gzip"})
    await hear(endpoint, ask("words-1-0", temperature=0.5, max_tokens=9, stop=["x"], seed=1))
    request = upstream.requests()[-1]
    assert request["body"] == {
        "model": "words-1-0", "messages": [{"role": "user", "content": "hi"}], "temperature": 0.5, "max_tokens": 9,
        "stop": ["x"], "seed": 1, "stream": True, "stream_options": {"include_usage": True},
    }  # fmt: skip
    headers = request["headers"]
    assert headers["authorization"] == f"Bearer {CANARY}"
    assert (headers["accept-encoding"], headers["x-team"]) == ("identity", "blue")
    assert headers["host"].startswith("127.0.0.1:")


async def test_the_usage_option_is_a_switch_and_nothing_unset_is_sent(upstream: Upstream, make_endpoint: Make) -> None:
    heard = await hear(make_endpoint(sends_stream_options=False), ask("words-1-0"))
    assert set(upstream.requests()[-1]["body"]) == {"model", "messages", "stream"}
    assert (heard.usage, heard.reason) == ([], "stop")


async def test_a_very_long_conversation_arrives_whole(upstream: Upstream, endpoint: Endpoint) -> None:
    text = "größer " * 400_000
    assert (await hear(endpoint, ask("words-1-0", text))).error is None
    request = upstream.requests()[-1]
    assert request["body"]["messages"][0]["content"] == text
    assert "transfer-encoding" not in request["headers"]


async def test_the_environments_proxy_is_not_used(
    upstream: Upstream, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert os.environ["http_proxy"]
    assert (await hear(endpoint, ask("words-1-0"))).error is None


async def test_a_query_in_the_base_url_survives(upstream: Upstream, make_endpoint: Make) -> None:
    await hear(make_endpoint(base_url=f"{upstream.url}?api-version=2024-10-21"), ask("words-1-0"))
    assert upstream.requests()[-1]["query"] == "api-version=2024-10-21"


async def test_cookies_are_not_kept(upstream: Upstream, endpoint: Endpoint) -> None:
    script = [steps.head(headers={"Set-Cookie": "a=b; Path=/"}), *steps.words("ok"), *steps.done()]
    upstream.script("m", script)
    await hear(endpoint)
    await hear(endpoint)
    assert "cookie" not in upstream.requests()[-1]["headers"]


async def test_a_whole_answer_comes_without_a_stream(upstream: Upstream, endpoint: Endpoint) -> None:
    completion = await engine.complete(endpoint, ask("words-20-0"))
    assert (completion.text, completion.finish_reason) == (expected_text("words-20-0"), "stop")
    assert completion.usage is not None
    assert "stream" not in upstream.requests()[-1]["body"]
