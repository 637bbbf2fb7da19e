"""What a search gives."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class Piece(NamedTuple):
    """Of a snippet: plain text, never HTML, and whether it is what was searched for."""

    text: str
    is_match: bool


@dataclass(frozen=True)
class Hit:
    """A title (``message_id`` None, ``role`` "") or a message."""

    conversation_id: UUID
    title: str
    title_pieces: tuple[Piece, ...]
    """The title, its matches marked."""
    message_id: UUID | None
    role: str
    """"user", "assistant", or "" for a title."""
    model_name: str
    snippet: tuple[Piece, ...]
    """The best part of the message; of a title: empty."""
    at: datetime
    """When it was said; of a title: when the conversation was last active."""
    more: int
    """How many more hits of this conversation were left out for this one (at least)."""
    is_archived: bool
    is_own: bool
    """False: somebody shared the conversation with the person."""


@dataclass(frozen=True)
class Results:
    hits: tuple[Hit, ...] = ()
    cursor: str = ""
    """For the next page as ``after``; "" at the end."""
    suggestion: str = ""
    """Nothing was found: the query these hits are of instead, words corrected by the person's own; "" else."""
    notes: tuple[str, ...] = ()
    """Plain sentences about filters that were not understood; the rest was searched."""
