"""Half a paragraph, repaired for display: what is open is closed or held back, so that no markup flashes by.

This decides only what is shown while text arrives, never what is final, and its output is rendered and sanitised like
any other text.
"""

import re

from conversations.rendering.maths import match_inline

_TOKEN = re.compile(r"\\[\s\S]|`+|\*+|_+|~~|!?\[|\]|\$")
_LAST = re.compile(r"(?:\\[a-z]*\{?[a-z]*\*?|&#?[A-Za-z0-9]{0,30}|[ \t]!|<(?=(?:https?:|mailto:)[^\s<>]*\Z))\Z")
_ADDRESS = re.compile(r"<((?:https?:|mailto:)[^\s<>]*)\Z")
_FORMULA_LIKE = re.compile(r"[A-Za-z\\({|][^\n]*\Z")
_DOLLARS_HELD = 80


def closed(text: str) -> str:
    """The paragraph's text with what is still open closed, hidden or held back."""
    text = _ADDRESS.sub(r"\1", _LAST.sub("", text.rstrip()))
    return _Closing(text).result().rstrip()


def is_closed(text: str) -> bool:
    """Whether nothing is open or held back in it, so that what follows a space behind it is closed by itself."""
    closing = _Closing(text)
    closing.scan()
    return closing.is_clean


class _Closing:
    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[str] = []
        self._brackets: list[tuple[int, int]] = []
        self._dropped: list[tuple[int, int]] = []
        self._end = len(text)
        self._suffix = ""

    @property
    def is_clean(self) -> bool:
        return not (self._open or self._brackets or self._dropped or self._suffix) and self._end == len(self._text)

    def scan(self) -> None:
        position = 0
        while position >= 0 and (match := _TOKEN.search(self._text, position)) is not None:
            position = self._step(match)

    def result(self) -> str:
        self.scan()
        self._dropped += self._brackets
        shown = self._text[: self._end]
        for begin, end in sorted(self._dropped, reverse=True):
            shown = shown[:begin] + shown[end:]
        return shown.rstrip() + self._suffix + "".join(reversed(self._open))

    def _step(self, match: re.Match[str]) -> int:
        """Take one mark; where to go on, or -1 where the rest needs no look."""
        mark = match[0]
        if mark == "$" or mark in ("\\(", "\\[", "\\b"):
            return self._maths(match)
        if mark[0] == "\\":
            return match.end()
        if mark[0] == "`":
            return self._code(match)
        if mark[0] in "*_~":
            return self._emphasis(match)
        if mark == "]":
            return self._bracket(match)
        self._brackets.append(match.span())
        return match.end()

    def _maths(self, match: re.Match[str]) -> int:
        begin = match.start()
        found = match_inline(self._text, begin, len(self._text))
        if found is not None:
            return found[0]
        if match[0] in ("\\(", "\\[") or self._text.startswith(("$$", "\\begin{"), begin):
            return self._hide_from(begin)
        return self._hide_from(begin) if match[0] == "$" and self._may_be_maths(begin + 1) else match.end()

    def _may_be_maths(self, begin: int) -> bool:
        """Whether what follows a dollar sign looks like a formula still being written, rather than a price."""
        rest = self._text[begin:]
        return not rest or (_FORMULA_LIKE.match(rest) is not None and len(rest) < _DOLLARS_HELD)

    def _hide_from(self, begin: int) -> int:
        self._end = begin
        return -1

    def _code(self, match: re.Match[str]) -> int:
        closing = re.compile(rf"(?<!`){match[0]}(?!`)").search(self._text, match.end())
        if closing is not None:
            return closing.end()
        if match.end() == len(self._text):
            return self._hide_from(match.start())
        self._end = len(self._text.rstrip("`"))
        self._suffix = match[0]
        return -1

    def _emphasis(self, match: re.Match[str]) -> int:
        mark, begin, end = match[0], *match.span()
        if end == len(self._text):
            return self._hide_from(begin)
        before = self._text[begin - 1] if begin else " "
        after = self._text[end]
        inside_word = mark[0] == "_" and before.isalnum() and after.isalnum()
        if not before.isspace() and self._open and self._open[-1][0] == mark[0] and not inside_word:
            self._close(mark)
        elif not after.isspace() and not inside_word and len(mark) <= 3:
            self._open.append(mark)
        return end

    def _close(self, mark: str) -> None:
        left = len(mark)
        while left and self._open and self._open[-1][0] == mark[0]:
            last = self._open.pop()
            if len(last) > left:
                self._open.append(last[left:])
            left = max(0, left - len(last))

    def _bracket(self, match: re.Match[str]) -> int:
        if not self._brackets:
            return match.end()
        opening = self._brackets.pop()
        end = match.end()
        if end == len(self._text):
            self._dropped += [opening, match.span()]
            return -1
        if self._text[end] != "(":
            return end
        closing = self._destination_end(end)
        if closing < 0:
            self._dropped += [opening, (match.start(), len(self._text))]
        return closing

    def _destination_end(self, begin: int) -> int:
        """Behind the bracket that closes a link's destination, or -1 where it has not come yet."""
        depth = 0
        for position in range(begin, len(self._text)):
            character = self._text[position]
            depth += (character == "(") - (character == ")")
            if depth == 0:
                return position + 1
        return -1
