"""How a claimed transfer is held, and how its work writes: apart from that work, which is loaded when there is some."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

LEASE: Final = timedelta(seconds=60)

Write = Callable[[Callable[[], Any]], Any]
"""Runs what writes to the database where writers wait their turn."""


class LeftError(Exception):
    """The process ends; another one begins again."""
