"""Opening an archive of strangers: everything its table of contents says is checked before anything is unpacked.

What it says of sizes can't be passed when unpacking: ``zipfile`` gives out no more than that of an entry, and compares
its checksum then. Nothing is ever written to a place that an archive names.
"""

import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Final

from conversations.exceptions import DamagedTransferError, OversizedTransferError, UnsafeTransferError
from conversations.transfer.limits import ImportLimits

_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_LOCATOR: Final = b"PK\x06\x07"
_LOCATOR_SIZE: Final = 20
_LONGEST_COMMENT: Final = 65_535
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_DEEPEST: Final = 12
_LONGEST_NAME: Final = 500
_ENCRYPTED: Final = 1


class SafeZip:
    """An archive that passed. Raises DamagedTransferError, UnsafeTransferError or OversizedTransferError."""

    def __init__(self, path: Path, limits: ImportLimits) -> None:
        _require_small_directory(path, limits)
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError) as error:
            raise DamagedTransferError("This archive is damaged or cut off. Export or download it again.") from error
        self._limits = limits
        try:
            entries = self._archive.infolist()
            _check_all(entries, limits)
        except BaseException:
            self._archive.close()
            raise
        self.names = [entry.filename for entry in entries if not entry.is_dir()]
        self._known = set(self.names)

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def size(self, name: str) -> int:
        return self._archive.getinfo(name).file_size

    def open(self, name: str) -> IO[bytes]:
        """To read one entry. What can't be unpacked shows while reading: see ``json_items.plain_errors``."""
        try:
            return self._archive.open(name)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, KeyError) as error:
            raise DamagedTransferError("This archive is damaged: what is in it can't be unpacked.") from error

    def read(self, name: str, limit: int) -> bytes:
        if self.size(name) > limit:
            raise OversizedTransferError(f"{name} is larger than {limit // 1_000_000:,} MB.")
        try:
            with self.open(name) as entry:
                return entry.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise DamagedTransferError(f"{name} is damaged and can't be unpacked.") from error

    def close(self) -> None:
        self._archive.close()


def _check_all(entries: list[zipfile.ZipInfo], limits: ImportLimits) -> None:
    if len(entries) > limits.entries:
        raise UnsafeTransferError(f"This archive has more than {limits.entries:,} files in it.")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise UnsafeTransferError("This archive holds two files of the same name.")
    for entry in entries:
        _check(entry, limits)
    whole = sum(entry.file_size for entry in entries)
    if whole > limits.unpacked:
        raise OversizedTransferError(
            f"Unpacked this archive has {whole / 1_000_000:,.0f} MB; at most {limits.unpacked // 1_000_000:,} MB "
            "can be imported at once."
        )


def _check(entry: zipfile.ZipInfo, limits: ImportLimits) -> None:
    name = entry.filename
    parts = PurePosixPath(name).parts
    if not name or name.startswith("/") or _DRIVE.match(name) or "\\" in name or ".." in parts:
        raise UnsafeTransferError("This archive holds a file whose name leads out of it.")
    if len(parts) > _DEEPEST or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UnsafeTransferError("This archive holds a file with a name no export has.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnsafeTransferError("This archive holds a link instead of a file.")
    if entry.flag_bits & _ENCRYPTED:
        raise UnsafeTransferError("This archive is encrypted. Unpack it and pack it again without a password.")
    if entry.compress_type not in _METHODS:
        raise UnsafeTransferError("This archive is packed in a way that can't be read here. Pack it as a plain zip.")
    if entry.file_size > limits.ratio_from and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        raise UnsafeTransferError("This archive unpacks to far more than any text does: it looks like a zip bomb.")


def _require_small_directory(path: Path, limits: ImportLimits) -> None:
    """``zipfile`` reads the whole table of contents at once; how large it is stands at the archive's end.

    APPNOTE.TXT, sections 4.3.14 to 4.3.16.
    """
    with path.open("rb") as file:
        length = file.seek(0, 2)
        begin = max(0, length - _END_SIZE - _LONGEST_COMMENT - _LOCATOR_SIZE)
        file.seek(begin)
        tail = file.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) - at < _END_SIZE:
            raise DamagedTransferError("This archive is cut off: its end is missing. Export or download it again.")
        size: int = struct.unpack_from("<L", tail, at + 12)[0]
        locator = at - _LOCATOR_SIZE
        if locator >= 0 and tail[locator : locator + 4] == _LOCATOR:
            file.seek(struct.unpack_from("<Q", tail, locator + 8)[0])
            end = file.read(56)
            size = max(size if size != 0xFFFFFFFF else 0, struct.unpack_from("<Q", end, 40)[0] if len(end) == 56 else 0)
    if size > limits.directory:
        raise UnsafeTransferError(f"This archive has more than {limits.entries:,} files in it.")
