"""What the renderer says of a growing answer, as the pieces that browsers get."""

from typing import assert_never

from conversations.pieces import BlockOp, Op, TailOp, TextOp
from conversations.rendering import incremental


def to_frame(op: incremental.Op) -> Op:
    match op:
        case incremental.Block(index, html):
            return BlockOp(index, html)
        case incremental.Tail(keep, html):
            return TailOp(keep, html)
        case incremental.RawText(text):
            return TextOp(text)
        case _:
            assert_never(op)
