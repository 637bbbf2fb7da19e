"""Who hears of what happens to a conversation: its owner, and the people who were invited to it."""

from collections.abc import Collection
from functools import partial

from django.db import transaction

from conversations.events import (
    ConversationRemoved,
    Event,
    MembersChanged,
    Resync,
    conversation_topic,
    publish,
    user_topic,
)
from conversations.models import Conversation, User

ACCESS_TAKEN = "You don't have access to this conversation any more."


def people_of(conversation: Conversation) -> list[int]:
    """Ids of all who may read it; one query, and none where nobody was invited."""
    if not conversation.has_members:
        return [conversation.owner_id]
    alone = User.objects.filter(memberships__conversation=conversation).order_by().values_list("pk", flat=True)
    groups = conversation.members.exclude(group=None).values("group")
    grouped = User.objects.filter(groups__in=groups).order_by().values_list("pk", flat=True)
    return list({conversation.owner_id, *alone.union(grouped)})


def tell_people(conversation: Conversation, event: Event) -> None:
    """Announce an event to the sidebars of all who may read the conversation, once it is committed."""
    for person in people_of(conversation):
        transaction.on_commit(partial(publish, user_topic(person), event))


def tell_readers(conversation: Conversation, event: Event) -> None:
    """Announce an event to whoever has the conversation open, once it is committed."""
    transaction.on_commit(partial(publish, conversation_topic(conversation.pk), event))


def tell_who_left(conversation: Conversation, before: Collection[int]) -> None:
    """Announce to those of ``before`` who may not read the conversation any more that they may not, and to whoever
    has it open that its people changed: the sockets of those who lost it are closed."""
    removed = ConversationRemoved(str(conversation.pk), ACCESS_TAKEN)
    for person in set(before) - set(people_of(conversation)):
        transaction.on_commit(partial(publish, user_topic(person), removed))
    tell_readers(conversation, MembersChanged(str(conversation.pk)))


def tell_to_look_again(people: Collection[int]) -> None:
    """Let the pages of these people ask anew what they may see, once it is committed."""
    for person in people:
        transaction.on_commit(partial(publish, user_topic(person), Resync()))
