"""Take messages out of a tree, and put them back: softly, so that the tree stays one with one selected path."""

import uuid
from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction
from django.utils import timezone

from conversations import search
from conversations.actions.generations import stop_generation
from conversations.events import BranchSelected
from conversations.exceptions import ConflictError
from conversations.generation.announcing import tell_readers
from conversations.models import Conversation, Deletion, Generation, Message, Role, User
from conversations.models.trees import ids_below, newest_leaf_below

GONE = "This message was deleted already."
NOT_AS_IT_WAS = "The conversation has changed here since, so this can't be brought back."


@transaction.atomic
def delete_branch(author: User, message: Message) -> Deletion:
    """Delete a message with all that hangs below it; what is still being written there is stopped.

    Where the selected path led through it, the newest leaf beside it is selected. Raises ConflictError if it is gone.
    """
    conversation = _locked(message)
    ids = ids_below(message.pk)
    for part in _parts(ids):
        for generation in Generation.objects.unfinished().filter(message__in=part).order_by("id"):
            stop_generation(generation)
    return _delete(author, conversation, message, ids, moved={})


@transaction.atomic
def delete_message(author: User, message: Message) -> Deletion:
    """Delete one message alone: what hangs below it moves up to its parent.

    Raises ConflictError if it is gone, where an answer is still being written in it or below, and where a call of a
    tool would be left without its result.
    """
    conversation = _locked(message)
    _require_no_loss(message)
    children = list(Message.objects.filter(parent=message).values_list("pk", flat=True))
    Message.objects.filter(parent=message).update(parent=message.parent_id)
    moved = {str(pk): str(message.pk) for pk in children}
    return _delete(author, conversation, message, [message.pk], moved=moved)


@transaction.atomic
def undo_deletion(deletion: Deletion) -> Conversation:
    """Put back exactly what was deleted, where it was; what the selected path had lost is selected again.

    Raises ConflictError where its place is not there any more, or where that was done before.
    """
    conversation = deletion.conversation
    conversation.lock()
    if not Deletion.objects.filter(pk=deletion.pk).exists():
        raise ConflictError("This was brought back already.")
    ids = [uuid.UUID(pk) for pk in deletion.messages]
    _require_place(conversation, ids, deletion.moved)
    for part in _parts(ids):
        Message.objects.filter(pk__in=part).update(deleted_at=None)
    for parent in set(deletion.moved.values()):
        children = [child for child, before in deletion.moved.items() if before == parent]
        Message.objects.filter(pk__in=children).update(parent=uuid.UUID(parent))
    deletion.delete()
    search.index_messages(ids)
    _settle(conversation, deletion.leaf if deletion.leaf in ids else None)
    return conversation


def _locked(message: Message) -> Conversation:
    """The conversation, whose tree nobody else changes now; the message is as it is at this moment."""
    conversation = message.conversation
    conversation.lock()
    if not Message.objects.live().filter(pk=message.pk).exists():
        raise ConflictError(GONE)
    message.refresh_from_db(fields=["parent"])
    return conversation


def _require_no_loss(message: Message) -> None:
    if message.role == Role.TOOL:
        raise ConflictError("The call of this tool would lose its result. Delete the answer that called it instead.")
    if Message.objects.filter(parent=message, role=Role.TOOL).exists():
        raise ConflictError("The results of its tools would lose their call. Delete it with all below it instead.")
    if any(Generation.objects.unfinished().filter(message__in=part).exists() for part in _parts(ids_below(message.pk))):
        raise ConflictError("An answer is still being written here. Wait for it, or stop it first.")


def _require_place(conversation: Conversation, ids: Sequence[uuid.UUID], moved: dict[str, str]) -> None:
    """Whether all are there, deleted, below what is live, and those that moved up are where they moved to."""
    rows: dict[uuid.UUID, Message] = {}
    for part in _parts(ids):
        rows |= Message.objects.filter(conversation=conversation).only("parent_id", "deleted_at").in_bulk(part)
    if len(rows) != len(ids) or any(row.deleted_at is None for row in rows.values()):
        raise ConflictError(NOT_AS_IT_WAS)
    above = {row.parent_id for row in rows.values() if row.parent_id and row.parent_id not in rows}
    if Message.objects.live().filter(pk__in=above).count() != len(above):
        raise ConflictError("What stood above it was deleted too, so this can't be brought back.")
    now = dict(Message.objects.filter(pk__in=list(moved)).values_list("pk", "parent_id"))
    if any(parent_id != rows[uuid.UUID(moved[str(pk)])].parent_id for pk, parent_id in now.items()):
        raise ConflictError(NOT_AS_IT_WAS)


def _delete(
    author: User, conversation: Conversation, top: Message, ids: Sequence[uuid.UUID], *, moved: dict[str, str]
) -> Deletion:
    selected = Conversation.objects.filter(pk=conversation.pk).values_list("selected_leaf_id", flat=True).get()
    search.forget_messages(ids)
    for part in _parts(ids):
        Message.objects.filter(pk__in=part).update(deleted_at=timezone.now())
    deletion = Deletion.objects.create(
        conversation=conversation, author=author, messages=[str(pk) for pk in ids], moved=moved, leaf=selected
    )
    _settle(conversation, top.parent_id if selected in set(ids) else None)
    return deletion


def _settle(conversation: Conversation, near: uuid.UUID | None) -> None:
    """Select the newest leaf below ``near``, else below what is selected, else of all; and tell whoever looks."""
    live = Message.objects.live().filter(conversation=conversation)
    selected = Conversation.objects.filter(pk=conversation.pk).values_list("selected_leaf_id", flat=True).get()
    roots = live.filter(parent=None).order_by("-id").values_list("pk", flat=True)
    start = near or (selected if live.filter(pk=selected).exists() else roots.first())
    leaf_id = newest_leaf_below(start) if start else None
    conversation.touch(selected_leaf=leaf_id)
    conversation.refresh_from_db(fields=["revision", "selected_leaf"])
    announce_branch(conversation)


def announce_branch(conversation: Conversation) -> None:
    """Tell whoever has the conversation open that its tree or its selected path is another now."""
    leaf_id = conversation.selected_leaf_id
    event = BranchSelected(str(conversation.pk), str(leaf_id) if leaf_id else None, conversation.revision)
    tell_readers(conversation, event)


def _parts(ids: Iterable[uuid.UUID], size: int = 500) -> Iterator[list[uuid.UUID]]:
    """A few at a time: statements have a bounded number of values."""
    ids = list(ids)
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
