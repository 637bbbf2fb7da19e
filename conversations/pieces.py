"""What the pieces of a growing answer are made of, as browsers get them; the protocol: ``conversations.events``."""

from __future__ import annotations

import msgspec


class BlockOp(msgspec.Struct, frozen=True, tag_field="op", tag="block"):
    """Final block ``i``: appended if new, else replaced."""

    i: int
    html: str


class TailOp(msgspec.Struct, frozen=True, tag_field="op", tag="tail"):
    """The tail is its first ``keep`` UTF-16 units, then ``html``."""

    keep: int
    html: str


class TextOp(msgspec.Struct, frozen=True, tag_field="op", tag="text"):
    """Raw text at the end of the last code element of the tail."""

    t: str


class ReasoningOp(msgspec.Struct, frozen=True, tag_field="op", tag="reasoning"):
    """Raw text at the end of the reasoning; ``seconds`` is set when reasoning has ended."""

    t: str
    seconds: float | None = None


class ToolOp(msgspec.Struct, frozen=True, tag_field="op", tag="tool"):
    """The call ``i``: its id and name as far as known, and raw text at the end of its arguments."""

    i: int
    id: str
    name: str
    t: str


class StatusOp(msgspec.Struct, frozen=True, tag_field="op", tag="status"):
    """What a tool that the provider runs does now, in words; empty when it is done."""

    t: str


Op = BlockOp | TailOp | TextOp | ReasoningOp | ToolOp | StatusOp
