"""A zip of readable documents, one per conversation, with an index that leads to them."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from conversations.transfer.records import ConversationRecord, ImageRecord
from conversations.transfer.zip_writer import Pictures, Written, ZipWriter, no_progress


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index."""

    file: str
    title: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Kind:
    extension: str
    document: Callable[[ConversationRecord, Pictures], Iterator[str]]
    """The pieces of one conversation's document."""
    index: Callable[[list[Entry]], str]


def write_documents(
    kind: Kind,
    path: Path,
    records: Iterable[ConversationRecord],
    open_image: Callable[[ImageRecord], BinaryIO | None],
    *,
    created_at: datetime,
    progress: Callable[[int], None] = no_progress,
) -> Written:
    entries: list[Entry] = []
    messages = 0
    with ZipWriter(path, created_at) as target:
        pictures = Pictures(target, open_image)
        for number, record in enumerate(records, 1):
            name = f"{number:04} {file_name(record.title)}.{kind.extension}"
            target.add_pieces(name, kind.document(record, pictures))
            entries.append(Entry(name, record.title, record.created_at))
            messages += len(record.messages)
            progress(number)
        target.add_text(f"index.{kind.extension}", kind.index(entries))
    return Written(len(entries), messages, pictures.count, pictures.missing, path.stat().st_size)


def file_name(title: str) -> str:
    """A title as a name that each file system takes: letters, digits, spaces and hyphens, at most 60 characters."""
    kept = "".join(each if unicodedata.category(each)[0] in "LN" or each in " -_" else " " for each in title)
    return " ".join(kept.split())[:60].strip() or "Conversation"
