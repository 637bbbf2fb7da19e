"""The deadlines of one call, kept by one timer: a timer for each read would cost more than the read."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from conversations.exceptions import ProviderTimeoutError
from conversations.outbound import FOREIGN_ERRORS, translated
from conversations.providers.base import Endpoint
from conversations.providers.errors import in_words

T = TypeVar("T")


class Watchdog:
    """Bounds the wait for the first event, silence between events, and everything together.

    Only time spent waiting for the provider counts as silence, and only ``heard`` ends it: bytes that make no event
    (keep-alive comments) do not. A context manager: leaving it takes the timer down. All waiting raises ProviderError.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._loop = asyncio.get_running_loop()
        self._endpoint = endpoint
        self._end = self._loop.time() + endpoint.total_timeout
        self._alarm: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._waiting: asyncio.Task[Any] | None = None
        self._has_rung = False
        self.restart()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._alarm:
            self._alarm.cancel()

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
        """More of the body; empty at its end."""
        return await self._bounded(anext(chunks, b""), in_body=True)

    async def _bounded(self, arriving: Awaitable[T], *, in_body: bool) -> T:
        began = self._loop.time()
        self._deadline = min(began + self._allowed - self._silence, self._end)
        task = self._watch()
        cancelled_before = task.cancelling()
        try:
            return await arriving
        except asyncio.CancelledError as error:
            if self._has_rung and task.cancelling() <= cancelled_before + 1:
                raise self._too_late() from error
            raise
        except FOREIGN_ERRORS as error:
            raise translated(error, in_body=in_body) from None  # foreign texts may quote addresses and answers
        finally:
            self._waiting = None
            self._silence += self._loop.time() - began
            if self._has_rung:
                self._has_rung = False
                task.uncancel()

    def _watch(self) -> asyncio.Task[Any]:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A watchdog needs a task to wake up.")
        self._waiting = task
        self._set_alarm()
        return task

    def _set_alarm(self) -> None:
        """One timer serves many waits: it is moved only when it would ring too late."""
        if self._alarm and self._alarm.when() > self._deadline:
            self._alarm.cancel()
            self._alarm = None
        if not self._alarm:
            self._alarm = self._loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._waiting is None:
            return
        if self._loop.time() < self._deadline:
            self._set_alarm()
        else:
            self._has_rung = True
            self._waiting.cancel()

    def _too_late(self) -> ProviderTimeoutError:
        if self._loop.time() >= self._end:
            allowed = in_words(self._endpoint.total_timeout)
            return ProviderTimeoutError(f"The answer took longer than {allowed}. What had arrived is kept.")
        return ProviderTimeoutError(self._sentence.format(in_words(self._allowed)))
