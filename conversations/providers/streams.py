"""From the bytes of an answer to deltas, whatever form the server chose: a stream of events, or one document."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from itertools import groupby
from typing import Any, Final

import httpx

from conversations.exceptions import (
    AnswerTruncatedError,
    ProviderConnectionError,
    ProviderError,
    ProviderProtocolError,
    ProviderTimeoutError,
)
from conversations.outbound import bounded_bytes
from conversations.providers.answer_reader import AnswerReader
from conversations.providers.base import RESPONSES, ChatRequest, Delta, Endpoint, TextDelta
from conversations.providers.chat_reader import ChatReader
from conversations.providers.errors import redacted, refusal_in, request_id_in
from conversations.providers.exchange import whole_body
from conversations.providers.payloads import mapping, parsed
from conversations.providers.responses_reader import ResponsesReader
from conversations.providers.retries import Retries
from conversations.providers.sse import Event, EventReader
from conversations.providers.watchdog import Watchdog

_BLANK: Final = b" \t\r\n\xef\xbb\xbf"
_STREAM_TYPES: Final = frozenset(
    {"", "text/event-stream", "text/plain", "application/octet-stream", "application/json", "application/x-ndjson"}
)
_AFTER_FINISH_SECONDS: Final = 5.0
_AFTER_DONE_SECONDS: Final = 0.25
_WEB_PAGE: Final = "The provider answered with a web page. Ask an admin to check its address: it often ends in /v1."


Pause = Callable[[], float]


def no_pause() -> float:
    return 0.0


Values = Iterator[tuple[Any, str]]


class _Values:
    """The JSON values of an answer, each with the name of its event, by what arrived together.

    ``done``: the server said that this was all.
    """

    def __init__(self, endpoint: Endpoint, response: httpx.Response, watchdog: Watchdog, pause: Pause) -> None:
        self.done = False
        self._pause = pause
        self._endpoint = endpoint
        self._response = response
        self._watchdog = watchdog

    async def read(self, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[Values, None]:
        beginning = await self._beginning(chunks)
        if beginning.startswith((b"{", b"[")):
            body = await whole_body(chunks, self._watchdog, self._endpoint.limits.body, beginning)
            yield iter([(self._document(parsed(body)), "")])
            self.done = True
            return
        self._check_type(beginning)
        events = EventReader(self._endpoint.limits.line)
        chunk = beginning
        while not self.done:
            yield self._parsed(events.feed(chunk) if chunk else events.finish())
            if self.done or not chunk:
                return
            if (seconds := self._pause()) > 0:
                await asyncio.sleep(seconds)  # what comes meanwhile is read at once: fewer reads, each for more
            chunk = await self._watchdog.next_chunk(chunks)

    def _parsed(self, events: list[Event]) -> Values:
        for event in events:
            self._watchdog.heard()
            if event.data.lstrip().startswith(b"[DONE]"):
                self.done = True
                return
            yield parsed(event.data), event.name

    async def _beginning(self, chunks: AsyncGenerator[bytes, None]) -> bytes:
        """The first bytes that are no blanks: they tell what it is better than the content type does."""
        while chunk := await self._watchdog.next_chunk(chunks):
            if begun := chunk.lstrip(_BLANK):
                return begun
        return b""

    def _check_type(self, beginning: bytes) -> None:
        content_type = self._response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if beginning.startswith(b"<") or content_type in {"text/html", "application/xhtml+xml"}:
            raise ProviderProtocolError(_WEB_PAGE)
        if content_type not in _STREAM_TYPES:
            raise ProviderProtocolError(detail=f"Content-Type: {content_type}")

    def _document(self, value: Any) -> Any:
        if isinstance(value, list) or {"choices", "output"} & set(mapping(value)) or mapping(value).get("error"):
            return value
        raise ProviderProtocolError(detail=redacted(self._endpoint, refusal_in(value).message))


async def read_answer(
    endpoint: Endpoint,
    request: ChatRequest,
    response: httpx.Response,
    watchdog: Watchdog,
    retries: Retries,
    pause: Pause = no_pause,
) -> AsyncGenerator[Delta, None]:
    """The deltas of one 200 answer in the request's format; any but Responses is read as Chat Completions.

    ``pause`` tells before each further read how many seconds nobody needs more; they don't count as silence.
    Raises ProviderError, after what was still held back has been given out. ``retries`` are over with the first event.
    """
    made_for = ResponsesReader if request.format == RESPONSES else ChatReader
    reader: AnswerReader = made_for(endpoint, request_id_in(endpoint, response.headers))
    values = _Values(endpoint, response, watchdog, pause)
    try:
        async with aclosing(bounded_bytes(response, endpoint.limits.wire)) as chunks:
            async with aclosing(values.read(chunks)) as arriving:
                async for together in arriving:
                    said: list[Delta] = []
                    error = _read(together, reader, retries, said)
                    values.done = values.done or reader.is_complete
                    if reader.has_finish_mark:
                        watchdog.last_words(_AFTER_FINISH_SECONDS)
                    for delta in _joined(said):
                        yield delta
                    if error:
                        raise error
            if values.done:
                await _drain(chunks, watchdog)
        last = reader.finish(done=values.done)
    except ProviderError as error:
        if not _is_after_the_end(error, reader):
            for delta in reader.kept():
                yield delta
            raise _in_context(error, reader) from error
        last = reader.finish(done=True)
    for delta in last:
        yield delta


def _read(values: Values, reader: AnswerReader, retries: Retries, said: list[Delta]) -> ProviderError | None:
    """Add to ``said`` what the values say, up to one that is an error."""
    try:
        for value, name in values:
            retries.over = True
            said += reader.feed(value, name)
    except ProviderError as error:
        return error
    return None


def _joined(deltas: list[Delta]) -> Iterator[Delta]:
    """The same with neighbouring pieces of text as one: each costs time in all that comes after."""
    for kind, run in groupby(deltas, key=type):
        if kind is TextDelta:
            yield TextDelta("".join(delta.text for delta in run if isinstance(delta, TextDelta)))
        else:
            yield from run


async def _drain(chunks: AsyncGenerator[bytes, None], watchdog: Watchdog) -> None:
    """Read the end of the body, if it is there already, so that the connection can be used again."""
    watchdog.last_words(_AFTER_DONE_SECONDS)
    try:
        while await watchdog.next_chunk(chunks):
            pass
    except ProviderError:
        return  # the answer is complete: only the connection is lost, and it will be closed


def _is_after_the_end(error: ProviderError, reader: AnswerReader) -> bool:
    """Some servers keep or break the connection when all is said: the finish mark has come, nothing is missing."""
    return reader.has_finish_mark and isinstance(error, (ProviderConnectionError, ProviderTimeoutError))


def _in_context(error: ProviderError, reader: AnswerReader) -> ProviderError:
    """A connection lost in the middle of an answer is a truncated answer."""
    if reader.has_started and isinstance(error, ProviderConnectionError):
        return AnswerTruncatedError(detail=error.detail, request_id=reader.request_id)
    return error
