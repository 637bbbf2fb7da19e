"""The tail: how text that is not final is shown, and what of it changed since it was last shown."""

import re
from itertools import takewhile

from markdown_it.token import Token

from conversations.rendering.blocks import References, TopBlock, parse_blocks, render_block
from conversations.rendering.cache import Cache
from conversations.rendering.closing import closed
from conversations.rendering.long_lists import (
    LONG_LIST,
    FrozenItems,
    freeze,
    items_html,
    leading_items,
    line_offset,
)
from conversations.rendering.maths import OPENER

_HELD = re.compile(
    r"""
    (?:[ \t]|>|[-*+][ \t]|\d{1,9}[.)][ \t])*            # inside quotes and lists
    (?: [-+*=_~`\#|:>. \t]*                             # marks only
      | \d{1,9}[.)]?                                    # a number that may count
      | [-+*]?[ \t]*\[[ xX]?\]?                         # a task box
      | `{3,}[^`]*                                      # a fence and its language
      | ~{3,}.*
      | \[[^\]]*\]:.*                                   # a link definition
      | (?:\$|\\)\$?
    )[ \t]*\Z""",
    re.VERBOSE,
)
_FORMULA = re.compile(rf"^(?:[ \t]|>|[-*+][ \t]|\d{{1,9}}[.)][ \t])*(?P<opener>{OPENER.pattern})", re.MULTILINE)
_HELD_FORMULA = 4_000


class TailRenderer:
    """Renders tails one after another; what is cut off between them is told by ``restart``."""

    def __init__(self) -> None:
        self._cache = Cache()
        self._frozen: FrozenItems | None = None

    def restart(self) -> None:
        """The next tail has another begin."""
        self._frozen = None

    def render(self, source: str, references: References) -> str:
        """Safe HTML of what may be shown of a source that is not final; its definitions stay its own."""
        self._cache.turn()
        source = _without_held_line(source)
        if self._frozen is not None:
            html = self._render_behind(self._frozen, source, references)
            if html is not None:
                return html
        self._frozen = None
        blocks, own = _shown_blocks(source, references)
        self._frozen = self._freeze(None, blocks, source, own)
        _close_last(blocks)
        return self._join(blocks, own)

    def _render_behind(self, frozen: FrozenItems, source: str, references: References) -> str | None:
        """The frozen items and what follows them; None where they no longer fit."""
        rest = source[frozen.end :]
        blocks, own = _shown_blocks(rest, references)
        if not blocks or not frozen.fit(blocks[0]):
            return None
        self._frozen = self._freeze(frozen, blocks, rest, own)
        _close_last(blocks)
        return frozen.html + items_html(self._join(blocks[:1], own)) + self._join(blocks[1:], own)

    def _freeze(
        self, frozen: FrozenItems | None, blocks: list[TopBlock], source: str, own: References
    ) -> FrozenItems | None:
        if len(source) < LONG_LIST or len(blocks) != 1:
            return frozen
        head = leading_items(blocks[0])
        if head is None:
            return frozen
        length = line_offset(source, head.end)
        return freeze(frozen, head, self._join([head], own), length)

    def _join(self, blocks: list[TopBlock], own: References) -> str:
        return "".join(render_block(block, own, self._cache) for block in blocks if not _is_empty(block))


def _shown_blocks(source: str, references: References) -> tuple[list[TopBlock], References]:
    own = References(references)
    blocks = parse_blocks(source, own)
    formula = _open_formula(source)
    if formula is not None and blocks and _last_leaf(blocks[-1]).type == "inline":
        own = References(references)
        blocks = parse_blocks(source[:formula], own)
    return blocks, own


def _without_held_line(source: str) -> str:
    begin = source.rfind("\n") + 1
    return source[:begin] if _HELD.match(source, begin) else source


def _open_formula(source: str) -> int | None:
    """Where, in the last unbroken run of lines, a formula begins at a line's start and has no end yet."""
    begin = max(source.rfind("\n\n") + 1, len(source) - _HELD_FORMULA)
    while (match := _FORMULA.search(source, begin)) is not None:
        opener = match["opener"]
        closer = {"$$": "$$", "\\[": "\\]"}.get(opener, opener.replace("begin", "end"))
        closing = source.find(closer, match.end())
        if closing < 0:
            return match.start()
        begin = closing + len(closer)
    return None


def _last_leaf(block: TopBlock) -> Token:
    """The last token that shows something."""
    for token in reversed(block.tokens):
        if token.nesting == 0 and (token.type != "inline" or token.content):
            return token
    return block.tokens[-1]


def _close_last(blocks: list[TopBlock]) -> None:
    if not blocks:
        return
    token = _last_leaf(blocks[-1])
    if token.type == "inline":
        token.content = closed(_without_table_head(token.content))


def _without_table_head(text: str) -> str:
    """One or two lines that begin with a bar are held back: with the next they may be a table."""
    lines = text.split("\n")
    count = sum(1 for _ in takewhile(lambda line: line.lstrip().startswith("|"), reversed(lines)))
    return "\n".join(lines[:-count]) if 0 < count <= 2 else text


def _is_empty(block: TopBlock) -> bool:
    return len(block.tokens) == 3 and block.tokens[1].type == "inline" and not block.tokens[1].content
