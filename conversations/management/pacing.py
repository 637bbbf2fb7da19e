"""Answers to slow readers: daphne keeps whatever it is given until the socket takes it, so who sends waits for room."""

import asyncio
from typing import Any

from daphne.http_protocol import WebRequest


class Pace:
    """A push producer of Twisted, which says here when its buffer is full and when it has room again."""

    def __init__(self) -> None:
        self._room = asyncio.Event()
        self._room.set()

    def pauseProducing(self) -> None:  # noqa: N802  # Twisted's name
        self._room.clear()

    def resumeProducing(self) -> None:  # noqa: N802  # Twisted's name
        self._room.set()

    def stopProducing(self) -> None:  # noqa: N802  # Twisted's name
        self._room.set()

    async def wait(self) -> None:
        await self._room.wait()


class PacedRequest(WebRequest):  # type: ignore[misc]  # daphne has no types
    """``room()`` after each piece of an answer: it returns when the reader has taken most of what was sent."""

    _pace: Pace | None = None

    def handle_reply(self, message: dict[str, Any]) -> None:
        is_first = self._pace is None and message["type"] == "http.response.start"
        if is_first and not self.finished and self.channel is not None:
            self._pace = Pace()
            self.registerProducer(self._pace, True)
        super().handle_reply(message)

    async def room(self) -> None:
        if self._pace is not None:
            await self._pace.wait()

    def finish(self) -> None:
        self._end_pace()
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802  # Twisted's name
        self._end_pace()
        super().connectionLost(reason)

    def _end_pace(self) -> None:
        if self._pace is not None:
            self._pace.stopProducing()
            if self.channel is not None and self.producer is self._pace:
                self.unregisterProducer()
