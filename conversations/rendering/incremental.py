"""A text that still grows, to safe HTML: blocks that are final, and a tail that may change.

``IncrementalRenderer`` takes the text as it comes and says after each tick what changed. Its blocks, joined after
``finish()``, are ``markdown.render()`` of the whole text, however it was cut into feeds and ticks.
"""

from time import perf_counter

from conversations.rendering.dialect import normalise
from conversations.rendering.document import Document
from conversations.rendering.operations import Block, Op, RawText, Tail
from conversations.rendering.output import plain_block
from conversations.rendering.sanitising import sanitise
from conversations.rendering.tail import TailRenderer
from conversations.rendering.view import TailView

__all__ = ["Block", "IncrementalRenderer", "Op", "RawText", "Tail"]


class IncrementalRenderer:
    """One at a time may call it; it may move between threads from one call to the next.

    ``last_cost``: seconds the last tick took. Whoever paces ticks lets the next come no sooner than 25 times that.
    """

    def __init__(self) -> None:
        self.last_cost = 0.0
        self._fed: list[str] = []
        self._carriage_return = ""
        self._document = Document()
        self._view = TailView()
        self._renderer = TailRenderer()

    @property
    def html(self) -> str:
        """The final blocks, joined."""
        return "".join(self._document.html)

    def snapshot(self) -> tuple[list[str], str]:
        """The HTML of each final block and of the tail, as a client has them that applied all operations so far."""
        return list(self._document.html), self._view.html

    def feed(self, text: str) -> None:
        """Take more of the text. Cheap: nothing is rendered."""
        text = self._carriage_return + text
        self._carriage_return = "\r" if text.endswith("\r") else ""
        self._fed.append(text.removesuffix("\r"))

    def tick(self) -> list[Op]:
        """What changed since the last tick; empty if nothing did."""
        begin = perf_counter()
        text = self._take()
        ops = [*self._blocks(self._append(text)), *self._tail()] if text else []
        self.last_cost = perf_counter() - begin
        return ops

    def finish(self) -> list[Op]:
        """Take the text as complete: what was left becomes final, and the tail is emptied. Call it once."""
        text = self._take() + self._carriage_return.replace("\r", "\n")
        self._carriage_return = ""
        changed = {*self._document.append(text), *self._document.finish()}
        return [*self._blocks(sorted(changed)), *self._view.show("")]

    def _append(self, text: str) -> list[int]:
        before = self._document.final_length
        changed = self._document.append(text)
        if self._document.final_length != before:
            self._renderer.restart()
        return changed

    def _take(self) -> str:
        text = normalise("".join(self._fed))
        self._fed.clear()
        return text

    def _blocks(self, changed: list[int]) -> list[Op]:
        return [Block(index, self._document.html[index]) for index in changed]

    def _tail(self) -> list[Op]:
        document = self._document
        if document.is_plain:
            return self._view.show(sanitise(plain_block(document.source)) if document.source else "")
        if document.fence is not None:
            return self._view.show_fence(document.fence, document.source)
        return self._view.show(self._renderer.render(document.source, document.references))
