"""Days as people write them in a filter."""

import re
from datetime import date, datetime, time, timedelta, tzinfo

_DAY = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_AGO = re.compile(r"(\d{1,4})([dwmy])")
_LENGTHS = {"d": 1, "w": 7, "m": 30, "y": 365}
EXAMPLES = "2026, 2026-11, 2026-11-20, today, yesterday or 7d"


def read_day(value: str, today: date) -> date | None:
    """The first day of what is meant: 2026, 2026-11, 2026-11-20, today, yesterday, 7d, 2w, 3m, 1y (ago)."""
    word = value.strip().lower()
    if word in {"today", "yesterday"}:
        return today - timedelta(days=word == "yesterday")
    try:
        if ago := _AGO.fullmatch(word):
            return today - timedelta(days=int(ago[1]) * _LENGTHS[ago[2]])
        if day := _DAY.fullmatch(word):
            return date(int(day[1]), int(day[2] or 1), int(day[3] or 1))
    except (ValueError, OverflowError):
        return None
    return None


def beginning_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone)
