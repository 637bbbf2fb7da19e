"""Where code that waits for the database runs, so that the event loop never does."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

# SQLite has one writer at a time: ours wait in a queue instead of in its busy handler, which sleeps. More threads
# than these would only wait for each other, for Python runs one at a time.
_is_sqlite = connection.vendor == "sqlite"
_writers = ThreadPoolExecutor(max_workers=1 if _is_sqlite else 4, thread_name_prefix="writer")
_readers = ThreadPoolExecutor(max_workers=2 if _is_sqlite else 4, thread_name_prefix="reader")


async def in_writer(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run sync code that writes to the database, in a thread that keeps its connection; first come, first served."""
    return await _run(_writers, partial(function, *args, **kwargs))


async def in_reader(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run sync code that only reads the database (and perhaps renders), beside the writers."""
    return await _run(_readers, partial(function, *args, **kwargs))


async def _run(pool: ThreadPoolExecutor, function: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(pool, partial(_call, function))


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
