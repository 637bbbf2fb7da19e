"""Rules of the tree, the same for every format. Nothing here recurses: a branch may have 100,000 messages."""

import heapq
from collections.abc import Mapping, Sequence
from typing import Any, Final

from conversations.exceptions import DamagedTransferError

Parents = list[int | None]
"""For each node the place of its parent in the same list."""
_CIRCLE: Final = "Its messages follow each other in a circle."


def unique(keys: Sequence[str]) -> tuple[list[str], int]:
    """The keys, those that stood before made different; and how many did."""
    seen: set[str] = set()
    made: list[str] = []
    doubles = 0
    for key in keys:
        name, number = key, 2
        while name in seen:
            name, number = f"{key}#{number + doubles}", number + 1
        doubles += name != key
        seen.add(name)
        made.append(name)
    return made, doubles


def resolved(
    keys: Sequence[str], named: Sequence[str | None], claimed: Mapping[str, str] | None = None
) -> tuple[Parents, int]:
    """The parents by place, and how many named one that isn't there.

    Such a node hangs below whoever lists its missing parent as a child (``claimed``: child to parent, as far up as that
    leads), else it begins a branch of its own. One that names no parent hangs below whoever lists it. Raises
    DamagedTransferError for a circle.
    """
    claimed = claimed or {}
    places = {key: place for place, key in enumerate(keys)}
    parents: Parents = []
    missing = 0
    for key, parent in zip(keys, named, strict=True):
        wanted = parent or claimed.get(key)
        missing += bool(parent) and parent not in places
        parents.append(_nearest(wanted, places, claimed))
    _require_no_circle(parents)
    return parents, missing


def _nearest(wanted: str | None, places: Mapping[str, int], claimed: Mapping[str, str]) -> int | None:
    tried = set()
    while wanted and wanted not in places and wanted not in tried:
        tried.add(wanted)
        wanted = claimed.get(wanted)
    return places.get(wanted) if wanted else None


def _require_no_circle(parents: Parents) -> None:
    known = [False] * len(parents)
    for start in range(len(parents)):
        place: int | None = start
        path = []
        on_path = set()
        while place is not None and not known[place]:
            if place in on_path:
                raise DamagedTransferError(_CIRCLE)
            on_path.add(place)
            path.append(place)
            place = parents[place]
        for passed in path:
            known[passed] = True


def above(parents: Parents, is_kept: Sequence[bool]) -> Parents:
    """For each node the nearest one above it that is kept."""
    found: dict[int | None, int | None] = {None: None}
    for start in range(len(parents)):
        place: int | None = start
        path = []
        while place not in found:
            path.append(place)
            assert place is not None  # noqa: S101  # None is always found
            parent = parents[place]
            if parent is not None and is_kept[parent]:
                found[place] = parent
                break
            place = parent
        last = found[place]
        for passed in path:
            found[passed] = last
    return [found[place] for place in range(len(parents))]


def in_order(parents: Parents, ranks: Sequence[Any]) -> list[int]:
    """All places, parents before children and otherwise by rank; equal ranks as they stood."""
    children = children_of(parents)
    waiting = [(ranks[place], place) for place in children.get(None, ())]
    heapq.heapify(waiting)
    order = []
    while waiting:
        _, place = heapq.heappop(waiting)
        order.append(place)
        for child in children.get(place, ()):
            heapq.heappush(waiting, (ranks[child], child))
    return order


def children_of(parents: Parents) -> dict[int | None, list[int]]:
    children: dict[int | None, list[int]] = {}
    for place, parent in enumerate(parents):
        children.setdefault(parent, []).append(place)
    return children
