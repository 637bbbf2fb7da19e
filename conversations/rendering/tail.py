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
from conversations.rendering.open_paragraph import OpenParagraph, last_leaf, open_paragraph

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
        self._paragraph: OpenParagraph | None = None

    def restart(self) -> None:
        """The next tail has another begin, or other link definitions before it."""
        self._frozen = None
        self._paragraph = None

    def render(self, source: str, references: References) -> str:
        """Safe HTML of what may be shown of a source that is not final; its definitions stay its own."""
        html = self._paragraph.grow(source) if self._paragraph is not None else None
        return self._render_anew(source, references) if html is None else html

    def _render_anew(self, source: str, references: References) -> str:
        self._cache.turn()
        self._paragraph = None
        shown = _without_held_line(source)
        html = self._render_behind(self._frozen, shown, references) if self._frozen is not None else None
        if html is None:
            self._frozen = None
            html = self._render_behind(None, shown, references) or ""
        if shown != source:
            self._paragraph = None
        return html

    def _render_behind(self, frozen: FrozenItems | None, source: str, references: References) -> str | None:
        """The frozen items and what follows them; None where they no longer fit."""
        rest = source[frozen.end :] if frozen else source
        blocks, own = _shown_blocks(rest, references)
        if frozen and (not blocks or not frozen.fit(blocks[0])):
            return None
        self._frozen = self._freeze(frozen, blocks, rest, own)
        paragraph = _close_last(blocks)
        html = self._join(blocks, own) if frozen is None else self._join_behind(frozen, blocks, own)
        if blocks:
            self._paragraph = open_paragraph(source, rest, blocks, paragraph, html, own)
        return html

    def _join_behind(self, frozen: FrozenItems, blocks: list[TopBlock], own: References) -> str:
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
    if formula is not None and blocks and _leaf(blocks[-1]).type == "inline":
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


def _leaf(block: TopBlock) -> Token:
    return block.tokens[last_leaf(block)]


def _close_last(blocks: list[TopBlock]) -> str:
    """Close what is open in the last leaf; its text before that."""
    token = _leaf(blocks[-1]) if blocks else None
    if token is None or token.type != "inline":
        return ""
    text = token.content
    token.content = closed(_without_table_head(text))
    return text


def _without_table_head(text: str) -> str:
    """One or two lines that begin with a bar are held back: with the next they may be a table."""
    lines = text.split("\n")
    count = sum(1 for _ in takewhile(lambda line: line.lstrip().startswith("|"), reversed(lines)))
    return "\n".join(lines[:-count]) if 0 < count <= 2 else text


def _is_empty(block: TopBlock) -> bool:
    return len(block.tokens) == 3 and block.tokens[1].type == "inline" and not block.tokens[1].content
