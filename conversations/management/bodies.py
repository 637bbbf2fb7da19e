"""Bodies of requests: daphne keeps all of one on the disk before anybody is asked, so the largest is bounded here."""

from typing import Any

from django.conf import settings

from conversations.management.pacing import PacedRequest

_UPLOADS_AT_ONCE = 5
_REFUSAL = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def largest_body() -> int:
    """In bytes: a form with a few of the largest files."""
    return int(_UPLOADS_AT_ONCE * settings.LIMIT_UPLOAD_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


class BoundedRequest(PacedRequest):
    """Refuses a body past the bound, announced or not, and closes the connection."""

    _received = 0
    _is_refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802  # Twisted's name
        super().gotLength(length)
        if length is not None and length > largest_body():
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        if self._is_refused:
            return
        self._received += len(data)
        if self._received > largest_body():
            self._refuse()
        else:
            super().handleContentChunk(data)

    def process(self) -> Any:
        return None if self._is_refused else super().process()

    def _refuse(self) -> None:
        self._is_refused = True
        self.channel.transport.write(_REFUSAL)
        self.channel.loseConnection()


def bound_bodies(factory: Any) -> None:
    """Let every connection that ``factory`` makes from now on refuse bodies that are too large."""
    build = factory.buildProtocol

    def build_bounded(address: Any) -> Any:
        protocol = build(address)
        protocol.requestFactory = BoundedRequest
        return protocol

    factory.buildProtocol = build_bounded
