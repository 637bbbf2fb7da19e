"""What is done to many conversations of one person at once: one transaction, one Undo. One is many too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from conversations.actions.conversations import delete_conversation, require_listed, restore_conversation
from conversations.actions.folders import lock_owner, tell_sidebars
from conversations.actions.names import counted, quoted
from conversations.events import ConversationChanged
from conversations.exceptions import NotFoundError
from conversations.generation.announcing import tell_people
from conversations.models import Conversation, Folder, UndoStep, User

MOST_AT_ONCE = 500
_TOLD_ONE_BY_ONE = 20
"""Past that the sidebars are fetched anew instead of row by row."""

Rows = Sequence[Conversation]


@transaction.atomic
def archive_conversations(owner: User, conversations: Rows, *, is_archived: bool) -> UndoStep:
    """Take them out of the sidebar (and off its pins), or put them back. They stay in their folders.

    Raises ConflictError for a temporary one.
    """
    for row in conversations:
        require_listed(row)
    changed = [row for row in conversations if row.is_archived != is_archived]
    before = _before(changed, "archived_at", "pinned_at")
    ids = [row.pk for row in changed]
    archived_at = timezone.now() if is_archived else None
    Conversation.objects.filter(pk__in=ids).update(
        archived_at=archived_at, pinned_at=None if is_archived else F("pinned_at")
    )
    _tell(owner, changed)
    verb = "Archived" if is_archived else "Took out of the archive"
    return UndoStep.objects.remember(owner, f"{verb} {_words(conversations)}.", before)


@transaction.atomic
def move_conversations(owner: User, conversations: Rows, folder: Folder | None) -> UndoStep:
    """Put them into a folder of ``owner``, or back into the list.

    Raises NotFoundError where the folder is gone, ConflictError for a temporary conversation.
    """
    for row in conversations:
        require_listed(row)
    lock_owner(owner.pk)
    if folder is not None and not Folder.objects.filter(pk=folder.pk, owner=owner).exists():
        raise NotFoundError
    changed = [row for row in conversations if row.folder_id != (folder and folder.pk)]
    before = _before(changed, "folder")
    Conversation.objects.filter(pk__in=[row.pk for row in changed]).update(folder=folder)
    _tell(owner, changed)
    target = quoted(folder.name) if folder else "the list"
    return UndoStep.objects.remember(owner, f"Moved {_words(conversations)} to {target}.", before)


@transaction.atomic
def delete_conversations(owner: User, conversations: Rows) -> UndoStep:
    """Put them into the bin; what runs in them is stopped."""
    for row in conversations:
        delete_conversation(row)
    before = {"deleted": [str(row.pk) for row in conversations]}
    return UndoStep.objects.remember(owner, f"Deleted {_words(conversations)}.", before)


@transaction.atomic
def restore_conversations(conversations: Rows) -> None:
    for row in conversations:
        restore_conversation(row)


def _before(conversations: Rows, *names: str) -> dict[str, Any]:
    """What these columns hold, as ``actions/undo_steps.py`` reads it."""
    return {"conversations": {str(row.pk): {name: _text(row, name) for name in names} for row in conversations}}


def _text(row: Conversation, name: str) -> str | None:
    value = getattr(row, "folder_id" if name == "folder" else name)
    return value.isoformat() if isinstance(value, datetime) else value and str(value)


def _words(conversations: Rows) -> str:
    """One by its title, more by their number."""
    only = len(conversations) == 1
    return quoted(conversations[0].title) if only else counted(len(conversations), "conversation")


def _tell(owner: User, conversations: Rows) -> None:
    is_whole = len(conversations) > _TOLD_ONE_BY_ONE
    for row in conversations:
        if not is_whole or row.has_members:
            tell_people(row, ConversationChanged(str(row.pk)))
    tell_sidebars(owner.pk, whole=is_whole)
