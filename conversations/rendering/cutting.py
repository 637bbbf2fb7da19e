r"""Where a growing text may be cut: what stands before the cut never changes again, whatever follows.

At a line where a full parse begins a top-level block, the parser remembers nothing but link definitions. So the text
may be cut at the first line L of the last block, unless what stands before could still reach over it: a table needs
one more line, a definition or a formula several. That is so where line L-1 is blank, or where the block before L ends
right there and no line of the unbroken run before L begins with ``[``, ``$$``, ``\[`` or ``\begin{``.
"""

import re
from dataclasses import dataclass

from conversations.rendering.blocks import TopBlock

REACHES_ON = re.compile(r" {0,3}(?:\[|\$\$|\\\[|\\begin\{)")
_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}(?=[^`\n]*\n)|~{3,})(?P<info>[^\n]*)\n")


@dataclass(frozen=True)
class Fence:
    """An open code fence: its mark, how often, its indentation and its info string."""

    mark: str
    length: int
    indent: int
    info: str

    @property
    def closing(self) -> re.Pattern[str]:
        """What closes it, at the begin of a line, the line break included."""
        return re.compile(rf"^ {{0,3}}{re.escape(self.mark)}{{{self.length},}}[ \t]*\n", re.MULTILINE)


def open_fence(source: str) -> Fence | None:
    """The fence whose opening line the source, the text of one block, begins with."""
    match = _FENCE.match(source)
    if match is None:
        return None
    marks = match["marks"]
    return Fence(marks[0], len(marks), match.start("marks"), match["info"])


def cut_line(blocks: list[TopBlock], lines: list[str], reaches_on: re.Pattern[str] = REACHES_ON) -> int:
    """The line before which complete ``lines``, parsed into ``blocks``, may be cut; 0 where they may not."""
    if not blocks:
        return 0
    line = blocks[-1].first
    if line == 0 or _is_blank(lines[line - 1]):
        return line
    if len(blocks) < 2 or blocks[-2].end != line or _may_reach(lines, line, reaches_on):
        return 0
    return line


def _may_reach(lines: list[str], line: int, reaches_on: re.Pattern[str]) -> bool:
    while line and not _is_blank(lines[line - 1]):
        line -= 1
        if reaches_on.match(lines[line]):
            return True
    return False


def _is_blank(line: str) -> bool:
    return not line.strip(" \t")
