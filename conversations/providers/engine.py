"""What the rest of the site calls: stream an answer, get one whole, list models, test a connection.

All of it raises ``ProviderError`` and its subclasses with sentences for people, and logs neither keys nor prompts.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus

from conversations import outbound
from conversations.exceptions import ProviderError
from conversations.providers import cloudflare, demo
from conversations.providers.addresses import normalise_base_url
from conversations.providers.base import (
    ChatRequest,
    Completion,
    Delta,
    Endpoint,
    Finished,
    TextDelta,
    UsageReport,
    Waiting,
)
from conversations.providers.connection_tests import check, list_models
from conversations.providers.exchange import exchange, refused
from conversations.providers.retries import Retries, why
from conversations.providers.streams import Pause, no_pause, read_answer
from conversations.providers.watchdog import Watchdog
from conversations.providers.wire import Prepared, WireRequest, is_run, prepared, wants_stream, wire_request

__all__ = [
    "WireRequest", "check", "close_all", "complete", "list_models", "normalise_base_url", "stream", "wire_request",
]  # fmt: skip

logger = logging.getLogger(__name__)


async def stream(endpoint: Endpoint, request: ChatRequest, *, pause: Pause = no_pause) -> AsyncGenerator[Delta, None]:
    """The answer as deltas, Finished last. Raises ProviderError; what was given out before stays valid.

    Closing the generator or cancelling its task closes the connection at once. Before each retry it gives Waiting;
    there are none after the first event. The parameter ``stream`` is obeyed: false asks for one piece, and gives the
    same deltas. ``pause`` says how long nobody needs more: until then the provider is not read from.
    """
    answer = _answer(endpoint, request, stream=wants_stream(request), pause=pause)
    async with aclosing(answer) as deltas:
        async for delta in deltas:
            yield delta


async def complete(endpoint: Endpoint, request: ChatRequest) -> Completion:
    """The whole answer at once, without its reasoning. Raises ProviderError."""
    text, usage, reason = "", None, "unknown"
    answer = _answer(endpoint, request, stream=False)
    async with aclosing(answer) as deltas:
        async for delta in deltas:
            match delta:
                case TextDelta():
                    text += delta.text
                case UsageReport():
                    usage = delta
                case Finished():
                    reason = delta.reason
    return Completion(text, usage, reason)


async def close_all() -> None:
    """Close all pooled connections of the running loop: for the end of the process."""
    await outbound.close_all()


def _answer(
    endpoint: Endpoint, request: ChatRequest, *, stream: bool, pause: Pause = no_pause
) -> AsyncGenerator[Delta, None]:
    if endpoint.kind == "demo":
        return demo.stream(endpoint, request)
    return _deltas(endpoint, request, prepared(endpoint, request, stream=stream), pause)


async def _deltas(
    endpoint: Endpoint, request: ChatRequest, wire: Prepared, pause: Pause
) -> AsyncGenerator[Delta, None]:
    retries = Retries()
    with Watchdog(endpoint) as watchdog:
        while True:
            try:
                async with aclosing(_attempt(endpoint, request, wire, watchdog, retries, pause)) as deltas:
                    async for delta in deltas:
                        yield delta
                    return
            except ProviderError as error:
                waiting = _before_another(endpoint, error, retries)
            yield waiting
            await asyncio.sleep(waiting.seconds)


def _before_another(endpoint: Endpoint, error: ProviderError, retries: Retries) -> Waiting:
    """What to wait before the next attempt; raises the error where there is none."""
    seconds = retries.wait_after(error)
    if seconds is None:
        raise error
    logger.info("Provider %s failed (%s), next attempt in %.1f s", endpoint.id, error.code, seconds)
    return Waiting(seconds, why(error))


async def _attempt(
    endpoint: Endpoint, request: ChatRequest, wire: Prepared, watchdog: Watchdog, retries: Retries, pause: Pause
) -> AsyncGenerator[Delta, None]:
    watchdog.restart()
    async with exchange(endpoint, watchdog, wire) as response:
        if response.status_code != HTTPStatus.OK:
            raise await refused(endpoint, response, retries)
        answer = cloudflare.unwrapped(endpoint, response) if is_run(endpoint) else response
        async with aclosing(read_answer(endpoint, request, answer, watchdog, retries, pause)) as deltas:
            async for delta in deltas:
                yield delta
