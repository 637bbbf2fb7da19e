"""How much a slow reader may keep us waiting: bytes of pieces handed over and not acknowledged yet."""

from collections import deque

from django.conf import settings


class Outbox:
    """Per socket. The server below has no backpressure of its own, so we count until the browser acknowledges."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[tuple[int, int]]] = {}
        self._bytes = 0
        self.behind: dict[str, str] = {}
        """Generations, and their conversations, whose pieces were left out: each gets a snapshot when there is room."""

    @property
    def is_full(self) -> bool:
        return self._bytes >= int(settings.LIMIT_UNSENT_BYTES)

    def sent(self, generation: str, seq: int, size: int) -> None:
        self._sent.setdefault(generation, deque()).append((seq, size))
        self._bytes += size

    def acknowledge(self, generation: str, seq: int) -> None:
        pieces = self._sent.get(generation, deque())
        while pieces and pieces[0][0] <= seq:
            self._bytes -= pieces.popleft()[1]

    def forget(self, generation: str) -> None:
        """A run has ended: nobody acknowledges its pieces any more."""
        self._bytes -= sum(size for _, size in self._sent.pop(generation, ()))
        self.behind.pop(generation, None)
