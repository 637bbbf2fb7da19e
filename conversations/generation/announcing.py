"""Who hears of what happens to a conversation: its owner, and the people who were invited to it."""

from functools import partial

from django.db import transaction

from conversations.events import Event, conversation_topic, publish, user_topic
from conversations.models import Conversation, User


def people_of(conversation: Conversation) -> list[int]:
    """Ids of all who may read it; one query, and none where nobody was invited."""
    if not conversation.has_members:
        return [conversation.owner_id]
    alone = User.objects.filter(memberships__conversation=conversation).values_list("pk", flat=True)
    grouped = User.objects.filter(groups__in=conversation.members.exclude(group=None).values("group"))
    return list({conversation.owner_id, *alone, *grouped.values_list("pk", flat=True)})


def tell_people(conversation: Conversation, event: Event) -> None:
    """Announce an event to the sidebars of all who may read the conversation, once it is committed."""
    for person in people_of(conversation):
        transaction.on_commit(partial(publish, user_topic(person), event))


def tell_readers(conversation: Conversation, event: Event) -> None:
    """Announce an event to whoever has the conversation open, once it is committed."""
    transaction.on_commit(partial(publish, conversation_topic(conversation.pk), event))
