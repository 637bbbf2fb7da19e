"""Keeping the index: all inside the caller's transaction, in bulk, sync."""

from collections.abc import Iterable
from uuid import UUID

from conversations.models import Conversation
from conversations.search.entries import Entry


def index_new(entries: Iterable[Entry]) -> None:
    """Put in what was never indexed before: the fastest way, for sends, imports and seeding.

    Reads nothing: one statement on PostgreSQL, two on SQLite, for any number of entries (some thousands at once is
    good). The caller leaves out what must never be found: temporary or deleted ones, results of tools, open answers.
    """


def index_messages(ids: Iterable[UUID]) -> None:
    """Bring the index up to date with these messages as they are now, whatever it holds of them.

    Final, live messages of people and models in conversations that are neither deleted nor temporary are put in,
    what was there is replaced; of all others what was there is taken out.
    """


def index_title(conversation: Conversation) -> None:
    """The same for the title of a conversation."""


def index_conversations(ids: Iterable[UUID]) -> None:
    """Titles and all messages of conversations: after restoring from the bin, or importing."""


def forget_messages(ids: Iterable[UUID]) -> None:
    """Take messages out: those deleted (softly too; call it while their texts are still there) or running again."""


def forget_conversations(ids: Iterable[UUID]) -> None:
    """Take conversations out with all their messages; call it before they are deleted for good."""
