"""Where code that waits for the database runs, so that the event loop never does."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

# SQLite has one writer, and Python one running thread: more threads would only wait for each other.
_pool = ThreadPoolExecutor(max_workers=6, thread_name_prefix="database")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run sync code that uses the ORM, in a thread that keeps its connection; several may run at once."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool, partial(_call, partial(function, *args, **kwargs)))


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
