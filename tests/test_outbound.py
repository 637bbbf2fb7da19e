"""The factory of HTTP clients: pools, and what it refuses to do."""

import asyncio
import ssl

import httpx
import pytest

from conversations import outbound
from conversations.exceptions import (
    AnswerTooLargeError,
    ProviderConnectionError,
    ProviderProtocolError,
    ProviderTimeoutError,
)
from conversations.outbound import borrowed_client, bounded_bytes, new_client, translated


async def test_a_pool_belongs_to_its_id_and_loop() -> None:
    async with borrowed_client("a") as first, borrowed_client("b") as other, borrowed_client("a") as again:
        assert first is again
        assert first is not other
    assert await asyncio.to_thread(asyncio.run, _client_of_another_loop()) is not first
    await outbound.close_all()
    assert first.is_closed


async def _client_of_another_loop() -> httpx.AsyncClient:
    async with borrowed_client("a") as client:
        pass
    await outbound.close_all()
    return client


async def test_many_pools_do_not_pile_up_but_those_in_use_stay() -> None:
    async with borrowed_client("used") as used:
        for number in range(outbound.IDLE_CLIENTS * 2):
            async with borrowed_client(str(number)) as client:
                pass
        assert not used.is_closed
        assert not client.is_closed
    async with borrowed_client("0") as first:
        assert not first.is_closed
    await outbound.close_all()


async def test_clients_follow_nothing_and_trust_no_environment() -> None:
    async with new_client() as client:
        assert not client.follow_redirects
        assert not client.trust_env


def test_tls_is_verified() -> None:
    context = outbound._verified_tls()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


async def test_bodies_are_bounded_and_encodings_known() -> None:
    assert await _read(b"abc", 3) == b"abc"
    with pytest.raises(AnswerTooLargeError):
        await _read(b"abcd", 3)
    with pytest.raises(ProviderProtocolError):
        await _read(b"abcd", 9, encoding="zstd")


async def _read(body: bytes, limit: int, *, encoding: str = "identity") -> bytes:
    response = httpx.Response(200, headers={"Content-Encoding": encoding}, stream=httpx.ByteStream(body))
    return b"".join([piece async for piece in bounded_bytes(response, limit)])


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("x"), ProviderConnectionError),
        (ssl.SSLError("x"), outbound.UntrustedConnectionError),
        (TimeoutError(), ProviderTimeoutError),
        (httpx.RemoteProtocolError("x"), ProviderProtocolError),
        (httpx.InvalidURL("x"), ProviderProtocolError),
        (UnicodeError("x"), ProviderProtocolError),
    ],
)
def test_foreign_errors_become_ours(error: Exception, kind: type[Exception]) -> None:
    assert isinstance(error, outbound.FOREIGN_ERRORS)
    assert type(translated(error)) is kind
