"""The event reader: bytes cut anywhere, all line ends, bounds."""

import itertools
import time

import pytest

from conversations.exceptions import AnswerTooLargeError
from conversations.providers.sse import Event, EventReader

STREAM = (
    ": comment\n"
    'data: {"a": "ü\u2028\u0085\u000b🙂"}\n\n'
    "event: error\ndata:no blank\ndata:  two blanks\n\n"
    "id: 7\nretry: 5\nunknown: x\ndata\n\n"
    ":\n\n"
    "data: last"
)
EVENTS = [
    Event("", '{"a": "ü\u2028\u0085\u000b🙂"}'.encode()),
    Event("error", b"no blank\n two blanks"),
    Event("", b"last"),
]


def read(pieces: list[bytes], limit: int = 1000) -> list[Event]:
    reader = EventReader(limit)
    return [*itertools.chain.from_iterable(reader.feed(piece) for piece in pieces), *reader.finish()]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_events_are_the_same_wherever_the_bytes_are_cut(end: str) -> None:
    data = STREAM.replace("\n", end).encode()
    for cut in range(len(data) + 1):
        assert read([data[:cut], data[cut:]]) == EVENTS
    assert read([data[at : at + 1] for at in range(len(data))]) == EVENTS


def test_mixed_line_ends_are_told_apart() -> None:
    assert read([b"data: 1\r", b"\ndata: 2\r\r", b"data: 3\n\r\ndata: 4\r\n\n"]) == [
        Event("", data) for data in (b"1\n2", b"3", b"4")
    ]


def test_one_leading_bom_is_dropped_also_when_cut() -> None:
    data = b"\xef\xbb\xbfdata: 1\n\n"
    assert all(read([data[:cut], data[cut:]]) == [Event("", b"1")] for cut in range(len(data)))


def test_comments_and_empty_events_give_nothing() -> None:
    assert read([b": keep-alive\n\n:\n\ndata\n\ndata:\n\nevent: x\n\n"]) == []


@pytest.mark.parametrize("piece", [b"x" * 10, b"data: 12345\n"])
def test_a_line_or_event_over_the_limit_is_refused(piece: bytes) -> None:
    with pytest.raises(AnswerTooLargeError):
        read([piece] * 11, limit=100 if piece.startswith(b"x") else 50)


def test_a_long_line_in_small_pieces_takes_linear_time() -> None:
    """Searching the whole buffer for each piece would take some hundred times as long."""
    began = time.process_time()
    assert len(read([b"data: ", *[b"x" * 10] * 100_000, b"\n\n"], limit=2_000_000)[0].data) == 1_000_000
    assert time.process_time() - began < 2
