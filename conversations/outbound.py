"""The only factory of HTTP clients: no redirects, no environment proxies, no cookies, TLS verified, everything bounded.

aiohttp carries the bytes below httpx's interface: it takes less processor time per token than httpx's own transport
(tests/benchmarks/bench_transport.py prints both).
"""

import asyncio
import logging
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, cast
from weakref import WeakKeyDictionary

import aiohttp
import httpx
from aiohttp.http_exceptions import HttpProcessingError
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream, map_aiohttp_exceptions

from conversations.exceptions import (
    AnswerTooLargeError,
    ProviderConnectionError,
    ProviderError,
    ProviderProtocolError,
    ProviderTimeoutError,
)

KEEPALIVE_SECONDS: Final = 60.0
HEADER_LINE_BYTES: Final = 16 * 1024
HEADER_COUNT: Final = 128
IDLE_CLIENTS: Final = 32
_DECODED_STEP: Final = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds on what an endpoint may send, in bytes; the defaults are those of the documented table of limits.

    ``line``: one line or event of a stream · ``answer``: the text of one answer · ``body``: one JSON document ·
    ``wire``: everything of one stream after decompression, wrapping included · ``error``: what is read of an error.
    """

    line: int = 1024 * 1024
    answer: int = 4 * 1024 * 1024
    body: int = 8 * 1024 * 1024
    wire: int = 128 * 1024 * 1024
    error: int = 64 * 1024


def _hide_addresses(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


# httpx logs the whole URL of each request, and a URL may hold a key in its query.
logging.getLogger("httpx").addFilter(_hide_addresses)


@cache
def _verified_tls() -> ssl.SSLContext:
    """Trusts the public authorities and those the machine was given (an own authority of a company)."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def _session() -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0, ssl=_verified_tls(), keepalive_timeout=KEEPALIVE_SECONDS)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        timeout=aiohttp.ClientTimeout(),
        max_line_size=HEADER_LINE_BYTES,
        max_field_size=HEADER_LINE_BYTES,
        max_headers=HEADER_COUNT,
    )


def new_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client for one endpoint; the caller closes it. Deadlines are the caller's: only connecting is bounded here."""
    return httpx.AsyncClient(
        transport=transport or _Transport(client=_session, verify=_verified_tls(), trust_env=False),
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(None, connect=10.0),
        headers={"User-Agent": "chatsite", "Accept-Encoding": "identity"},
        max_redirects=0,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


class _WholeStream(AiohttpResponseStream):
    """A body of which nothing is lost that came before the connection broke: aiohttp's reader then raises at once,
    whatever it holds that was not read yet."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self._aiohttp_response.content
        with map_aiohttp_exceptions():
            try:
                async for chunk in content.iter_chunked(self.CHUNK_SIZE):
                    yield chunk
            except Exception:
                while rest := content._read_nowait(self.CHUNK_SIZE):  # noqa: SLF001  # the other ways raise too
                    yield rest
                raise


class _Transport(AiohttpTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if isinstance(response.stream, AiohttpResponseStream):
            response.stream = _WholeStream(response.stream._aiohttp_response)  # noqa: SLF001
        return response


def own_transport() -> httpx.AsyncBaseTransport:
    """httpx's own transport with the same bounds, for comparison."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=KEEPALIVE_SECONDS)
    return httpx.AsyncHTTPTransport(verify=_verified_tls(), trust_env=False, limits=limits)


@dataclass
class _Pooled:
    client: httpx.AsyncClient
    borrowers: int = 0


_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Pooled]] = WeakKeyDictionary()


@asynccontextmanager
async def borrowed_client(pool_id: str) -> AsyncIterator[httpx.AsyncClient]:
    """The running loop's client for this pool, made at first use. With many pools those unused longest are closed."""
    pools = _pools.setdefault(asyncio.get_running_loop(), {})
    pooled = pools.pop(pool_id, None) or _Pooled(new_client())
    pools[pool_id] = pooled
    pooled.borrowers += 1
    try:
        yield pooled.client
    finally:
        pooled.borrowers -= 1
        await _close_surplus(pools)


async def _close_surplus(pools: dict[str, _Pooled]) -> None:
    surplus = len(pools) - IDLE_CLIENTS
    if surplus > 0:
        idle = [pool_id for pool_id, pooled in pools.items() if not pooled.borrowers][:surplus]
        for pooled in [pools.pop(pool_id) for pool_id in idle]:
            await pooled.client.aclose()


