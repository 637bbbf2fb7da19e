"""The tool calls of one running answer, gathered from their pieces."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from conversations.pieces import ToolOp
from conversations.providers.base import ToolCall, ToolCallDelta

LONGEST_ID: Final = 200
"""What the column holds."""


@dataclass
class _Call:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    """What nobody has been told yet."""
    is_dirty: bool = True
    is_told: bool = False


class GatheredCalls:
    """Calls by the index of the deltas; ``take`` gives what is new, once."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}

    def add(self, delta: ToolCallDelta) -> None:
        call = self._calls.setdefault(delta.index, _Call())
        call.id, call.name, call.is_dirty = delta.id or call.id, delta.name or call.name, True
        call.arguments.append(delta.arguments)
        call.fresh.append(delta.arguments)

    @property
    def is_dirty(self) -> bool:
        return any(call.is_dirty for call in self._calls.values())

    def take(self) -> list[ToolOp]:
        ops = []
        for index, call in self._calls.items():
            if call.is_dirty:
                ops.append(ToolOp(index, call.id, call.name, "".join(call.fresh)))
                call.fresh.clear()
                call.is_dirty, call.is_told = False, True
        return ops

    def published(self) -> list[ToolOp]:
        """Each call whole, without what is still to be told."""
        ops = []
        for index, call in self._calls.items():
            whole, unheard = "".join(call.arguments), sum(map(len, call.fresh))
            if call.is_told:
                ops.append(ToolOp(index, call.id, call.name, whole[: len(whole) - unheard]))
        return ops

    def calls(self) -> tuple[ToolCall, ...]:
        """In order. Each has an id of its own, for by these the results are told apart."""
        made: dict[str, ToolCall] = {}
        for index, call in sorted(self._calls.items()):
            is_fit = 0 < len(call.id) <= LONGEST_ID and call.id not in made
            call_id = call.id if is_fit else next(own for own in _own_ids(index) if own not in made)
            made[call_id] = ToolCall(call_id, call.name, "".join(call.arguments))
        return tuple(made.values())


def _own_ids(index: int) -> Iterator[str]:
    return (f"call_{number}" for number in count(index))


def is_json(text: str) -> bool:
    """Whether a call's arguments, or anything else, are one whole document of JSON."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
