"""What is put into the index: a message or a title, with all the index needs to know about it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from conversations.models import Conversation, Message, MessageStatus

INDEXED_ROLES = ("user", "assistant")
"""What people and models said; results of tools are not searched."""
_WITH_ERROR = frozenset({MessageStatus.FAILED, MessageStatus.INTERRUPTED})


class Entry(NamedTuple):
    """``message_id`` None: the title of the conversation."""

    owner_id: int
    conversation_id: UUID
    message_id: UUID | None
    role: str
    text: str
    at: datetime
    """When it was said; of a title: when the conversation was begun."""
    model_name: str = ""
    has_image: bool = False
    has_error: bool = False

    @classmethod
    def of_message(cls, message: Message, owner_id: int, *, has_image: bool = False) -> Entry:
        """``owner_id``: whose conversation it is. Asks the database nothing."""
        return cls(
            owner_id,
            message.conversation_id,
            message.pk,
            message.role,
            message.text,
            message.created_at,
            message.model_name,
            has_image,
            cls.is_error(message.status),
        )

    @classmethod
    def of_title(cls, conversation: Conversation) -> Entry:
        return cls(conversation.owner_id, conversation.pk, None, "", conversation.title, conversation.created_at)

    @staticmethod
    def is_error(status: str) -> bool:
        return status in _WITH_ERROR
