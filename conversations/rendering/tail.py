"""The tail: how text that is not final is shown, and what of it changed since it was last shown."""

import re
from itertools import takewhile

from markdown_it.token import Token

from conversations.rendering.blocks import References, TopBlock, parse_blocks, render_block
from conversations.rendering.cache import Cache
from conversations.rendering.closing import closed
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


def tail_html(source: str, references: References, cache: Cache) -> str:
    """Safe HTML of what may be shown of a source that is not final; its definitions stay its own."""
    cache.turn()
    own = References(references)
    source = _without_held_line(source)
    blocks = parse_blocks(source, own)
    formula = _open_formula(source)
    if formula is not None and blocks and _last_leaf(blocks[-1]).type == "inline":
        blocks = parse_blocks(source[:formula], own)
    if blocks:
        _close_last(blocks[-1])
    return "".join(render_block(block, own, cache) for block in blocks if not _is_empty(block))


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


def _close_last(block: TopBlock) -> None:
    token = _last_leaf(block)
    if token.type == "inline":
        token.content = closed(_without_table_head(token.content))


def _without_table_head(text: str) -> str:
    """One or two lines that begin with a bar are held back: with the next they may be a table."""
    lines = text.split("\n")
    count = sum(1 for _ in takewhile(lambda line: line.lstrip().startswith("|"), reversed(lines)))
    return "\n".join(lines[:-count]) if 0 < count <= 2 else text


def _is_empty(block: TopBlock) -> bool:
    return len(block.tokens) == 3 and block.tokens[1].type == "inline" and not block.tokens[1].content
