"""Times of foreign files: seconds or finer since 1970, as numbers or texts, or ISO 8601. What is nonsense is None."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_FINER: Final = 100_000_000_000
"""Seconds since 1970 stay below this for 3,000 years; milliseconds and finer are above."""
_LATE: Final = timedelta(days=1)


def time_of(value: Any) -> datetime | None:
    """An aware time in UTC between the year 2000 and tomorrow, None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _sane(_from_number(value))
    if isinstance(value, str) and len(value) <= 40:
        return _sane(_from_text(value.strip()))
    return None


def written(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds: 2026-11-20T15:00:00.000000Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _from_number(value: float) -> datetime | None:
    if not math.isfinite(value):
        return None
    for _ in range(3):
        if abs(value) >= _FINER:
            value /= 1000
    if abs(value) >= _FINER:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)


def _from_text(text: str) -> datetime | None:
    try:
        return _from_number(float(text))
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _sane(moment: datetime | None) -> datetime | None:
    if moment is None or not _EARLIEST <= moment <= datetime.now(UTC) + _LATE:
        return None
    return moment
