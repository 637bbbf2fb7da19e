"""Repairing the index: compare it with what was said, and put right what differs, some at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from conversations.models import Conversation, Message, SearchDocument
from conversations.search.indexing import findable_messages, findable_titles, refresh, refresh_titles
from conversations.search.store import store
from conversations.search.words import VERSION

AT_ONCE = 500
"""Rows in one transaction: writers wait some tenths of a second at most."""


@dataclass(frozen=True)
class Counts:
    wanted_messages: int
    messages: int
    wanted_titles: int
    titles: int
    outdated: int
    """Made by another version."""
    orphans: int
    """Words of what is not there any more, which only a new index gets rid of."""

    @property
    def is_right(self) -> bool:
        """As far as counting tells."""
        as_wanted = (self.wanted_messages, self.wanted_titles) == (self.messages, self.titles)
        return as_wanted and not self.outdated


def count() -> Counts:
    """Changes nothing."""
    documents = SearchDocument.objects
    return Counts(
        wanted_messages=findable_messages().count(),
        messages=documents.exclude(message=None).count(),
        wanted_titles=findable_titles().count(),
        titles=documents.exclude(conversation=None).count(),
        outdated=documents.exclude(version=VERSION).count(),
        orphans=store().orphan_count(),
    )


def row_count() -> int:
    """How many rows ``rebuild`` goes through."""
    return Conversation.objects.count() + Message.objects.count()


def rebuild() -> Iterator[tuple[int, int]]:
    """Go through everything; yields after each transaction how many rows it held, and how many were wrong.

    May run beside the site, and be ended at any time: what was put right stays, and what is right is soon passed.
    """
    for rows, put_right in ((Conversation.objects.all(), refresh_titles), (Message.objects.all(), refresh)):
        for ids in _batches(rows):
            yield len(ids), put_right(ids)


@transaction.atomic
def clear() -> None:
    """Begin anew: nothing is found until ``rebuild`` comes to it."""
    store().clear()


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    last = None
    while True:
        left = rows.filter(pk__gt=last) if last else rows
        ids = list(left.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        if not ids:
            return
        yield ids
        last = ids[-1]
