"""From numbers of the index to what they stand for, as far as the person may see it now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Substr

from conversations.models import Conversation, Message, Role, SearchDocument
from conversations.search.scopes import Scope

HEAD = 2000
"""So many characters of a message are weighed."""


@dataclass(frozen=True)
class Found:
    number: int
    length: int
    conversation_id: UUID
    title: str
    owner_id: int
    is_archived: bool
    message_id: UUID | None
    role: str
    model_name: str
    at: datetime
    head: str

    @property
    def is_title(self) -> bool:
        return self.message_id is None


def load(scope: Scope, numbers: Sequence[int]) -> list[Found]:
    """In two queries. Left out is what was deleted, hidden or moved out of the filters since it was indexed."""
    if not numbers:
        return []
    is_live = Q(message=None) | Q(message__deleted_at=None)
    rows = SearchDocument.objects.filter(is_live, pk__in=numbers).values_list(
        "pk",
        "length",
        Coalesce("conversation_id", "message__conversation_id"),
        "message_id",
        "message__role",
        "message__author_id",
        "message__model_name",
        "message__created_at",
        Substr(Coalesce("message__text", Value("")), 1, HEAD),
    )
    documents = list(rows)
    conversations = _conversations(scope, {row[2] for row in documents})
    found = (_found(row, conversations[row[2]]) for row in documents if row[2] in conversations and _counts(scope, row))
    by_number = {each.number: each for each in found if _is_in_time(scope, each)}
    return [by_number[number] for number in numbers if number in by_number]


def whole_texts(ids: Sequence[UUID]) -> dict[UUID, str]:
    return dict(Message.objects.filter(pk__in=ids).values_list("pk", "text")) if ids else {}


def _conversations(scope: Scope, ids: set[UUID]) -> dict[UUID, Any]:
    visible = Conversation.objects.visible_to(scope.user).filter(scope.conversations, pk__in=ids, is_temporary=False)
    rows = visible.values_list("pk", "title", "owner_id", "archived_at", "active_at")
    return {row[0]: row for row in rows}


def _counts(scope: Scope, row: tuple[Any, ...]) -> bool:
    role, author_id = row[4:6]
    return not (scope.is_mine and role == Role.USER and author_id not in {None, scope.user.pk})


def _is_in_time(scope: Scope, each: Found) -> bool:
    return (scope.since is None or each.at >= scope.since) and (scope.until is None or each.at < scope.until)


def _found(row: tuple[Any, ...], conversation: Any) -> Found:
    number, length, pk, message_id, role, _author, model_name, at, head = row
    _, title, owner_id, archived_at, active_at = conversation
    return Found(
        number=number,
        length=length,
        conversation_id=pk,
        title=title,
        owner_id=owner_id,
        is_archived=archived_at is not None,
        message_id=message_id,
        role=role or "",
        model_name=model_name or "",
        at=at if message_id else active_at,
        head=head,
    )
