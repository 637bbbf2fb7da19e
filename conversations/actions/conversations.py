"""Name, pin, delete, bring back a conversation; choose its branch."""

from django.db import transaction
from django.utils import timezone

from conversations import search
from conversations.actions.folders import tell_sidebars
from conversations.actions.generations import stop_generation
from conversations.actions.texts import clean_text
from conversations.events import (
    BranchSelected,
    ConversationChanged,
    ConversationRemoved,
)
from conversations.exceptions import ConflictError, InvalidInputError, LimitError
from conversations.generation.announcing import tell_people, tell_readers
from conversations.models import Conversation, Generation, Message
from conversations.models.conversations import MOST_PINNED, TITLE_LENGTH


@transaction.atomic
def rename_conversation(conversation: Conversation, title: str) -> None:
    """Give a title of 1 to 200 characters, on one line. Raises InvalidInputError."""
    line = " ".join(clean_text(title).split())
    if not line:
        raise InvalidInputError("A title needs at least one character.", field="title")
    if len(line) > TITLE_LENGTH:
        message = f"A title has at most {TITLE_LENGTH} characters; this one has {len(line)}."
        raise InvalidInputError(message, field="title")
    conversation.title, conversation.has_own_title = line, True
    conversation.save(update_fields=["title", "has_own_title"])
    search.index_title(conversation)
    tell_people(conversation, ConversationChanged(str(conversation.pk)))


@transaction.atomic
def pin_conversation(conversation: Conversation, *, is_pinned: bool) -> None:
    """Keep a conversation at the top of the sidebar, or no longer.

    Raises LimitError past MOST_PINNED, ConflictError for a temporary one.
    """
    require_listed(conversation)
    pinned = Conversation.objects.filter(owner=conversation.owner_id, deleted_at=None).pinned()
    if is_pinned and not conversation.is_pinned and pinned.count() >= MOST_PINNED:
        raise LimitError(f"At most {MOST_PINNED} conversations can be pinned. Unpin one first.")
    conversation.pinned_at = timezone.now() if is_pinned else None
    conversation.save(update_fields=["pinned_at"])
    tell_people(conversation, ConversationChanged(str(conversation.pk)))
    _tell_counts(conversation)


def require_listed(conversation: Conversation) -> None:
    """Raises ConflictError for a temporary one: it has no place in any list."""
    if conversation.is_temporary:
        raise ConflictError("A temporary conversation is in no list. Keep it first.")


@transaction.atomic
def delete_conversation(conversation: Conversation) -> None:
    """Put a conversation aside; what runs in it is stopped. ``restore_conversation`` brings it back."""
    conversation.deleted_at = timezone.now()
    conversation.save(update_fields=["deleted_at"])
    for generation in Generation.objects.unfinished().filter(conversation=conversation).order_by("id"):
        stop_generation(generation)
    removed = ConversationRemoved(str(conversation.pk))
    tell_people(conversation, removed)
    tell_readers(conversation, removed)
    _tell_counts(conversation)


@transaction.atomic
def restore_conversation(conversation: Conversation) -> None:
    conversation.deleted_at = None
    conversation.save(update_fields=["deleted_at"])
    tell_people(conversation, ConversationChanged(str(conversation.pk)))
    _tell_counts(conversation)


@transaction.atomic
def keep_conversation(conversation: Conversation) -> None:
    """Let a temporary conversation be one like all others: listed, searched, kept."""
    if Conversation.objects.filter(pk=conversation.pk, is_temporary=True).update(is_temporary=False):
        conversation.is_temporary = False
        search.index_conversations([conversation.pk])
        tell_people(conversation, ConversationChanged(str(conversation.pk)))


@transaction.atomic
def select_branch(conversation: Conversation, message: Message, origin: str = "") -> Message:
    """Show the branch that leads through ``message``, down to its newest leaf; returns the leaf.

    The branch that is shown already stays as it is. Raises ConflictError if the message was deleted.
    """
    if message.conversation_id != conversation.pk:
        raise InvalidInputError("This message belongs to another conversation.")
    conversation.lock()
    if not Message.objects.live().filter(pk=message.pk).exists():
        raise ConflictError("This message was deleted meanwhile.")
    conversation.refresh_from_db(fields=["selected_leaf"])
    leaf = Message.objects.get(pk=Message.objects.leaf_through(conversation, message.pk))
    conversation.touch(selected_leaf=leaf)
    conversation.refresh_from_db(fields=["revision"])
    conversation.selected_leaf = leaf
    event = BranchSelected(str(conversation.pk), str(leaf.pk), conversation.revision, origin)
    tell_readers(conversation, event)
    return leaf


@transaction.atomic
def mark_seen(conversation: Conversation) -> None:
    """Take the dot away that says a finished answer was not looked at yet."""
    if Conversation.objects.filter(pk=conversation.pk, has_unseen_answer=True).update(has_unseen_answer=False):
        tell_people(conversation, ConversationChanged(str(conversation.pk)))


def _tell_counts(conversation: Conversation) -> None:
    """What a folder counts is another number now."""
    if conversation.folder_id:
        tell_sidebars(conversation.owner_id)
