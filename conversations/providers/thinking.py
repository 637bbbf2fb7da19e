"""Models without a field for reasoning write it into the text: ``<think>…</think>`` at its very beginning."""

from conversations.providers.base import ReasoningDelta, TextDelta

_OPEN = "<think>"
_CLOSE = "</think>"
_LONGEST_BLANK = 200  # a model that writes blanks without end must not be held back for ever


class ThinkSplitter:
    """Tells reasoning from text in pieces cut anywhere. Tags later on are text: an answer may speak of them.

    ``has_split``: there was reasoning, so that places in what was fed are not places in the text.
    """

    def __init__(self) -> None:
        self.has_split = False
        self._state = "start"
        self._held = ""

    def feed(self, text: str) -> list[TextDelta | ReasoningDelta]:
        if self._state == "text":
            return [TextDelta(text)] if text else []
        self._held += text
        return self._start() if self._state == "start" else self._advance()

    def finish(self) -> list[TextDelta | ReasoningDelta]:
        """The text ended: what was held back because a tag might have begun is given out."""
        held, self._held = self._held, ""
        if not held or self._state in {"before reasoning", "after"}:
            return []
        return [ReasoningDelta(held)] if self._state == "reasoning" else [TextDelta(held)]

    def _start(self) -> list[TextDelta | ReasoningDelta]:
        begun = self._held.lstrip()
        if begun.startswith(_OPEN):
            self.has_split = True
            self._state, self._held = "before reasoning", begun.removeprefix(_OPEN)
            return self._advance()
        if _OPEN.startswith(begun) and len(self._held) < _LONGEST_BLANK:
            return []
        self._state = "text"
        return self.feed(self._taken())

    def _advance(self) -> list[TextDelta | ReasoningDelta]:
        deltas: list[TextDelta | ReasoningDelta] = []
        if self._state == "before reasoning":
            self._held = self._held.lstrip()
            self._state = "reasoning" if self._held else "before reasoning"
        if self._state == "reasoning":
            deltas += self._reasoning()
        if self._state == "after":
            self._held = self._held.lstrip()
            if self._held:
                self._state = "text"
                deltas += self.feed(self._taken())
        return deltas

    def _reasoning(self) -> list[TextDelta | ReasoningDelta]:
        thought, closed, rest = self._held.partition(_CLOSE)
        if closed:
            self._state, self._held = "after", rest
        else:
            kept = _begun_close(thought)
            thought, self._held = thought[: len(thought) - kept], thought[len(thought) - kept :]
        return [ReasoningDelta(thought)] if thought else []

    def _taken(self) -> str:
        held, self._held = self._held, ""
        return held


def _begun_close(text: str) -> int:
    """How many characters at the end of the text could be the beginning of the closing tag."""
    return next((size for size in range(len(_CLOSE) - 1, 0, -1) if text.endswith(_CLOSE[:size])), 0)
