"""What the client shows as the tail, and the smallest order that brings it up to date."""

import re
from html import escape

from conversations.rendering.cutting import Fence
from conversations.rendering.highlighting import FIGURE_END, figure
from conversations.rendering.operations import Op, RawText, Tail
from conversations.rendering.sanitising import sanitise

_GROWTH = 1.5
"""An open fence is highlighted anew when it has grown by half: linear cost over its whole length."""


class TailView:
    """Knows the tail as the client has it: its HTML, and the raw text appended to its last code block since."""

    def __init__(self) -> None:
        self._html = ""
        self._raw: list[str] = []
        self._fence: Fence | None = None
        self._taken = 0
        self._highlighted = 0

    @property
    def html(self) -> str:
        """The tail's HTML with the raw text in its place."""
        if not self._raw:
            return self._html
        return self._html.removesuffix(FIGURE_END) + escape("".join(self._raw), quote=False) + FIGURE_END

    def show(self, html: str) -> list[Op]:
        """Show this tail instead."""
        self._fence = None
        if html == self._html and not self._raw:
            return []
        keep = 0 if self._raw else _common_length(self._html, html)
        self._raw = []
        self._html = html
        return [Tail(_utf16_length(html[:keep]), html[keep:])]

    def show_fence(self, fence: Fence, source: str) -> list[Op]:
        """Show the open fence that ``source`` is; the same ``fence`` object means that it only grew."""
        if fence is not self._fence:
            self._taken = source.index("\n") + 1
        end = _shown_end(fence, source)
        is_new = fence is not self._fence
        if is_new or end >= self._highlighted * _GROWTH:
            return self._show_highlighted(fence, source, end)
        text = _without_indent(fence, source, self._taken, end)
        self._taken = end
        if not text:
            return []
        self._raw.append(text)
        return [RawText(text)]

    def _show_highlighted(self, fence: Fence, source: str, end: int) -> list[Op]:
        code = _without_indent(fence, source, source.index("\n") + 1, end)
        ops = self.show(sanitise(figure(fence.info, code)))
        self._fence, self._taken, self._highlighted = fence, end, end
        return ops


def _shown_end(fence: Fence, source: str) -> int:
    """Where the shown part ends: a last line that may be the closing one, or is only indentation, is held back."""
    begin = source.rfind("\n") + 1
    return begin if re.compile(rf"[ \t]*{re.escape(fence.mark)}*[ \t]*\Z").match(source, begin) else len(source)


def _without_indent(fence: Fence, source: str, begin: int, end: int) -> str:
    """The code from ``begin``, each line without the opening line's indentation, as far as it has it."""
    code = source[begin:end]
    if not fence.indent:
        return code
    blanks = re.compile(rf"\n {{0,{fence.indent}}}")
    return blanks.sub("\n", "\n" + code)[1:] if source[begin - 1] == "\n" else blanks.sub("\n", code)


def _common_length(old: str, new: str) -> int:
    """How many first characters two strings share."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
