"""What the index holds of an entry."""

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from conversations.search.entries import Entry
from conversations.search.expressions import (
    ANSWER,
    HAS,
    QUESTION,
    TITLE,
    conversation_mark,
    model_mark,
    title_word,
)
from conversations.search.words import GAP, VERSION, fold, runs, words_of

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PER_SECOND = 4
"""Numbers; close ones make a small index, and documents of the same time have to spread."""
SPREAD = 64 * PER_SECOND
"""How far a number may lie from its time at first."""
HIGHEST = 2**42
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)


class Document(NamedTuple):
    entry: Entry
    marks: tuple[str, ...]
    words: list[str]

    version: int = VERSION

    @property
    def title_of(self) -> UUID | None:
        return self.entry.conversation_id if self.entry.message_id is None else None

    @property
    def title(self) -> str:
        return self.entry.text if self.entry.message_id is None else ""

    @property
    def length(self) -> int:
        return len(self.words)

    @property
    def checksum(self) -> int:
        said = " ".join([str(self.entry.owner_id), *self.marks, *self.words])
        return zlib.crc32(said.encode())


class Numbered(NamedTuple):
    """A document with its place in the index."""

    number: int
    document: Document


def document_of(entry: Entry) -> Document:
    found = words_of(entry.text)
    if entry.message_id is None:
        words = [title_word(word) if word != GAP else GAP for word in found]
        return Document(entry, (TITLE, conversation_mark(entry.conversation_id)), words)
    return Document(entry, tuple(_marks(entry)), found)


def number_of(at: datetime) -> int:
    """Where in the index a time lies."""
    return min(max(int((at - EPOCH).total_seconds()) * PER_SECOND, 1), HIGHEST)


def _marks(entry: Entry) -> Iterator[str]:
    yield QUESTION if entry.role == "user" else ANSWER
    yield conversation_mark(entry.conversation_id)
    if entry.role != "user":
        yield from _model_marks(entry.model_name)
    if entry.has_image:
        yield HAS["image"]
    if entry.has_error:
        yield HAS["error"]
    if _FENCE.search(entry.text):
        yield HAS["code"]


@lru_cache(1000)
def _model_marks(name: str) -> tuple[str, ...]:
    """A model is found by its name from any word on: "GPT-4.1 mini" by gpt-4, 4.1 and mini."""
    parts = [run.text for run in runs(fold(name))][:8]
    return tuple(model_mark("".join(parts[place:])[:48]) for place in range(len(parts)))
