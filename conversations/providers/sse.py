"""Server-sent events from bytes: lines end at LF, CRLF and CR only, wherever the bytes were cut.

Source: the WHATWG HTML standard, "Server-sent events". One difference: a last event without its blank line counts.
"""

from dataclasses import dataclass

from conversations.exceptions import AnswerTooLargeError

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    data: bytes


class EventReader:
    """Takes bytes as they come and gives back the events they complete.

    A line, and all data of one event, may hold ``limit`` bytes; beyond that AnswerTooLargeError is raised.
    Comments give no event, so that keep-alives do not pass for progress.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._line: list[bytes] = []  # pieces of the unfinished line: joined once, at its end
        self._line_size = 0
        self._after_cr = False
        self._first_line = True
        self._data: list[bytes] = []
        self._data_size = 0
        self._name = b""

    def feed(self, chunk: bytes) -> list[Event]:
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk.startswith(b"\n"):
                chunk = chunk[1:]
        events: list[Event] = []
        for piece in chunk.splitlines(keepends=True):  # on bytes: LF, CRLF and CR, nothing else
            line = piece.rstrip(b"\r\n")
            if len(line) == len(piece):
                self._keep(piece)
            else:
                self._after_cr = piece.endswith(b"\r")
                event = self._take(self._joined(line))
                if event:
                    events.append(event)
        return events

    def finish(self) -> list[Event]:
        """The body ended: an unfinished line and an event without its blank line still count."""
        events = [self._take(self._joined(b"")), self._dispatch()]
        return [event for event in events if event]

    def _keep(self, piece: bytes) -> None:
        self._line_size += len(piece)
        if self._line_size > self._limit:
            raise AnswerTooLargeError(
                "The provider sent a line longer than the site's limit. What had arrived is kept."
            )
        self._line.append(piece)

    def _joined(self, end: bytes) -> bytes:
        if self._line:
            self._keep(end)
            end = b"".join(self._line)
            self._line.clear()
        self._line_size = 0
        if self._first_line:
            self._first_line = False
            end = end.removeprefix(_BOM)
        return end

    def _take(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        if name == b"data":
            value = value.removeprefix(b" ")
            self._data_size += len(value)
            if self._data_size > self._limit:
                raise AnswerTooLargeError("The provider sent an event larger than the site's limit.")
            self._data.append(value)
        elif name == b"event":
            self._name = value.removeprefix(b" ")
        return None

    def _dispatch(self) -> Event | None:
        data, name = b"\n".join(self._data), self._name
        self._data, self._data_size, self._name = [], 0, b""
        return Event(name.decode("utf-8", "replace"), data) if data else None
