"""The background worker of a process: tidies up now and then, in steps, so that nobody waits for it.

``start()`` once on the event loop, beside the runner of answers; ``wake()`` from any thread, when something is due at
once; ``stop()`` before the end of the process.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any, Final

from conversations.jobs.retention import tidy_step
from conversations.threads import in_writer

logger = logging.getLogger(__name__)

AFTER_START: Final = 5.0
TIDY_EVERY: Final = 600.0
BETWEEN_STEPS: Final = 0.2


class Worker:
    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._due = asyncio.Event()

    def start(self) -> None:
        """Begin to work on the running loop. Again: does nothing."""
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        self._loop, self._due = loop, asyncio.Event()
        self._spawn(self._tidy(), "tidy")

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def wake(self) -> None:
        """Say that there is something to do. Without a loop there is nobody to wake."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._due.set)

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


_worker = Worker()
start = _worker.start
stop = _worker.stop
wake = _worker.wake
