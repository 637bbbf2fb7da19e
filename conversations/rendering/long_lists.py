"""A long list at the end of a growing text: its first items are rendered once, not again at each tick.

Only what is shown while text arrives depends on this; a list that becomes final is rendered whole.
"""

import re
from dataclasses import dataclass

from conversations.rendering.blocks import TopBlock

LONG_LIST = 800
"""Items are frozen when the list behind those frozen before has this many characters."""

_OPENING = re.compile(r"<[uo]l[^>]*>\n")
_LISTS = ("bullet_list_open", "ordered_list_open")


@dataclass(frozen=True)
class FrozenItems:
    """HTML of the first items with the list's opening tag, which make up the source up to ``end``."""

    html: str
    end: int
    mark: str
    is_tight: bool

    def fit(self, block: TopBlock) -> bool:
        """Whether this block goes on the frozen list; its paragraphs are made to look like those of the list."""
        if not _is_list(block) or block.tokens[0].markup != self.mark:
            return False
        if _is_tight(block) == self.is_tight:
            return True
        if self.is_tight:
            return False
        for token in block.tokens:
            if token.level == 2 and token.tag == "p":
                token.hidden = False
        return True


def leading_items(block: TopBlock) -> TopBlock | None:
    """The list without its last item, if it is one with more than two."""
    items = [index for index, token in enumerate(block.tokens) if token.type == "list_item_open" and token.level == 1]
    if not _is_list(block) or len(items) < 3:
        return None
    last = items[-1]
    end = (block.tokens[last].map or [block.end])[0]
    return TopBlock(block.first, end, [*block.tokens[:last], block.tokens[-1]])


def freeze(frozen: FrozenItems | None, head: TopBlock, html: str, length: int) -> FrozenItems:
    """Add the items in ``head``, whose HTML and length of source are given, to those frozen before."""
    if frozen is None:
        return FrozenItems(html[: html.rindex("</")], length, head.tokens[0].markup, _is_tight(head))
    added = items_html(html)
    return FrozenItems(frozen.html + added[: added.rindex("</")], frozen.end + length, frozen.mark, frozen.is_tight)


def items_html(html: str) -> str:
    """A list's HTML without its opening tag."""
    return _OPENING.sub("", html, count=1)


def line_offset(source: str, line: int) -> int:
    """How many characters come before a line."""
    return sum(len(text) + 1 for text in source.split("\n", line)[:line])


def _is_list(block: TopBlock) -> bool:
    return block.tokens[0].type in _LISTS


def _is_tight(block: TopBlock) -> bool:
    return all(token.hidden for token in block.tokens if token.level == 2 and token.tag == "p")
