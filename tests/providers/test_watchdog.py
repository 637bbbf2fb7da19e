"""The deadlines of a call: one timer, and a cancellation from outside stays one."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from conversations.exceptions import ProviderTimeoutError
from conversations.providers.watchdog import Watchdog
from tests.providers.replay import ENDPOINT

QUICK = replace(ENDPOINT, connect_timeout=0.0, first_event_timeout=0.05, idle_timeout=0.05, total_timeout=5)


async def never() -> AsyncGenerator[bytes, None]:
    await asyncio.Event().wait()
    yield b""


async def quick(count: int) -> AsyncGenerator[bytes, None]:
    for _ in range(count):
        await asyncio.sleep(0.01)
        yield b"x"


async def test_after_a_deadline_the_task_lives_on() -> None:
    task = asyncio.current_task()
    with Watchdog(QUICK) as watchdog:
        for _ in range(3):
            watchdog.restart()
            with pytest.raises(ProviderTimeoutError):
                await watchdog.next_chunk(never())
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_each_event_renews_the_time_and_bytes_without_one_do_not() -> None:
    with Watchdog(QUICK) as watchdog:
        chunks = quick(20)
        while await watchdog.next_chunk(chunks):
            watchdog.heard()
        with pytest.raises(ProviderTimeoutError):
            await _exhaust(watchdog, quick(20))


async def test_the_last_words_shorten_the_wait() -> None:
    with Watchdog(replace(QUICK, idle_timeout=60)) as watchdog:
        watchdog.heard()
        with pytest.raises(ProviderTimeoutError):
            await _exhaust(watchdog, quick(1), never_after=True)


async def _exhaust(watchdog: Watchdog, chunks: AsyncGenerator[bytes, None], *, never_after: bool = False) -> None:
    while await watchdog.next_chunk(chunks):
        pass
    if never_after:
        watchdog.last_words(0.01)
        await watchdog.next_chunk(never())


async def test_a_cancellation_in_the_same_instant_as_the_alarm_stays_one() -> None:
    async def wait() -> None:
        with Watchdog(QUICK) as watchdog:
            await watchdog.next_chunk(never())

    task = asyncio.create_task(wait())
    asyncio.get_running_loop().call_later(0.05, task.cancel)
    await asyncio.wait([task])
    assert task.cancelled() or isinstance(task.exception(), ProviderTimeoutError)


async def test_a_cancellation_before_the_alarm_is_no_timeout() -> None:
    async def wait() -> None:
        with Watchdog(ENDPOINT) as watchdog:
            await watchdog.next_chunk(never())

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
