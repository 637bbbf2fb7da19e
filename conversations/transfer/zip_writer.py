"""Writing a zip bit by bit: it stands at its path only once it is whole, and each picture is in it once."""

import hashlib
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from conversations.transfer.limits import MEBI
from conversations.transfer.records import ImageRecord

_BEGINNINGS: Final = ((b"\x89PNG", "png"), (b"\xff\xd8", "jpg"), (b"GIF8", "gif"), (b"RIFF", "webp"))
_HELD: Final = 8 * 1024 * 1024
"""Bytes of one document held in memory; more goes to the disk."""
_LOOSEST: Final = 60
"""How many times smaller packing may make an entry."""
_OLDEST: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can name."""


@dataclass(frozen=True, slots=True)
class Written:
    conversations: int
    messages: int
    files: int
    missing_files: int
    """Pictures whose bytes couldn't be had."""
    size: int
    """Of the file, in bytes."""


def no_progress(done: int) -> None:
    """For whoever doesn't want to know."""


class ZipWriter:
    def __init__(self, path: Path, created_at: datetime) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._time = max(created_at.astimezone(UTC).timetuple()[:6], _OLDEST)
        self._zip = zipfile.ZipFile(self._part, "w", zipfile.ZIP_DEFLATED, compresslevel=4)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._zip.close()
            if kind is None:
                self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)

    def add_text(self, name: str, text: str) -> None:
        data = text.encode()
        self._zip.writestr(
            self._info(name, zipfile.ZIP_STORED if _looks_like_a_bomb(data) else zipfile.ZIP_DEFLATED), data
        )

    def add_pieces(self, name: str, pieces: Iterable[str]) -> None:
        """A text of any length, bit by bit. Pictures may be added while its pieces are made."""
        with tempfile.SpooledTemporaryFile(_HELD, dir=str(self._path.parent)) as text:
            text.writelines(piece.encode() for piece in pieces)
            text.seek(0)
            with self._zip.open(self._info(name, zipfile.ZIP_DEFLATED), "w", force_zip64=True) as entry:
                shutil.copyfileobj(text, entry)

    def add_bytes(self, name: str, data: bytes) -> None:
        """What is packed already, as pictures are."""
        self._zip.writestr(self._info(name, zipfile.ZIP_STORED), data)

    def _info(self, name: str, method: int) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._time)
        info.compress_type = method
        info.external_attr = 0o600 << 16
        return info


def _looks_like_a_bomb(data: bytes) -> bool:
    """Whether readers would refuse it packed, for it says the same over and over."""
    return len(data) > MEBI and len(zlib.compress(data, 1)) * _LOOSEST < len(data)


@dataclass(frozen=True, slots=True)
class StoredPicture:
    name: str = ""
    """In the archive; "" where the bytes are lost."""
    sha256: str = ""


class Pictures:
    """Lays pictures into an archive, those of the same bytes once. ``count`` of them are in it."""

    def __init__(self, target: ZipWriter, open_image: Callable[[ImageRecord], BinaryIO | None]) -> None:
        self.count = 0
        self.missing = 0
        self._names: dict[str, str] = {}
        """In the archive, by their SHA-256."""
        self._target = target
        self._open = open_image

    def store(self, image: ImageRecord) -> StoredPicture:
        if image.sha256 in self._names:
            return StoredPicture(self._names[image.sha256], image.sha256)
        data = self.read(image)
        if data is None:
            return StoredPicture()
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 not in self._names:
            self._names[sha256] = f"files/{sha256}.{extension(data)}"
            self._target.add_bytes(self._names[sha256], data)
            self.count += 1
        return StoredPicture(self._names[sha256], sha256)

    def read(self, image: ImageRecord) -> bytes | None:
        """The bytes, None (and counted) where they are lost."""
        if image.data:
            return image.data
        opened = self._open(image)
        if opened is None:
            self.missing += 1
            return None
        with opened as file:
            return file.read()


def extension(data: bytes) -> str:
    return next((name for beginning, name in _BEGINNINGS if data.startswith(beginning)), "bin")
