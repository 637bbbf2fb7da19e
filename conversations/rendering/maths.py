r"""TeX in markdown: ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]`` and ``\begin{equation}`` and its kin, as MathML.

A formula ends before a blank line, inside the container it began in, and within ``MAXIMUM_LINES``. ``$5 and $6`` is
not maths: the opening dollar sign touches what follows, the closing one what goes before, no digit follows that, and
no letter or digit goes before the first. What the converter does not know is shown as its source.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

MAXIMUM_LINES = 200

_ENVIRONMENTS = r"(?:equation|align|alignat|gather|multline|eqnarray|flalign)\*?"
_DOLLARS = re.compile(r"\$\$(?!\$)(?P<tex>(?:[^$\\]|\\[\s\S]){1,4000}?)\$\$")
_DOLLAR = re.compile(r"\$(?![\s$])(?P<tex>(?:[^$\\`]|\\[\s\S]){0,2000}?(?:[^\s$\\`]|\\\S))\$(?!\d)")
_ROUND = re.compile(r"\\\((?P<tex>(?:[^\\]|\\(?![()])[\s\S]){1,2000}?)\\\)")
_SQUARE = re.compile(r"\\\[(?P<tex>(?:[^\\]|\\(?![\[\]])[\s\S]){1,4000}?)\\\]")
_BEGIN = re.compile(rf"(?P<tex>\\begin\{{(?P<name>{_ENVIRONMENTS})\}}[\s\S]{{1,4000}}?\\end\{{(?P=name)\}})")
_NOTHING = re.compile(r"(?P<tex>)(?!)")
_PATTERNS = {"$$": (_DOLLARS, True), "\\(": (_ROUND, False), "\\[": (_SQUARE, True), "\\b": (_BEGIN, True)}
OPENER = re.compile(r"\$\$|\\\[|\\begin\{" + _ENVIRONMENTS + r"\}")
_AFTER = re.compile(r"[ \t]*[.,;:]?[ \t]*(?:\n|\Z)")
_BLANK_LINE = re.compile(r"\n[> \t]*\n")


def use_maths(markdown: MarkdownIt) -> None:
    """Add the rules: before ``escape``, which would take ``\\(`` and ``\\[``, and before ``fence``."""
    markdown.inline.ruler.before("escape", "maths", _inline)
    markdown.block.ruler.before("fence", "maths", _block, {"alt": ["paragraph", "reference", "blockquote"]})


def match_inline(source: str, position: int, end: int) -> tuple[int, str, bool] | None:
    """Find the formula that begins at ``position``: where it ends, its TeX, and whether it stands on its own."""
    pattern, display = _inline_pattern(source, position)
    match = pattern.match(source, position, end)
    if match is None or not match["tex"].strip(" \t\n\\"):
        return None
    return match.end(), match["tex"], display


def _inline_pattern(source: str, position: int) -> tuple[re.Pattern[str], bool]:
    opener = source[position : position + 2]
    if opener in _PATTERNS:
        return _PATTERNS[opener]
    follows_word = position > 0 and source[position - 1].isalnum()
    return (_NOTHING if follows_word else _DOLLAR), False


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$" and state.src[state.pos : state.pos + 2] not in _PATTERNS:
        return False
    found = match_inline(state.src, state.pos, state.posMax)
    if found is None:
        return _skip_dollars(state, silent)
    end, tex, display = found
    if not silent:
        token = state.push("maths", "math", 0)
        token.content = tex
        token.markup = state.src[state.pos : end]
        token.meta = {"display": display}
    state.pos = end
    return True


def _skip_dollars(state: StateInline, silent: bool) -> bool:
    """Take a run of dollar signs that opens nothing as text, whole, so that no part of it opens anything."""
    if not state.src.startswith("$$", state.pos):
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == "$":
        end += 1
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    opening = OPENER.match(first)
    if opening is None:
        return False
    opener = opening[0]
    closer = {"$$": "$$", "\\[": "\\]"}.get(opener, opener.replace("begin", "end"))
    last = _closing_line(state, start, end, closer)
    if last is None:
        return False
    if silent:
        return True
    markup = state.getLines(start, last + 1, state.sCount[start], False).strip()
    body = markup[: markup.rindex(closer)]
    token = state.push("maths_block", "math", 0)
    token.content = body[len(opener) :] if opener in ("$$", "\\[") else body + closer
    token.markup = markup
    token.info = markup[len(body) + len(closer) :].strip()
    token.map = [start, last + 1]
    state.line = last + 1
    return True


def _closing_line(state: StateBlock, start: int, end: int, closer: str) -> int | None:
    """The line on which the formula ends, or None; nothing but a full stop or comma may follow there."""
    begin = OPENER.match(state.src, state.bMarks[start] + state.tShift[start]).end()  # type: ignore[union-attr]
    last = min(end, start + MAXIMUM_LINES) - 1
    found = state.src.find(closer, begin, state.eMarks[last])
    if found < 0 or _BLANK_LINE.search(state.src, begin, found) or not _AFTER.match(state.src, found + len(closer)):
        return None
    indent = min(state.blkIndent, state.sCount[start])
    line, is_blank = start, not state.src[begin:found].strip("> \t\n\\")
    while state.eMarks[line] < found:
        line += 1
        if state.isEmpty(line) or state.sCount[line] < indent:
            return None
    return None if is_blank else line