async def close_all() -> None:
    """Close every client of the running loop; streams still running on them fail."""
    pools = _pools.pop(asyncio.get_running_loop(), {})
    for pooled in pools.values():
        await pooled.client.aclose()


class UntrustedConnectionError(ProviderConnectionError):
    """No secure connection: trying again is of no use."""

    retryable = False


_LOST: Final = "The connection to the model's provider was lost. Try again in a moment."


FOREIGN_ERRORS: Final = (
    httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, HttpProcessingError, OSError, ValueError,
)  # fmt: skip


def translated(error: Exception, *, in_body: bool = False) -> ProviderError:
    """One of FOREIGN_ERRORS, all that the HTTP libraries raise, as ProviderConnection-, -Timeout- or -ProtocolError.

    A body that breaks off or loses its framing is a lost connection.
    """
    causes = list(_causes(error))
    behind = type(causes[min(1, len(causes) - 1)]).__name__  # httpx's own name for it often misleads
    if in_body:
        return ProviderConnectionError(_LOST, detail=behind)
    for cause, kind, sentence in _CONNECTION_CAUSES:
        if any(isinstance(found, cause) for found in causes):
            return kind(sentence, detail=cause.__name__)
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return ProviderTimeoutError("No connection to the model's provider could be made in time.")
    if any(isinstance(cause, _NOT_HTTP) for cause in causes):
        return ProviderProtocolError(detail=type(causes[-1]).__name__)
    if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError)):
        return ProviderProtocolError("The provider's address or headers can't be used. Ask an admin to check them.")
    return ProviderConnectionError(_LOST, detail=behind)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and the ones behind it: libraries wrap each other's."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop(0)
        if cause is not None and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [getattr(cause, "os_error", None), cause.__cause__, cause.__context__]


_CONNECTION_CAUSES: Final[tuple[tuple[type[Exception], type[ProviderConnectionError], str], ...]] = (
    (
        ssl.SSLCertVerificationError,
        UntrustedConnectionError,
        "The provider's TLS certificate can't be trusted. Ask an admin to check its address.",
    ),
    (
        ssl.SSLError,
        UntrustedConnectionError,
        "No secure connection to the provider could be made. Ask an admin to check http and https in its address.",
    ),
    (
        socket.gaierror,
        ProviderConnectionError,
        "The name in the provider's address is not known. Ask an admin to check it.",
    ),
    (
        ConnectionRefusedError,
        ProviderConnectionError,
        "The model's provider refused the connection: nothing listens there. Is its server running?",
    ),
)
_NOT_HTTP: Final = (httpx.ProtocolError, aiohttp.ClientResponseError, HttpProcessingError)


async def bounded_bytes(response: httpx.Response, limit: int) -> AsyncGenerator[bytes, None]:
    """The body, decompressed, in pieces of bounded size. Raises AnswerTooLargeError past ``limit`` bytes.

    Identity is asked for; gzip and deflate are understood all the same, other encodings raise ProviderProtocolError.
    The response stays open: the caller closes it.
    """
    inflate = _decoder(response)
    seen = 0
    async for chunk in cast("httpx.AsyncByteStream", response.stream):  # as aiter_raw does, without its layers
        for piece in inflate(chunk):
            seen += len(piece)
            if seen > limit:
                raise AnswerTooLargeError
            yield piece
            if inflate is not _plain:
                await asyncio.sleep(0)  # much may come out of little: others get their turn in between


class _Inflated:
    """Decompresses step by step, so that a bomb is met by the caller's limit and not by the memory."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=47)

    def __call__(self, chunk: bytes) -> Iterator[bytes]:
        while chunk and not self._zlib.eof:
            try:
                piece = self._zlib.decompress(chunk, _DECODED_STEP)
            except zlib.error as error:
                raise ProviderProtocolError("The provider sent compressed data that can't be read.") from error
            chunk = self._zlib.unconsumed_tail
            if piece:
                yield piece


def _plain(chunk: bytes) -> tuple[bytes]:
    return (chunk,)


def _decoder(response: httpx.Response) -> Callable[[bytes], Iterable[bytes]]:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        return _plain
    if encoding in {"gzip", "x-gzip", "deflate"}:
        return _Inflated()
    raise ProviderProtocolError("The provider compresses its answer in a way that can't be read.", detail=encoding)
