"""How often a password may be guessed: counted in the shared cache, in force on each worker, never off.

Every count belongs to a window of the clock and is taken before the password is looked at, so that guesses made at
the same moment can't slip through together. What was right is given back.
"""

import hashlib
import logging
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.core.cache import BaseCache, cache
from django.core.cache.backends.locmem import LocMemCache

from conversations.exceptions import LimitError

logger = logging.getLogger(__name__)

QUARTER_OF_AN_HOUR: Final = 900


@dataclass(frozen=True)
class Limit:
    """At most ``most`` attempts in each window of so many ``seconds``."""

    kind: str
    most: int
    seconds: int


OF_A_PAIR: Final = Limit("pair", 10, QUARTER_OF_AN_HOUR)
OF_AN_ADDRESS: Final = Limit("address", 100, QUARTER_OF_AN_HOUR)
OF_A_DEVICE: Final = Limit("device", 10, QUARTER_OF_AN_HOUR)
OF_A_SESSION: Final = Limit("session", 10, QUARTER_OF_AN_HOUR)
OF_AN_ACCOUNT: Final = Limit("account", 50, QUARTER_OF_AN_HOUR)
WHILE_UNDER_ATTACK: Final = Limit("pace", 1, 10)


class Attempts:
    """Counters of attempts; ``clock`` gives seconds since the epoch, as all workers see them."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._own = LocMemCache("attempts", {"OPTIONS": {"MAX_ENTRIES": 10_000}})

    def take(self, *subjects: tuple[Limit, str]) -> list[str]:
        """Count one attempt of each subject; what it returns goes to ``give_back`` if the attempt was right.

        Raises LimitError, saying how long to wait, if one of them had too many.
        """
        taken, wait = [], 0.0
        for limit, subject in subjects:
            key, count = self._count(limit, subject)
            taken.append(key)
            if count > limit.most:
                wait = max(wait, limit.seconds - self._clock() % limit.seconds)
        if wait:
            raise LimitError(f"Too many attempts. Try again in {in_words(wait)}.")
        return taken

    def is_over(self, limit: Limit, subject: str) -> bool:
        """Count one attempt and say whether it was too many."""
        return self._count(limit, subject)[1] > limit.most

    def give_back(self, taken: list[str]) -> None:
        for key in taken:
            self._add(key, -1, seconds=1)

    def _count(self, limit: Limit, subject: str) -> tuple[str, int]:
        window = int(self._clock() // limit.seconds)
        digest = hashlib.sha256(subject.encode("utf-8", "replace")).hexdigest()[:32]
        key = f"attempts.{limit.kind}.{window}.{digest}"
        return key, self._add(key, 1, seconds=limit.seconds)

    def _add(self, key: str, number: int, *, seconds: int) -> int:
        try:
            return _added(cache, key, number, seconds)
        except _cache_errors() as error:
            logger.warning("The shared cache does not answer (%s): attempts are counted in this process", error)
            return _added(self._own, key, number, seconds)


def _cache_errors() -> tuple[type[Exception], ...]:
    """What a shared cache raises when it is away.

    Redis is an extra, and importing it costs 23 MB: its errors are known only where its client was loaded anyway.
    """
    client = sys.modules.get("redis.exceptions")
    return (OSError, client.RedisError) if client else (OSError,)


def _added(store: BaseCache, key: str, number: int, seconds: int) -> int:
    store.add(key, 0, timeout=seconds)
    try:
        return store.incr(key, number)
    except ValueError:  # thrown out of the cache in between
        return number


def in_words(seconds: float) -> str:
    """A wait, rounded up, as people say it."""
    whole = math.ceil(seconds)
    if whole < 60:
        return "1 second" if whole == 1 else f"{whole} seconds"
    minutes = math.ceil(whole / 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


attempts = Attempts()
