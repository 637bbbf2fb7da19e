"""The key goes to its endpoint and nowhere else: no error, detail, repr or log line holds it."""

import logging
import traceback
from collections.abc import Callable

import pytest

from conversations.exceptions import ProviderAuthenticationError, ProviderError
from conversations.providers import engine
from conversations.providers.base import Endpoint
from tests.providers.conftest import CANARY
from tests.providers.reading import ask, hear
from tests.upstream import steps
from tests.upstream.fixtures import Upstream

Make = Callable[..., Endpoint]
PROMPT = "canary-prompt-55aa"
HEADER = "canary-header-77cc"
ECHO = f"Wrong key {CANARY} ({CANARY[:-1]}x), header {HEADER}"
SCRIPTS = [
    [steps.answer(401, steps.error(ECHO, code=CANARY), headers={"x-request-id": CANARY})],
    [steps.answer(400, ECHO)],
    [steps.answer(500, {"detail": ECHO}, headers={"x-should-retry": "false"})],
    [steps.answer(200, {"error": ECHO})],
    [steps.head(), steps.event({"error": {"message": ECHO}})],
    [steps.head(), steps.event({"model": CANARY, "choices": []}), steps.close()],
    [steps.answer(302, b"", headers={"Location": f"http://127.0.0.1:1/{CANARY}"})],
    [steps.raw(b"HTTP/1.1 200 OK\r\n" + CANARY.encode() + b"\r\n\r\n"), steps.close()],
]


@pytest.mark.parametrize("script", SCRIPTS)
async def test_an_echoed_key_is_hidden(
    upstream: Upstream, make_endpoint: Make, script: list[steps.Step], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    upstream.script("m", script)
    address = f"{upstream.url}?key={CANARY}"
    endpoint = make_endpoint(base_url=address, headers={"X-Secret": HEADER}, total_timeout=3)
    heard = await hear(endpoint, ask(text=PROMPT))
    assert heard.error is not None
    shown = ["".join(traceback.format_exception(heard.error))]
    shown += [str(heard.error), repr(heard.error), heard.error.detail, heard.error.request_id, repr(heard.deltas)]
    shown += [repr(endpoint), repr(ask(text=PROMPT)), caplog.text]
    for secret in (CANARY, CANARY[:-1], HEADER, PROMPT):
        assert all(secret not in text for text in shown)
    assert upstream.requests()[0]["headers"]["authorization"] == f"Bearer {CANARY}"


async def test_a_good_answer_logs_no_secret(
    upstream: Upstream, make_endpoint: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")
    await hear(make_endpoint(base_url=f"{upstream.url}?key={CANARY}"), ask("words-5-0", PROMPT))
    assert CANARY not in caplog.text
    assert PROMPT not in caplog.text


@pytest.mark.parametrize("key", ["line\nbreak", "ümlaut", "nul\0"])
async def test_a_key_that_can_not_be_sent_is_told_and_not_shown(make_endpoint: Make, key: str) -> None:
    endpoint = make_endpoint(key=key)
    with pytest.raises(ProviderAuthenticationError) as caught:
        await engine.list_models(endpoint)
    assert key not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/v1", "http://nobody.invalid/v1"])
async def test_a_failed_test_names_the_address_without_the_key(make_endpoint: Make, address: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await engine.check(make_endpoint(base_url=f"{address}?key={CANARY}"))
    assert address in caught.value.message
    assert CANARY not in caught.value.message + caught.value.detail
