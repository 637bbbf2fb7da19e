"""One HTTP exchange with an endpoint: its request, its body, its refusals."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Final

import httpx
import msgspec

from conversations.exceptions import (
    AnswerTooLargeError,
    ProviderAuthenticationError,
    ProviderError,
    ProviderRequestError,
)
from conversations.outbound import FOREIGN_ERRORS, borrowed_client, bounded_bytes, translated
from conversations.providers.base import Endpoint
from conversations.providers.errors import provider_error, refusal_of_body, request_id_in
from conversations.providers.retries import Retries, retry_after
from conversations.providers.watchdog import Watchdog
from conversations.providers.wire import Prepared

_ERROR_BODY_SECONDS: Final = 5.0
_PIECE: Final = 64 * 1024


@asynccontextmanager
async def exchange(endpoint: Endpoint, watchdog: Watchdog, prepared: Prepared) -> AsyncIterator[httpx.Response]:
    """The response to a request, its body not read yet, on a pooled connection. Leaving closes what is unread."""
    async with borrowed_client(endpoint.id) as client:
        response = await watchdog.send(client, new_request(endpoint, client, prepared))
        try:
            yield response
        finally:
            await response.aclose()


def new_request(endpoint: Endpoint, client: httpx.AsyncClient, prepared: Prepared) -> httpx.Request:
    """The request with its secrets. Raises ProviderError for a key, header or body that can't go over the wire."""
    timeout = httpx.Timeout(None, connect=endpoint.connect_timeout, pool=endpoint.connect_timeout)
    headers = {**_checked(prepared.headers()), "Accept-Encoding": "identity"}
    method, body = prepared.shown.method, prepared.shown.body
    try:
        if body is None:
            return client.build_request(method, prepared.url(), headers=headers, timeout=timeout)
        data = _encoded(body)
        headers["Content-Length"] = str(len(data))
        return client.build_request(method, prepared.url(), headers=headers, timeout=timeout, content=_in_pieces(data))
    except FOREIGN_ERRORS as error:
        raise translated(error) from None  # foreign texts may quote the address, and with it a key


def _in_pieces(data: bytes) -> bytes | AsyncIterator[bytes]:
    """A long conversation goes out piece by piece: in one write it would hold up everybody else."""
    return data if len(data) <= _PIECE else _pieces(data)


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]


def _encoded(body: Mapping[str, object]) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise ProviderRequestError(
            "One of the model's parameters can't be sent. Ask an admin to check them."
        ) from error


def _checked(headers: dict[str, str]) -> dict[str, str]:
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
            async for chunk in chunks:
                body += chunk
    except (*FOREIGN_ERRORS, ProviderError):
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
