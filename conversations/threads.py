"""Where code that waits for the database runs, so that the event loop never does."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

PASSED = 8
"""How much of what waits already goes before something that may not wait for all of it, or for more to come."""

CROWD = 2
"""From so many that wait to write on, what can wait does: with two, 100 orders at once were answered soonest."""

LINGER = 0.15
"""Seconds for which a crowd counts after it was last seen."""

_Work = tuple[Future[Any], Callable[[], Any]]

PAUSE, MOST_PAUSES = 0.05, 20


class Line:
    """Threads with one line before them: first come, first served, but for what ``passes`` most of the others.

    What ``yields`` stands aside while others come; of those a few go before it, not all.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._waiting: deque[_Work] = deque()
        self._aside: deque[_Work] = deque()
        self._went_before = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._aside)

    def submit(self, function: Callable[[], R], *, passes: bool = False, yields: bool = False) -> Future[R]:
        future: Future[R] = Future()
        with self._lock:
            if yields:
                self._aside.append((future, function))
            else:
                place = min(PASSED, len(self._waiting)) if passes else len(self._waiting)
                self._waiting.insert(place, (future, function))
        self._pool.submit(self._next)
        return future

    def _first(self) -> _Work:
        if self._aside and (not self._waiting or self._went_before >= PASSED):
            self._went_before = 0
            return self._aside.popleft()
        self._went_before += bool(self._aside)
        return self._waiting.popleft()

    def _next(self) -> None:
        """Do what stands first now: as often as something was submitted."""
        with self._lock:
            future, function = self._first()
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001  # whoever waits for it gets it, as from any executor
            future.set_exception(error)
        else:
            future.set_result(result)


class Crowd:
    """Whether many wait, and for a moment after that."""

    def __init__(self) -> None:
        self._until = 0.0

    def is_there(self, waiting: int) -> bool:
        now = time.monotonic()
        if waiting >= CROWD:
            self._until = now + LINGER
        return now < self._until


# SQLite has one writer at a time: ours wait in a queue instead of in its busy handler, which sleeps. More threads
# than these would only wait for each other, for Python runs one at a time.
_is_sqlite = connection.vendor == "sqlite"
_writers = Line(1 if _is_sqlite else 4, "writer")
_crowd = Crowd()
_readers = Line(2 if _is_sqlite else 4, "reader")


async def in_writer(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run sync code that writes to the database, in a thread that keeps its connection; first come, first served."""
    return await asyncio.wrap_future(_writers.submit(partial(_call, partial(function, *args, **kwargs))))


async def in_writer_soon(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The same, but of what waits already only a little goes before it."""
    return await asyncio.wrap_future(_writers.submit(partial(_call, partial(function, *args, **kwargs)), passes=True))


async def in_writer_later(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The same for what nobody waits for: while people's orders come, most of them go before it."""
    return await asyncio.wrap_future(_writers.submit(partial(_call, partial(function, *args, **kwargs)), yields=True))


async def in_reader(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run sync code that only reads the database (and perhaps renders), beside the writers."""
    return await asyncio.wrap_future(_readers.submit(partial(_call, partial(function, *args, **kwargs))))


def is_crowded() -> bool:
    """Whether orders queue up, or did a moment ago and their answers begin only now.

    Then all that can wait should, for Python runs one thing at a time.
    """
    return _crowd.is_there(len(_writers))


async def in_spare_reader(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Like ``in_reader``, for what may wait for a moment while many orders do."""
    for _ in range(MOST_PAUSES):
        if not is_crowded():
            break
        await asyncio.sleep(PAUSE)
    return await in_reader(function, *args, **kwargs)


def _call(function: Callable[[], R]) -> R:
    try:
        return function()
    except (InterfaceError, OperationalError):
        connection.close()
        raise
    finally:
        # a pooled PostgreSQL connection goes back to its pool; a SQLite one is cheap to keep and dear to open
        if connection.vendor != "sqlite" and not connection.in_atomic_block:
            connection.close()
