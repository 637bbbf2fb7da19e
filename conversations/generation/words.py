"""Text that grows by pieces; on its way to the page by whole words: half a word would jump to the next line."""

import re
from time import monotonic

PATIENCE = 0.1
"""Seconds that the begin of a word waits for its end: a slow model shows its words in pieces."""

_LETTER = r"[0-9A-Za-z\u00c0-\u0dff]"  # of scripts that put spaces between words
_LONGEST = 24
_HALF = re.compile(rf"(?:\A|(?<!{_LETTER})){_LETTER}{{1,{_LONGEST}}}\Z")


class Gathered:
    """A text that grows by pieces, put together when it is asked for."""

    def __init__(self, text: str) -> None:
        self.length = len(text)
        self._pieces = [text]

    def add(self, piece: str) -> None:
        self.length += len(piece)
        self._pieces.append(piece)

    def whole(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0]


class Words:
    """Empty once all was given out. The first piece of all does not wait."""

    def __init__(self, text: str = "") -> None:
        self._pieces = [text] if text else []
        self._size = len(text)
        self._has_begun = False
        self._held_since: float | None = None

    def __len__(self) -> int:
        return self._size

    def add(self, text: str) -> None:
        self._pieces.append(text)
        self._size += len(text)

    def take(self, *, whole: bool = False) -> str:
        """What may be shown now; with ``whole`` everything."""
        text = "".join(self._pieces)
        end = len(text) if whole or not self._has_begun else self._end(text)
        self._has_begun = self._has_begun or bool(text)
        if end == len(text):
            self._held_since = None
        self._pieces, self._size = [text[end:]], len(text) - end
        return text[:end]

    def _end(self, text: str) -> int:
        last = text[-_LONGEST - 2 :]
        half = _HALF.search(last)
        if half is None:
            return len(text)
        begin, now = len(text) - len(last) + half.start(), monotonic()
        if begin or self._held_since is None:
            self._held_since = now
        return begin if now - self._held_since < PATIENCE else len(text)
