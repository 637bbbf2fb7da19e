"""What reading a file gives: conversations one after the other, or why one of them can't be had."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Self

from conversations.transfer.records import ConversationRecord, ImageRecord


@dataclass(frozen=True, slots=True)
class Readable:
    """``position`` counts from 1 within the file; ``notes`` say in plain sentences what was repaired or left out."""

    position: int
    record: ConversationRecord
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    position: int
    title: str
    reason: str


class Source:
    """A file that conversations are read from. Subclasses say how; it is closed by leaving ``with``."""

    format: ClassVar[str]
    label: ClassVar[str]

    def conversations(self) -> Iterator[Readable | Unreadable]:
        """From the file's beginning, one at a time. Raises TransferError where the file itself is at fault."""
        raise NotImplementedError

    def count(self) -> int:
        """How many there are, by reading all of it. Raises TransferError as ``conversations`` would."""
        raise NotImplementedError

    def read_image(self, image: ImageRecord) -> bytes | None:
        """The bytes of a picture, None where the file hasn't got them. Raises TransferError past the limit."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
