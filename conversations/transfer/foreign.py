"""What the readers of other programs' exports share: JSON, bare or in an archive, one conversation after another."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from conversations.exceptions import DamagedTransferError, OversizedTransferError, TransferError
from conversations.transfer.drafts import Draft, Planted
from conversations.transfer.json_items import Item, plain_errors, read_items
from conversations.transfer.limits import ImportLimits
from conversations.transfer.records import ConversationRecord, ImageRecord
from conversations.transfer.sources import Readable, Source, Unreadable
from conversations.transfer.texts import one_line
from conversations.transfer.times import time_of
from conversations.transfer.zips import SafeZip

TITLE_LENGTH = 200


class ForeignSource(Source):
    """``names`` are the JSON files of ``archive``; without an archive, ``path`` is the JSON file."""

    def __init__(self, path: Path, archive: SafeZip | None, names: list[str], limits: ImportLimits) -> None:
        self._path = path
        self._archive = archive
        self._names = names
        self._limits = limits
        if archive is None and path.stat().st_size > limits.unpacked:
            raise OversizedTransferError(f"This file is larger than {limits.unpacked // 1_000_000:,} MB.")
        self.seen_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        """The time of what says none."""

    def conversations(self) -> Iterator[Readable | Unreadable]:
        position = 0
        for item in self._items():
            for value in self.split(item):
                position += 1
                yield self._read(position, value)

    def count(self) -> int:
        return sum(1 for item in self._items() for _ in self.split(item))

    def split(self, item: Item) -> Iterator[Item]:
        """The conversations of one outermost value: itself, unless a format wraps several."""
        yield item

    def convert(self, value: dict[str, Any]) -> tuple[ConversationRecord, list[str]]:
        """The record and what was repaired. Raises DamagedTransferError for this conversation alone."""
        raise NotImplementedError

    def read_image(self, image: ImageRecord) -> bytes | None:
        if image.data:
            return image.data
        if self._archive is None or image.file not in self._archive:
            return None
        return self._archive.read(image.file, self._limits.image)

    def close(self) -> None:
        if self._archive is not None:
            self._archive.close()

    def _items(self) -> Iterator[Item]:
        for opened in self._files():
            with opened as file:
                yield from read_items(file, self._limits)

    def _files(self) -> Iterator[IO[bytes]]:
        if self._archive is None:
            yield self._path.open("rb")
            return
        for name in self._names:
            with plain_errors():
                opened = self._archive.open(name)
            yield opened

    def _read(self, position: int, item: Item) -> Readable | Unreadable:
        title = one_line(item.title, TITLE_LENGTH)
        if item.is_too_large:
            return Unreadable(position, title, "It is too large to be read at once.")
        if not isinstance(item.value, dict):
            return Unreadable(position, title, "It is no conversation.")
        title = one_line(item.value.get("title"), TITLE_LENGTH)
        try:
            record, notes = self.convert(item.value)
        except TransferError as error:
            return Unreadable(position, title, error.message)
        doubles = [f"“{one_line(name, 60)}” stood twice in it; the last one counts." for name in item.doubles]
        return Readable(position, record, (*notes, *doubles))


def begun(said: Any, drafts: Iterable[Draft], otherwise: datetime) -> datetime:
    """When a conversation began: as it says, else with its first message."""
    own = time_of(said)
    times = [draft.created_at for draft in drafts if draft.created_at]
    return own or (min(times) if times else otherwise)


def ended(said: Any, planted: Planted, begun_at: datetime) -> datetime:
    """When something happened in it last."""
    own = time_of(said)
    return max([own] if own else [begun_at, *(message.created_at for message in planted.messages)])


def titled(said: Any, planted: Planted) -> str:
    """Its title, else the first words of its first message."""
    return one_line(said, TITLE_LENGTH) or one_line(next((m.text for m in planted.messages if m.text), ""), 60)


def key_of(*said: Any) -> str:
    """The first of what may be its id. Raises DamagedTransferError where there is none."""
    for value in said:
        if isinstance(value, str) and value.strip():
            return one_line(value, 100)
    raise DamagedTransferError("It has no id.")


def note(count: int, one: str, many: str) -> list[str]:
    """A sentence with its number, none for 0."""
    return [] if not count else [one if count == 1 else many.format(count)]
