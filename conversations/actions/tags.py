"""Tags on conversations: put on, take off, name, remove. Each deed on many is one transaction with one Undo."""

from collections.abc import Collection, Sequence

from django.db import transaction

from conversations.actions.conversations import require_listed
from conversations.actions.folders import lock_owner, tell_sidebars
from conversations.actions.names import counted, quoted, require_name
from conversations.exceptions import ConflictError, InvalidInputError, LimitError
from conversations.models import Conversation, Tag, UndoStep, User
from conversations.models.folders import MOST_TAGS, NAME_LENGTH

TAGS_OF_ONE = 20
"""The most tags on one conversation."""


@transaction.atomic
def tag_conversations(
    owner: User,
    conversations: Sequence[Conversation],
    *,
    add: Collection[Tag] = (),
    remove: Collection[Tag] = (),
    new: Collection[str] = (),
) -> UndoStep:
    """Put tags on conversations of ``owner`` and take others off; ``new`` are names, made where they are not known.

    Raises InvalidInputError for a name or too many tags on one conversation, LimitError past MOST_TAGS,
    ConflictError for a temporary conversation.
    """
    for row in conversations:
        require_listed(row)
    lock_owner(owner.pk)
    added = {tag.pk: tag for tag in [*add, *(_named(owner, name) for name in new)]}
    links = Conversation.tags.through.objects.filter(conversation__in=conversations)
    held: dict[str, list[str]] = {str(row.pk): [] for row in conversations}
    for conversation, tag in links.values_list("conversation_id", "tag_id"):
        held[str(conversation)].append(str(tag))
    gone = {str(tag.pk) for tag in remove}
    fullest = max(len(({*tags} - gone) | {str(pk) for pk in added}) for tags in held.values())
    if fullest > TAGS_OF_ONE:
        raise InvalidInputError(f"A conversation has at most {TAGS_OF_ONE} tags.")
    links.filter(tag__in=remove).delete()
    through = Conversation.tags.through
    through.objects.bulk_create(
        [through(conversation_id=row.pk, tag_id=tag) for row in conversations for tag in added], ignore_conflicts=True
    )
    tell_sidebars(owner.pk)
    words = ", ".join(quoted(tag.name) for tag in added.values()) or "Tags"
    sentence = f"Tagged {counted(len(conversations), 'conversation')} {words}." if added else "Changed the tags."
    return UndoStep.objects.remember(owner, sentence[:400], {"tagged": held})


@transaction.atomic
def rename_tag(tag: Tag, name: str) -> None:
    """Raises InvalidInputError, ConflictError where another tag has the name."""
    line = require_name(name, NAME_LENGTH, "A tag")
    lock_owner(tag.owner_id)
    if any(other.pk != tag.pk for other in _alike(tag.owner_id, line)):
        raise ConflictError(f"There is a tag {quoted(line)} already.")
    tag.name = line
    tag.save(update_fields=["name"])
    tell_sidebars(tag.owner_id)


@transaction.atomic
def delete_tag(tag: Tag) -> UndoStep:
    """Take it off all conversations and forget it."""
    held = Conversation.tags.through.objects.filter(tag=tag).values_list("conversation_id", flat=True)
    before = {"tags": [{"id": str(tag.pk), "name": tag.name, "conversations": [str(pk) for pk in held]}]}
    owner = tag.owner
    Tag.objects.filter(pk=tag.pk).delete()
    tell_sidebars(owner.pk)
    return UndoStep.objects.remember(owner, f"Deleted the tag {quoted(tag.name)}.", before)


def _named(owner: User, name: str) -> Tag:
    """The owner's tag of this name, whatever its capitals; made if there is none."""
    line = require_name(name, NAME_LENGTH, "A tag")
    known = _alike(owner.pk, line)
    if known:
        return known[0]
    if Tag.objects.filter(owner=owner).count() >= MOST_TAGS:
        raise LimitError(f"At most {MOST_TAGS} tags can be kept. Remove one first.")
    return Tag.objects.create(owner=owner, name=line)


def _alike(owner_id: int, name: str) -> list[Tag]:
    """Compared here: databases differ in which letters they know the capitals of."""
    return [tag for tag in Tag.objects.filter(owner=owner_id) if tag.name.casefold() == name.casefold()]
