"""The final part of a growing text: blocks cut off its source as soon as nothing that follows can change them."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from conversations.rendering import limits
from conversations.rendering.blocks import References, TopBlock, parse_blocks, render_block
from conversations.rendering.cutting import Fence, cut_line, open_fence
from conversations.rendering.output import plain_block
from conversations.rendering.plain import limit_of, plain_parts
from conversations.rendering.sanitising import sanitise

_LONG_BLOCK = 2_000
"""From here on a block is looked at again only when it has grown by an eighth, so that looking costs linear time."""


@dataclass
class _Hopeful:
    """A final block that mentions labels nobody has defined yet."""

    block: TopBlock
    renders: int = 0


class Document:
    """``html`` of the final blocks, ``source`` not final yet; ``fence`` is open where the source begins with one.

    ``final_length`` characters were cut off so far.
    After ``source`` was cut, it begins at the first line of a top-level block (or with blank lines).
    """

    def __init__(self, cut: Callable[[list[TopBlock], list[str]], int] = cut_line) -> None:
        self.html: list[str] = []
        self._find_cut = cut
        self.source = ""
        self.references = References()
        self.fence: Fence | None = None
        self.is_plain = False
        self._scanned = 0
        self.final_length = 0
        self._hopefuls: dict[int, _Hopeful] = {}
        self._candidates: defaultdict[str, set[int]] = defaultdict(set)
        self._deferred: set[int] = set()

    def append(self, text: str) -> list[int]:
        """Take more normalised text; the indexes of blocks that became final or changed, in order."""
        self.source += text
        changed: set[int] = set()
        if not self.is_plain:
            self._advance_markdown(changed)
        if self.is_plain:
            self._advance_plain(changed)
        return sorted(changed)

    def finish(self) -> list[int]:
        """Make the rest final; the indexes of blocks that became final or changed, in order."""
        changed: set[int] = set()
        if self.is_plain:
            self._add_plain(self.source, changed)
        else:
            self._finish_markdown(self.source, changed)
        self.source = ""
        for index in self._deferred:
            self._render_again(index, changed)
        return sorted(changed)

    def _advance_markdown(self, changed: set[int]) -> None:
        limit = limit_of(self.source, self.final_length)
        if limit is None:
            while self._advance_once(changed):
                pass
            return
        rest = self.source[limit:]
        self._finish_markdown(self.source[:limit], changed)
        self.source = rest
        self.is_plain = True

    def _advance_once(self, changed: set[int]) -> bool:
        """Cut once if possible; whether another look may find more."""
        end = self.source.rfind("\n") + 1
        if end <= self._scanned:
            return False
        if self.fence is not None:
            return self._close_fence(self.fence, end, changed)
        references = References(self.references)
        blocks = parse_blocks(self.source[:end], references)
        lines = self.source[:end].split("\n")
        line = self._find_cut(blocks, lines)
        self._scanned = end + end // 8 if end > _LONG_BLOCK else end
        if line:
            self._make_final(blocks[:-1], references, line, changed)
            self._cut(sum(map(len, lines[:line])) + line)
        if self.fence is None and self.source:
            self.fence = open_fence(self.source)
            if self.fence is not None:
                self._scanned = self.source.index("\n") + 1
                return True
        return False

    def _close_fence(self, fence: Fence, end: int, changed: set[int]) -> bool:
        closing = fence.closing.search(self.source, self._scanned, end)
        if closing is None:
            self._scanned = end
            return False
        source = self.source[: closing.end()]
        references = References(self.references)
        self._make_final(parse_blocks(source, references), references, source.count("\n"), changed)
        self._cut(closing.end())
        return True

    def _cut(self, length: int) -> None:
        self.source = self.source[length:]
        self.final_length += length
        self._scanned = 0
        self.fence = None

    def _finish_markdown(self, source: str, changed: set[int]) -> None:
        references = References(self.references)
        blocks = parse_blocks(source, references)
        self._make_final(blocks, references, source.count("\n") + 1, changed)
        self.fence = None

    def _make_final(self, blocks: list[TopBlock], references: References, line: int, changed: set[int]) -> None:
        """Add the blocks, with the definitions found before ``line``, and render what those change."""
        new = {label: found for label, found in references.own.items() if found["map"][0] < line}
        self.references.own.update(new)
        for block in blocks:
            self.html.append("")
            self._render(len(self.html) - 1, block, changed)
        for index in {index for label in new for index in self._candidates.pop(label, ())}:
            hopeful = self._hopefuls[index]
            hopeful.renders += 1
            if hopeful.renders > limits.RERENDERS:
                self._deferred.add(index)
            else:
                self._render(index, hopeful.block, changed)

    def _render_again(self, index: int, changed: set[int]) -> None:
        self._render(index, self._hopefuls[index].block, changed)

    def _render(self, index: int, block: TopBlock, changed: set[int]) -> None:
        references = References(self.references)
        html = render_block(block, references)
        for label in references.missed:
            self._candidates[label].add(index)
            self._hopefuls.setdefault(index, _Hopeful(block))
        if html != self.html[index] or not html:
            self.html[index] = html
            changed.add(index)

    def _advance_plain(self, changed: set[int]) -> None:
        *parts, last = list(plain_parts(self.source)) or [""]
        self._add_plain("".join(parts), changed)
        self.source = last

    def _add_plain(self, text: str, changed: set[int]) -> None:
        for part in plain_parts(text):
            self.html.append(sanitise(plain_block(part)))
            changed.add(len(self.html) - 1)
