"""Reading our own archive."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from conversations.exceptions import DamagedTransferError, TransferError, UnknownTransferError
from conversations.transfer.archive import FORMAT, MANIFEST, VERSION
from conversations.transfer.archive_records import from_json
from conversations.transfer.json_items import Item, plain_errors, read_items
from conversations.transfer.limits import MEBI, ImportLimits
from conversations.transfer.records import ImageRecord
from conversations.transfer.sources import Readable, Source, Unreadable
from conversations.transfer.texts import one_line
from conversations.transfer.values import dict_of
from conversations.transfer.zips import SafeZip

_CONVERSATION: Final = re.compile(r"conversations/\d{1,12}\.json")


class ArchiveSource(Source):
    format: ClassVar[str] = "chatsite"
    label: ClassVar[str] = "chatsite"

    def __init__(self, archive: SafeZip, limits: ImportLimits) -> None:
        self._archive = archive
        self._limits = limits
        self._names = sorted(name for name in archive.names if _CONVERSATION.fullmatch(name))
        said = dict_of(_manifest(archive).get("counts")).get("conversations")
        if said != len(self._names):
            raise DamagedTransferError(
                f"This archive should hold {said} conversations and holds {len(self._names)}. Export it again."
            )

    def conversations(self) -> Iterator[Readable | Unreadable]:
        for position, name in enumerate(self._names, 1):
            try:
                item = self._item(name)
            except DamagedTransferError as error:
                yield Unreadable(position, name, error.message)
            else:
                yield _read(position, item)

    def count(self) -> int:
        return len(self._names)

    def read_image(self, image: ImageRecord) -> bytes | None:
        if image.file not in self._archive:
            return None
        data = self._archive.read(image.file, self._limits.image)
        if image.sha256 and hashlib.sha256(data).hexdigest() != image.sha256:
            raise DamagedTransferError(f"{image.name or 'A picture'} isn't what it was when it was exported.")
        return data

    def close(self) -> None:
        self._archive.close()

    def _item(self, name: str) -> Item:
        with self._archive.open(name) as file:
            return next(read_items(file, self._limits), Item(None))


def is_archive(archive: SafeZip) -> bool:
    return MANIFEST in archive and _manifest(archive).get("format") == FORMAT


def require_known_version(archive: SafeZip) -> None:
    version = _manifest(archive).get("version")
    if version != VERSION:
        raise UnknownTransferError(
            f"This archive is of version {one_line(str(version), 20)}; this site reads version {VERSION}. "
            "A newer version of chatsite may have made it."
        )


def _manifest(archive: SafeZip) -> dict[str, Any]:
    with plain_errors():
        text = archive.read(MANIFEST, MEBI)
    try:
        return dict_of(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _read(position: int, item: Item) -> Readable | Unreadable:
    title = one_line(item.title or dict_of(item.value).get("title"), 200)
    if item.is_too_large:
        return Unreadable(position, title, "It is too large to be read at once.")
    try:
        record, notes = from_json(item.value)
    except TransferError as error:
        return Unreadable(position, title, error.message)
    return Readable(position, record, tuple(notes))
