"""Places in a long list of finds: first by rank, then, behind the best ones, by age."""

from __future__ import annotations

import re
from typing import NamedTuple

_CURSOR = re.compile(r"(?:r\.(\d{1,12})\.(\d{1,12})\.(\d{1,19})|o\.(\d{1,12})\.(\d{1,19}))")


class Place(NamedTuple):
    """``now`` is when the first page was asked for, in seconds: ages are counted to then on all pages."""

    now: int
    rank: tuple[int, int] | None = None
    """That of the last hit shown; None: from the first."""
    older_than: int | None = None
    """The best ones were all shown: a number, before which to go on."""

    @property
    def cursor(self) -> str:
        if self.older_than is not None:
            return f"o.{self.now}.{self.older_than}"
        return f"r.{self.now}.{self.rank[0]}.{self.rank[1]}" if self.rank else ""


def read_cursor(cursor: str, now: int) -> Place:
    """The first place for one that can't be read."""
    match = _CURSOR.fullmatch(cursor)
    if not match:
        return Place(now)
    if match[1]:
        return Place(int(match[1]), rank=(int(match[2]), int(match[3])))
    return Place(int(match[4]), older_than=min(int(match[5]), 2**62))
