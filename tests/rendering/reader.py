"""A client that applies the operations of the incremental renderer as the page's script does."""

from collections.abc import Iterable
from html import escape

from conversations.rendering.highlighting import FIGURE_END
from conversations.rendering.incremental import Block, IncrementalRenderer, Op, RawText, Tail


class Reader:
    def __init__(self) -> None:
        self.blocks: list[str] = []
        self.tail = ""
        self.is_raw = False

    def apply(self, ops: Iterable[Op]) -> None:
        for op in ops:
            match op:
                case Block(index, html) if index < len(self.blocks):
                    self.blocks[index] = html
                case Block(index, html):
                    assert index == len(self.blocks)
                    self.blocks.append(html)
                case RawText(text):
                    assert self.tail.endswith(FIGURE_END)
                    self.tail = self.tail.removesuffix(FIGURE_END) + escape(text, quote=False) + FIGURE_END
                    self.is_raw = True
                case Tail(keep, html):
                    assert keep == 0 or not self.is_raw
                    units = self.tail.encode("utf-16-le")[: keep * 2]
                    self.tail, self.is_raw = units.decode("utf-16-le") + html, False


def read(parts: Iterable[str]) -> str:
    """Feed the parts with a tick after each; every snapshot must be what the client has. The final HTML."""
    renderer, reader = IncrementalRenderer(), Reader()
    for part in parts:
        renderer.feed(part)
        reader.apply(renderer.tick())
        assert renderer.snapshot() == (reader.blocks, reader.tail)
    reader.apply(renderer.finish())
    assert reader.tail == ""
    assert "".join(reader.blocks) == renderer.html
    return renderer.html
