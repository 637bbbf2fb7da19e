"""The bin: bring conversations back, or let them go for good. After some days the site does that by itself."""

import uuid
from collections.abc import Sequence

from django.db import transaction

from conversations.actions.conversations import restore_conversation
from conversations.models import Conversation, User
from conversations.models.conversations import GONE


@transaction.atomic
def restore_conversations(user: User, ids: Sequence[uuid.UUID]) -> int:
    """Bring back those of these that are in this person's bin; how many there were."""
    found = list(Conversation.objects.deleted_by(user).filter(pk__in=ids))
    for conversation in found:
        restore_conversation(conversation)
    return len(found)


@transaction.atomic
def remove_for_good(user: User, ids: Sequence[uuid.UUID] | None = None) -> int:
    """Let those of these (None: all) that are in this person's bin go; nobody can bring them back from here on.

    Their rows and files are removed by the site's background work soon after; whoever calls this may wake it.
    """
    rows = Conversation.objects.deleted_by(user)
    return (rows if ids is None else rows.filter(pk__in=ids)).update(deleted_at=GONE, import_key="")
