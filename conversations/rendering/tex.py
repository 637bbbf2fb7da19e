"""TeX to MathML, or None for what cannot or must not be converted.

Source of facts: measured on math-core 0.9. It recurses on the stack of the process for each nested group, command or
delimiter (some hundred levels end the process where a thread has a small stack), its time doubles with each delimiter
that is never closed, and it writes ``style`` attributes, which our content security policy refuses.
"""

import re
from functools import lru_cache

from math_core import LatexError, LatexToMathML

from conversations.rendering import limits

_CONVERTER = LatexToMathML(fancy_error=False, max_expansions=0)

_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|[\s\S])|\S")
_OWN_COMMANDS = re.compile(r"\\(?:(?:re|provide)?newcommand|(?:re)?newenvironment|[gex]?def|let|DeclareMathOperator)\b")
_NUMBERED = re.compile(r"\\(begin|end)\{(equation|align|gather|multline|alignat|flalign|eqnarray)\}")
_NUMBERS = re.compile(r"\\(?:label|ref|eqref)\{[^{}]*\}|\\(?:nonumber|notag)\b")
_SPLIT = re.compile(r"\\(begin|end)\{split\}")
_PAIRS = {
    ")": "(",
    "]": "[",
    r"\}": r"\{",
    r"\rbrace": r"\lbrace",
    r"\rbrack": r"\lbrack",
    r"\rangle": r"\langle",
    r"\rfloor": r"\lfloor",
    r"\rceil": r"\lceil",
    r"\rvert": r"\lvert",
    r"\rVert": r"\lVert",
    r"\rgroup": r"\lgroup",
    r"\rmoustache": r"\lmoustache",
    r"\rrbracket": r"\llbracket",
    r"\rrangle": r"\llangle",
    r"\urcorner": r"\ulcorner",
    r"\lrcorner": r"\llcorner",
    r"\rparen": r"\lparen",
    r"\rBrace": r"\lBrace",
}
_OPENING = frozenset(_PAIRS.values())
_GROUP_OPENS = frozenset(("{", r"\begin", r"\left"))
_GROUP_CLOSES = frozenset(("}", r"\end", r"\right"))
_SCRIPTS = frozenset("^_'")
_CELL_ENDS = frozenset(("&", r"\\"))


@lru_cache(maxsize=512)
def to_mathml(tex: str, *, display: bool) -> str | None:
    """MathML of the formula (not yet sanitised), or None where its source is to be shown."""
    tex = tex.strip()
    if len(tex) > limits.TEX_CHARACTERS or _OWN_COMMANDS.search(tex) or not _is_shallow(tex):
        return None
    try:
        return _CONVERTER.convert_with_local_state(_prepared(tex), displaystyle=display)
    except LatexError:
        return None


def _prepared(tex: str) -> str:
    """Without numbers: a number that counts through a document cannot be known while it arrives."""
    tex = _NUMBERED.sub(r"\\\1{\2*}", _NUMBERS.sub("", tex))
    tex = _SPLIT.sub(r"\\\1{aligned}", tex)
    if r"\tag" in tex and r"\begin{" not in tex:
        return rf"\begin{{equation*}}{tex}\end{{equation*}}"
    return tex


def _is_shallow(tex: str) -> bool:
    """Whether nesting and open delimiters stay small, counted at least as deep as the converter may recurse.

    Any command may take the next one as its argument, so the commands of a group add up until its cell or row ends.
    """
    run = depth = unmatched = 0
    groups: list[tuple[int, list[str]]] = []
    waiting: list[str] = []
    for token in _TOKEN.findall(tex):
        if token in _GROUP_OPENS:
            depth += run + 1
            groups.append((run, waiting))
            run, waiting = 0, []
        elif token in _GROUP_CLOSES:
            unmatched += len(waiting)
            run, waiting = groups.pop() if groups else (0, [])
            depth = max(0, depth - run - 1)
        elif token in _OPENING:
            waiting.append(token)
        elif waiting and waiting[-1] == _PAIRS.get(token):
            waiting.pop()
        elif token in _CELL_ENDS:
            run = 0
        elif token[0] == "\\" or token in _SCRIPTS:
            run += 1
        if depth + run > limits.TEX_DEPTH or unmatched + len(waiting) > limits.TEX_UNMATCHED:
            return False
    return True
