"""Runs bytes through the whole reader, without a socket: for cutting them at every boundary."""

from collections.abc import AsyncIterator

import httpx

from conversations.exceptions import ProviderError
from conversations.providers.base import CHAT_COMPLETIONS, ChatRequest, Endpoint
from conversations.providers.retries import Retries
from conversations.providers.streams import read_answer
from conversations.providers.watchdog import Watchdog
from tests.providers.reading import Heard

ENDPOINT = Endpoint(id="replay", kind="openai_compatible", base_url="http://127.0.0.1/v1", key="sk-canary-3f9a1c77d2")


class _Pieces(httpx.AsyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


async def replay(
    *pieces: bytes,
    content_type: str = "text/event-stream",
    endpoint: Endpoint = ENDPOINT,
    format: str = CHAT_COMPLETIONS,  # noqa: A002 (its name everywhere)
) -> Heard:
    request = ChatRequest("m", (), format)
    response = httpx.Response(200, headers={"Content-Type": content_type}, stream=_Pieces(list(pieces)))
    heard = Heard()
    try:
        with Watchdog(endpoint) as watchdog:
            async for delta in read_answer(endpoint, request, response, watchdog, Retries()):
                heard.deltas.append(delta)
    except ProviderError as error:
        heard.error = error
    return heard


async def replay_cut_everywhere(
    data: bytes,
    *,
    content_type: str = "text/event-stream",
    format: str = CHAT_COMPLETIONS,  # noqa: A002
) -> Heard:
    """The same deltas for the whole, for each byte alone and for each cut in two, or the test fails."""

    def summary(heard: Heard) -> tuple[object, ...]:
        said = heard.text, heard.reasoning, heard.refusal, heard.reason, heard.calls, repr(heard.error)
        return *said, heard.usage, heard.citations, heard.items, heard.statuses

    whole = await replay(data, content_type=content_type, format=format)
    cuts = [[data[:cut], data[cut:]] for cut in range(1, len(data))]
    for pieces in [*cuts, [data[at : at + 1] for at in range(len(data))]]:
        assert summary(await replay(*pieces, content_type=content_type, format=format)) == summary(whole)
    return whole


async def replay_bytewise(data: bytes, *, format: str) -> Heard:  # noqa: A002
    """The same for the whole and for each byte alone: for answers whose like is cut everywhere elsewhere."""
    whole = await replay(data, format=format)
    single = await replay(*(data[at : at + 1] for at in range(len(data))), format=format)
    assert (single.text, single.calls, repr(single.error)) == (whole.text, whole.calls, repr(whole.error))
    return whole
