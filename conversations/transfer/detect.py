"""Which format a file is of, by what is in it. Only its beginning is looked at, and an archive's table of contents."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import ijson

from conversations.exceptions import DamagedTransferError, TransferError, UnknownTransferError
from conversations.transfer.archive_source import ArchiveSource, is_archive, require_known_version
from conversations.transfer.chatgpt import JSON_FILE, ChatGptSource
from conversations.transfer.foreign import ForeignSource
from conversations.transfer.json_items import plain_errors
from conversations.transfer.librechat import LibreChatSource
from conversations.transfer.limits import MEBI, ImportLimits
from conversations.transfer.open_webui import OpenWebUiSource
from conversations.transfer.sources import Source
from conversations.transfer.streams import CleanStream
from conversations.transfer.texts import one_line
from conversations.transfer.zips import SafeZip

_SUPPORTED: Final = "What can be imported: the exports of chatsite, ChatGPT, Open WebUI and LibreChat."
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHERS: Final = (
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<", "a web page or XML"),
)
_LOOKED_AT: Final = 4 * MEBI
"""Bytes of JSON until it has to be clear what it is."""
_MOST_FILES: Final = 20_000
_JSON_BEGINS: Final = (b"[", b"{")


def open_source(path: Path, limits: ImportLimits | None = None) -> Source:
    """The source to read ``path`` with. Raises UnknownTransferError, which names what was found, or another
    TransferError where the file can't be used at all."""
    limits = limits or ImportLimits()
    with path.open("rb") as file:
        beginning = file.read(64)
    if beginning.startswith(_ZIP):
        return _in_archive(path, limits)
    _require_json(beginning)
    with path.open("rb") as file:
        kind = _kind(file, limits)
    return kind(path, None, [], limits)


def _in_archive(path: Path, limits: ImportLimits) -> Source:
    archive = SafeZip(path, limits)
    try:
        if is_archive(archive):
            require_known_version(archive)
            return ArchiveSource(archive, limits)
        return _foreign_archive(path, archive, limits)
    except BaseException:
        archive.close()
        raise


def _foreign_archive(path: Path, archive: SafeZip, limits: ImportLimits) -> Source:
    """ChatGPT's list of conversations if it is there, else all the JSON files of the first format that is found."""
    lists = sorted(name for name in archive.names if JSON_FILE.fullmatch(name))
    names = lists or sorted(
        name for name in archive.names if name.endswith(".json") and not name.startswith("__MACOSX")
    )
    found: type[ForeignSource] | None = None
    kept = []
    problem: TransferError | None = None
    for name in names[:_MOST_FILES]:
        try:
            with archive.open(name) as file:
                kind = _kind(file, limits)
        except UnknownTransferError as error:
            problem = problem or error
            continue
        found = found or kind
        if kind is found:
            kept.append(name)
    if found is None:
        raise problem or UnknownTransferError(f"This archive holds no file of conversations. {_SUPPORTED}")
    return found(path, archive, kept, limits)


def _require_json(beginning: bytes) -> None:
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not beginning:
        raise UnknownTransferError("This file is empty.")
    if text.startswith(_JSON_BEGINS):
        return
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DamagedTransferError("This file isn't in UTF-8, which JSON has to be in. Save it so and try again.")
    what = next((name for start, name in _OTHERS if beginning.lstrip().startswith(start)), "neither a zip nor JSON")
    raise UnknownTransferError(f"This file is {what}. {_SUPPORTED}")


def _kind(file: IO[bytes], limits: ImportLimits) -> type[ForeignSource]:
    """What the keys of the first object that has any say. Raises UnknownTransferError."""
    names: list[str] = []
    for name in _names(file, limits):
        names.append(name)
        if name == "mapping":
            return ChatGptSource
        if name in ("chat", "history") or {"models", "messages"} <= set(names):
            return OpenWebUiSource
        if name == "messagesTree" or {"conversationId", "messages"} <= set(names):
            return LibreChatSource
        if name == "chat_messages":
            raise UnknownTransferError(f"This is an export of Claude, which can't be imported yet. {_SUPPORTED}")
    if not names:
        raise UnknownTransferError(f"This file holds no conversations. {_SUPPORTED}")
    shown = ", ".join(f"“{one_line(name, 30)}”" for name in dict.fromkeys(names[:5]))
    raise UnknownTransferError(f"This file's JSON has {shown}, as no export known here does. {_SUPPORTED}")


def _names(file: IO[bytes], limits: ImportLimits) -> Iterator[str]:
    """The names in the outermost object, or in the objects of the outermost list, as far as is looked."""
    stream = CleanStream(file, whole=limits.unpacked, value=limits.value)
    depth = outermost = 0
    with plain_errors():
        for kind, value in ijson.basic_parse(stream, buf_size=16384):
            stream.waiting = 0
            if kind == "start_array" and not depth:
                outermost = 1
            if kind in ("start_map", "start_array"):
                depth += 1
            elif kind in ("end_map", "end_array"):
                depth -= 1
            elif kind == "map_key" and depth == outermost + 1:
                yield value
            if stream.total > _LOOKED_AT:
                return
