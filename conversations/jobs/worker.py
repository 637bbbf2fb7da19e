"""The background worker of a process: exports, imports, and tidying up now and then, so that nobody waits for it.

``start()`` once on the event loop, beside the runner of answers; ``wake()`` from any thread, when something is due at
once; ``stop()`` when the process is to end, then ``left()`` before its loop does.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final

from django.db import connection

from conversations.jobs.claims import LeftError
from conversations.jobs.retention import tidy_step
from conversations.jobs.transfers import put_back, recover, renew, run_next
from conversations.threads import in_writer

logger = logging.getLogger(__name__)

AFTER_START: Final = 5.0
TIDY_EVERY: Final = 600.0
LOOK_EVERY: Final = 15.0
"""Seconds; for transfers that were queued by another process."""
BETWEEN_STEPS: Final = 0.2
RENEW_EVERY: Final = 15.0


class Worker:
    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._due, self._queued = asyncio.Event(), asyncio.Event()
        self._is_over, self._is_gone = threading.Event(), threading.Event()
        self._at_work: asyncio.Future[bool] | None = None
        self._name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"

    def start(self) -> None:
        """Begin to work on the running loop. Again: does nothing."""
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        self._loop, self._due, self._queued = loop, asyncio.Event(), asyncio.Event()
        self._spawn(self._tidy(), "tidy")
        self._spawn(self._transfer(loop), "transfers")
        self._spawn(self._renew(), "leases")

    def stop(self) -> None:
        """Begin nothing more; what is at work goes back into the queue as soon as it can."""
        self._is_over.set()
        for task in self._tasks:
            task.cancel()

    async def left(self, seconds: float) -> None:
        """After ``stop()``: wait so long for what is at work, then put it back without it."""
        if self._at_work is not None and not self._at_work.done():
            await asyncio.wait([self._at_work], timeout=seconds)
        self._is_gone.set()
        await in_writer(put_back, self._name)

    def wake(self) -> None:
        """Say that there is something to do. Without a loop there is nobody to wake."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._due.set()
        self._queued.set()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"jobs {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tidy(self) -> None:
        await asyncio.sleep(AFTER_START)
        while True:
            self._due.clear()
            try:
                if await in_writer(tidy_step):
                    self._due.set()
                    await asyncio.sleep(BETWEEN_STEPS)
            except Exception:
                logger.exception("Tidying up failed; the next round tries again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), TIDY_EVERY)

    async def _renew(self) -> None:
        """A large file is counted, and a large picture stored, for longer than a lease lasts."""
        while True:
            await asyncio.sleep(RENEW_EVERY)
            try:
                await in_writer(renew, self._name)
            except Exception:
                logger.exception("Renewing the lease of a transfer failed; the next round tries again")

    async def _transfer(self, loop: asyncio.AbstractEventLoop) -> None:
        """One at a time, in a thread of its own: reading a large file takes minutes."""
        while True:
            self._queued.clear()
            try:
                await in_writer(recover)
                if await asyncio.shield(self._run_next(loop)):
                    continue
            except Exception:
                logger.exception("Looking for exports and imports failed; the next round tries again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._queued.wait(), LOOK_EVERY)

    def _run_next(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[bool]:
        """Whether there was one. The thread holds up neither the loop nor, whatever it reads, the process's end."""

        def write(function: Callable[[], Any]) -> Any:
            if self._is_gone.is_set():
                raise LeftError
            return asyncio.run_coroutine_threadsafe(in_writer(function), loop).result()

        def work() -> None:
            is_done = False
            try:
                with contextlib.suppress(LeftError):
                    is_done = run_next(self._name, write, self._is_over.is_set)
            except Exception:
                logger.exception("An export or import could not be looked for; the next round tries again")
            finally:
                connection.close()
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(ended.set_result, is_done)

        ended: asyncio.Future[bool] = loop.create_future()
        self._at_work = ended
        threading.Thread(target=work, name="transfer", daemon=True).start()
        return ended


_worker = Worker()
start = _worker.start
stop = _worker.stop
left = _worker.left
wake = _worker.wake
