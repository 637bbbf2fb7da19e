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
_DOLLARS = re.compile(r"\$\$(?!\$)((?:[^$\\]|\\[\s\S]){1,4000}?)\$\$")
_DOLLAR = re.compile(r"\$(?![\s$])((?:[^$\\`]|\\[\s\S]){0,2000}?(?:[^\s$\\`]|\\\S))\$(?!\d)")
_ROUND = re.compile(r"\\\(((?:[^\\]|\\(?![()])[\s\S]){1,2000}?)\\\)")
_SQUARE = re.compile(r"\\\[((?:[^\\]|\\(?![\[\]])[\s\S]){1,4000}?)\\\]")
_BEGIN = re.compile(r"\\begin\{(" + _ENVIRONMENTS + r")\}")
OPENER = re.compile(r"\$\$|\\\[|\\begin\{" + _ENVIRONMENTS + r"\}")
_AFTER = re.compile(r"[ \t]*[.,;:]?[ \t]*\Z")


def use_maths(markdown: MarkdownIt) -> None:
    """Add the rules: before ``escape``, which would take ``\\(`` and ``\\[``, and before ``fence``."""
    markdown.inline.ruler.before("escape", "maths", _inline)
    markdown.block.ruler.before("fence", "maths", _block, {"alt": ["paragraph", "reference", "blockquote"]})


def match_inline(source: str, position: int, end: int) -> tuple[int, str, bool] | None:
    """Find the formula that begins at ``position``: where it ends, its TeX, and whether it stands on its own."""
    if source[position] == "$":
        if source.startswith("$$", position):
            return _matched(_DOLLARS.match(source, position, end), display=True)
        if position and source[position - 1].isalnum():
            return None
        return _matched(_DOLLAR.match(source, position, end), display=False)
    if source.startswith("\\(", position):
        return _matched(_ROUND.match(source, position, end), display=False)
    if source.startswith("\\[", position):
        return _matched(_SQUARE.match(source, position, end), display=True)
    opening = _BEGIN.match(source, position, end)
    if opening is None:
        return None
    closing = source.find(rf"\end{{{opening[1]}}}", opening.end(), min(end, opening.end() + 4000))
    if closing < 0:
        return None
    stop = closing + len(opening[1]) + 6
    return stop, source[position:stop], True


def _matched(match: re.Match[str] | None, *, display: bool) -> tuple[int, str, bool] | None:
    if match is None or not match[1].strip():
        return None
    return match.end(), match[1], display


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
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
    last = _closing_line(state, start, end, first[len(opener) :], closer)
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


def _closing_line(state: StateBlock, start: int, end: int, text: str, closer: str) -> int | None:
    """The line on which the formula ends, or None; nothing but a full stop or comma may follow there."""
    indent = min(state.blkIndent, state.sCount[start])
    line, blank = start, True
    while True:
        found = text.find(closer)
        blank = blank and not (text if found < 0 else text[:found]).strip()
        if found >= 0:
            return line if not blank and _AFTER.match(text, found + len(closer)) else None
        line += 1
        if line >= min(end, start + MAXIMUM_LINES) or state.isEmpty(line) or state.sCount[line] < indent:
            return None
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
