"""Our markdown: CommonMark with tables, strikethrough, task lists, bare addresses and maths; raw HTML is text.

Left out on purpose: footnotes, front matter, definition lists, heading ids; they would tie blocks to each other.
"""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block, table
from markdown_it.rules_inline import StateInline, image

from conversations.rendering import limits
from conversations.rendering.links import use_links
from conversations.rendering.maths import use_maths
from conversations.rendering.output import Output

_BlockRule = Callable[[StateBlock, int, int, bool], bool]
_CONTROLS = re.compile("[\0\ud800-\udfff]")


def normalise(text: str) -> str:
    """Line ends as LF; NUL and lone surrogates replaced. Character by character but for CR and LF."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _make() -> MarkdownIt:
    markdown = MarkdownIt(
        "commonmark", {"html": False, "maxNesting": 100, "tasklists": True}, renderer_cls=lambda _: Output()
    )
    markdown.enable(["table", "strikethrough"])
    markdown.disable(["html_block", "html_inline"])
    ends = ["paragraph", "reference", "blockquote"]
    markdown.block.ruler.at("blockquote", _shallow(blockquote), {"alt": [*ends, "list"]})
    markdown.block.ruler.at("list", _shallow(list_block), {"alt": ends})
    markdown.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    markdown.inline.ruler.at("image", _image)
    markdown.validateLink = _accept  # type: ignore[method-assign]
    use_links(markdown)
    use_maths(markdown)
    return markdown


def _accept(url: str) -> bool:
    """The parser takes every address; ``output`` decides which becomes a link, so that no other is left as source."""
    return True


def _shallow(rule: _BlockRule) -> _BlockRule:
    """The rule up to a depth, then text: the stock parser would drop what nests too deep, and all after it."""

    def limited(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < limits.CONTAINER_DEPTH and rule(state, start, end, silent)

    return limited


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The stock rule, but the table ends where its rows leave out more cells than they have characters to show for."""
    if not table(state, start, end, True):
        return False
    if silent:
        return True
    columns = state.src.count("|", state.bMarks[start], state.eMarks[start]) + 1
    spare, line = limits.SPARE_CELLS, start + 2
    while line < end and spare >= 0 and not state.isEmpty(line):
        begin, stop = state.bMarks[line], state.eMarks[line]
        spare -= max(0, columns - state.src.count("|", begin, stop) - (stop - begin))
        line += 1
    return table(state, start, line, False)


def _image(state: StateInline, silent: bool) -> bool:
    """The stock rule to a depth: it parses a description in a state of its own, which counts from zero again."""
    depth = state.env.get("image_depth", 0)
    if depth >= limits.IMAGE_DEPTH or state.src[state.pos] != "!":
        return False
    state.env["image_depth"] = depth + 1
    try:
        return image(state, silent)
    finally:
        state.env["image_depth"] = depth


MARKDOWN = _make()
