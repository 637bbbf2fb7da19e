"""What stands in the full-text index: one row for each message and title in it. The words are kept beside it.

On SQLite they are in ``conversations_searchwords`` (FTS5, without content), found by the same number; on PostgreSQL
in a column ``words`` (tsvector) of this table. Only ``conversations.search`` writes here.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from conversations.models.conversations import TITLE_LENGTH, Conversation
from conversations.models.messages import Message


class SearchDocument(models.Model):
    """``id`` grows with the time that it was said, so that newest first is the order of the index itself."""

    id = models.BigIntegerField(primary_key=True)
    owner_id = models.IntegerField()
    """A copy: whose conversation it is, as all words are kept apart by person."""
    message = models.OneToOneField(Message, models.CASCADE, null=True, related_name="+")
    conversation = models.OneToOneField(Conversation, models.CASCADE, null=True, related_name="+")
    """Of a title."""
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    """Of a title: as it was indexed."""
    length = models.PositiveIntegerField()
    """In words."""
    checksum = models.BigIntegerField()
    """Of all that was indexed."""
    version = models.PositiveSmallIntegerField()
    """Of the way that words are made."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(message__isnull=False, conversation=None) | Q(message=None, conversation__isnull=False),
                name="search_message_or_title",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id or self.conversation_id}"
