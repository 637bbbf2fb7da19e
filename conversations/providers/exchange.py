"""One HTTP exchange with an endpoint: its request, its deadlines, its body, its refusals."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import Final, TypeVar

import httpx
import msgspec

from conversations.exceptions import (
    AnswerTooLargeError,
    ProviderAuthenticationError,
    ProviderError,
    ProviderRequestError,
    ProviderTimeoutError,
)
from conversations.outbound import bounded_bytes, translated_errors
from conversations.providers.addresses import below
from conversations.providers.base import Endpoint
from conversations.providers.errors import in_words, provider_error, refusal_of_body, request_id_in
from conversations.providers.retries import Retries, retry_after

T = TypeVar("T")

_ERROR_BODY_SECONDS: Final = 5.0
_RESERVED_HEADERS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "content-type", "accept", "te"}
)


class Watchdog:
    """The deadlines of one call: first event, silence between events, everything.

    Only time spent waiting for the provider counts as silence, and only ``heard`` ends it: bytes that make no event
    (keep-alive comments) do not.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._clock = asyncio.get_running_loop().time
        self._endpoint = endpoint
        self._end = self._clock() + endpoint.total_timeout
        self._silence = 0.0
        self._allowed = endpoint.first_event_timeout
        self._sentence = ""
        self.restart()

    def restart(self) -> None:
        """A new attempt: the wait for its first event begins."""
        self._silence = 0.0
        self._allowed = self._endpoint.connect_timeout + self._endpoint.first_event_timeout
        self._sentence = "The model did not begin to answer within {}. Try again, or choose another model."

    def heard(self) -> None:
        self._silence = 0.0
        self._allowed = self._endpoint.idle_timeout
        self._sentence = "The model fell silent for {} in the middle of its answer. What had arrived is kept."

    def last_words(self, seconds: float) -> None:
        """Nothing that matters is missing any more: wait so long at most."""
        self._silence = 0.0
        self._allowed = min(seconds, self._allowed)

    async def send(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        return await self._bounded(client.send(request, stream=True), in_body=False)

    async def next_chunk(self, chunks: AsyncGenerator[bytes, None]) -> bytes:
        """More of the body; empty at its end. Raises ProviderError, ProviderTimeoutError past a deadline."""
        return await self._bounded(anext(chunks, b""), in_body=True)

    async def _bounded(self, arriving: Awaitable[T], *, in_body: bool) -> T:
        began = self._clock()
        try:
            async with asyncio.timeout_at(min(began + self._allowed - self._silence, self._end)) as deadline:
                with translated_errors(in_body=in_body):
                    return await arriving
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise self._too_late() from error
        finally:
            self._silence += self._clock() - began

    def _too_late(self) -> ProviderTimeoutError:
        if self._clock() >= self._end:
            allowed = in_words(self._endpoint.total_timeout)
            return ProviderTimeoutError(f"The answer took longer than {allowed}. What had arrived is kept.")
        return ProviderTimeoutError(self._sentence.format(in_words(self._allowed)))


def new_request(
    endpoint: Endpoint, client: httpx.AsyncClient, operation: str, body: dict[str, object] | None, *, accept: str
) -> httpx.Request:
    """POST with a body, else GET. Raises ProviderError for a key, header or body that can't go over the wire."""
    timeout = httpx.Timeout(None, connect=endpoint.connect_timeout, pool=endpoint.connect_timeout)
    headers = {**_headers(endpoint), "Accept": accept, "Accept-Encoding": "identity"}
    with translated_errors():
        url = below(endpoint.base_url, operation)
        if body is None:
            return client.build_request("GET", url, headers=headers, timeout=timeout)
        headers["Content-Type"] = "application/json"
        return client.build_request("POST", url, headers=headers, timeout=timeout, content=_encoded(body))


def _encoded(body: dict[str, object]) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise ProviderRequestError(
            "One of the model's parameters can't be sent. Ask an admin to check them."
        ) from error


def _headers(endpoint: Endpoint) -> dict[str, str]:
    headers = {name: value for name, value in endpoint.headers.items() if name.lower() not in _RESERVED_HEADERS}
    if endpoint.key and not any(name.lower() == "authorization" for name in headers):
        headers["Authorization"] = f"Bearer {endpoint.key}"
    for name, value in headers.items():
        if not (name.isascii() and value.isascii() and name.isprintable() and value.isprintable() and name.strip()):
            raise ProviderAuthenticationError(
                "The provider's key or headers hold characters that can't be sent. Ask an admin to enter them again."
            )
    return headers


async def refused(endpoint: Endpoint, response: httpx.Response, retries: Retries) -> ProviderError:
    """The error for an answer that is no 200; tells ``retries`` where the provider wants none."""
    if response.headers.get("x-should-retry", "").strip().lower() == "false":
        retries.over = True
    return provider_error(
        endpoint,
        refusal_of_body(await _error_body(endpoint, response)),
        status=response.status_code,
        request_id=request_id_in(endpoint, response.headers),
        retry_after=retry_after(response.headers),
    )


async def _error_body(endpoint: Endpoint, response: httpx.Response) -> bytes:
    """The beginning of the body, as far as it comes soon: the status alone is an answer."""
    body = b""
    try:
        async with (
            asyncio.timeout(_ERROR_BODY_SECONDS),
            aclosing(bounded_bytes(response, endpoint.limits.error)) as chunks,
        ):
            with translated_errors():
                async for chunk in chunks:
                    body += chunk
    except (TimeoutError, ProviderError):
        return body
    return body


async def whole_body(
    chunks: AsyncGenerator[bytes, None], watchdog: Watchdog, limit: int, beginning: bytes = b""
) -> bytes:
    """The rest of a body that is one document. Raises ProviderError; AnswerTooLargeError past ``limit`` bytes."""
    pieces, size = [beginning], len(beginning)
    while chunk := await watchdog.next_chunk(chunks):
        pieces.append(chunk)
        size += len(chunk)
        if size > limit:
            raise AnswerTooLargeError
    return b"".join(pieces)
