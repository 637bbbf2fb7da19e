"""Messages: the nodes of a conversation's tree. Children are derived, never stored."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import connection, models
from django.db.models import F, Q
from django.utils import timezone

from conversations.models.constraints import CompositeForeignKey
from conversations.models.conversations import Conversation
from conversations.models.ids import new_id
from conversations.models.language_models import LanguageModel
from conversations.models.usage import Usage
from conversations.models.users import User


class Role(models.TextChoices):
    USER = "user", "Person"
    ASSISTANT = "assistant", "Model"
    TOOL = "tool", "Tool"


class MessageStatus(models.TextChoices):
    """Of an answer: where its newest generation is. A person's message is always complete."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    COMPLETE = "complete", "Complete"
    STOPPED = "stopped", "Stopped"
    INTERRUPTED = "interrupted", "Interrupted"
    FAILED = "failed", "Failed"


def roles() -> list[tuple[str, str]]:
    return list(Role.choices)


def message_statuses() -> list[tuple[str, str]]:
    return list(MessageStatus.choices)


# Walks from a leaf to the root; the tables' names are the model's own.
_BRANCH = """
WITH RECURSIVE branch(id, parent_id, depth) AS (
  SELECT id, parent_id, 0 FROM conversations_message WHERE id = %s AND conversation_id = %s
  UNION ALL
  SELECT m.id, m.parent_id, b.depth + 1 FROM conversations_message m JOIN branch b ON m.id = b.parent_id
  WHERE b.depth + 1 < %s
)
SELECT id FROM branch
"""

# Walks from a message down to the newest leaf below it, the newest child at each step (ids sort by time).
_NEWEST_LEAF = """
WITH RECURSIVE path(id) AS (
  SELECT CAST(%s AS {id_type})
  UNION ALL
  SELECT (SELECT m.id FROM conversations_message m
          WHERE m.parent_id = path.id AND m.deleted_at IS NULL ORDER BY m.id DESC LIMIT 1)
  FROM path WHERE path.id IS NOT NULL
)
SELECT id FROM path WHERE id IS NOT NULL
"""


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        if not isinstance(user, User):
            return self.none()
        return self.live().filter(conversation__in=Conversation.objects.visible_to(user))

    def editable_by(self, user: User | AnonymousUser) -> Self:
        if not isinstance(user, User):
            return self.none()
        return self.live().filter(conversation__in=Conversation.objects.editable_by(user))

    def live(self) -> Self:
        """Without those that were deleted and may yet be brought back."""
        return self.filter(deleted_at=None)

    def branch(self, conversation_id: uuid.UUID, leaf_id: uuid.UUID | None, *, limit: int = 100_000) -> list[Message]:
        """The messages from the root (or ``limit`` above) down to ``leaf_id``, in order of reading."""
        if leaf_id is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_BRANCH, [_raw(leaf_id), _raw(conversation_id), limit])
            ids = [row[0] if isinstance(row[0], uuid.UUID) else uuid.UUID(row[0]) for row in cursor.fetchall()]
        found: dict[uuid.UUID, Message] = {}
        for start in range(0, len(ids), 500):
            found.update({message.pk: message for message in self.filter(pk__in=ids[start : start + 500])})
        return [found[pk] for pk in reversed(ids)]

    def newest_leaf_below(self, message_id: uuid.UUID) -> uuid.UUID:
        """The leaf one lands on when going down from a message along the newest children."""
        sql = _NEWEST_LEAF.format(id_type="uuid" if connection.vendor == "postgresql" else "char(32)")
        with connection.cursor() as cursor:
            cursor.execute(sql, [_raw(message_id)])
            last = cursor.fetchall()[-1][0]
        return last if isinstance(last, uuid.UUID) else uuid.UUID(last)

    def shown(self, conversation: Conversation, *, limit: int = 50, before: uuid.UUID | None = None) -> list[Message]:
        """The last ``limit`` messages of the selected branch, or of what stands above ``before``, ready to show.

        Each carries ``siblings``, ``generation`` (its newest run, with ``spent``: what the conversation had used by
        its end), ``thought`` (the newest that reasoned) and, prefetched, its ``images``. Seven queries at most,
        whatever the number of rows.
        """
        leaf_id = conversation.selected_leaf_id
        if before is not None:
            leaf_id = self.filter(pk=before, conversation=conversation).values_list("parent_id", flat=True).first()
        return self._dressed(self.branch(conversation.pk, leaf_id, limit=limit))

    def shown_by_ids(self, conversation: Conversation, ids: Iterable[uuid.UUID]) -> list[Message]:
        """Some messages of a conversation in order of time, dressed as by ``shown``."""
        return self._dressed(list(self.filter(conversation=conversation, pk__in=list(ids)).order_by("id")))

    def _dressed(self, messages: list[Message]) -> list[Message]:
        siblings = self.siblings_of(messages)
        generations: Any = self.model.generations.rel.related_model  # defined in a module above this one
        runs = (
            generations.objects.filter(message__in=messages)
            .defer("request")
            .annotate(
                sent_parameters=F("request__parameters"),
                sent_format=F("request__format"),
                dropped=F("request__dropped"),
            )
        )
        in_order = list(runs.order_by("id").select_related("model__provider"))
        spent = Usage.objects.spent_in(messages[0].conversation_id) if in_order else {}
        for run in in_order:
            run.spent = spent.get(run.pk)
        newest = {run.message_id: run for run in in_order}
        thoughts = {run.message_id: run for run in in_order if run.reasoned_at}
        for message in messages:
            message.siblings = siblings[message.pk]
            message.generation = newest.get(message.pk)
            message.thought = thoughts.get(message.pk)
        models.prefetch_related_objects([each for each in messages if each.role == Role.USER], "images__file")
        self._lay_calls(messages)
        return messages

    def _lay_calls(self, messages: list[Message]) -> None:
        """Lay beside each tool's message its ``call``. Asks only for answers that stand above the first message."""
        results = [message for message in messages if message.role == Role.TOOL]
        known = {message.pk: message for message in messages}
        missing = {result.parent_id for result in results} - known.keys()
        while missing:
            above = self.only("parent_id", "role", "tool_calls").in_bulk(missing)
            known |= above
            missing = {message.parent_id for message in above.values() if message.role == Role.TOOL} - known.keys()
        for result in results:
            caller: Message | None = result
            while caller and caller.role == Role.TOOL:
                caller = known.get(caller.parent_id) if caller.parent_id else None
            calls = caller.tool_calls if caller else []
            result.call = next((call for call in calls if call["id"] == result.tool_call_id), None)

    def siblings_of(self, messages: Iterable[Message]) -> dict[uuid.UUID, list[uuid.UUID]]:
        """For each message the ids of all children of its parent (itself included), oldest first, in one query."""
        messages = list(messages)
        if not messages:
            return {}
        rows = self.live().filter(conversation_id=messages[0].conversation_id)
        parents = [m.parent_id for m in messages if m.parent_id]
        under = Q(parent_id__in=parents)
        if any(m.parent_id is None for m in messages):
            under |= Q(parent=None)
        groups: dict[uuid.UUID | None, list[uuid.UUID]] = {}
        for pk, parent_id in rows.filter(under).order_by("id").values_list("id", "parent_id"):
            groups.setdefault(parent_id, []).append(pk)
        return {m.pk: groups[m.parent_id] for m in messages}


class Message(models.Model):
    """One node. A person's text is shown as it is; an answer's is Markdown, kept beside its rendered HTML."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages", db_index=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    role = models.CharField(max_length=10, choices=roles)
    status = models.CharField(max_length=12, choices=message_statuses, default=MessageStatus.COMPLETE)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    model = models.ForeignKey(LanguageModel, models.SET_NULL, null=True, blank=True, related_name="+")
    model_name = models.CharField(max_length=100, blank=True)
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    is_refusal = models.BooleanField(default=False)
    tool_calls = models.JSONField(default=list, blank=True)
    """Of an answer: [{"id", "name", "arguments": text}], in order."""
    tool_call_id = models.CharField(max_length=200, blank=True)
    """Of a tool's message: the call it is the result of."""
    citations = models.JSONField(default=list, blank=True)
    """Of an answer: [{"url", "title", "start", "end"}]."""
    provider_items = models.JSONField(default=list, blank=True)
    """Of an answer: what the provider wants back unchanged inside a tool loop."""
    html = models.TextField(blank=True)
    html_version = models.PositiveIntegerField(default=0)
    branch_name = models.CharField(max_length=100, blank=True)
    """What the branches through this message are called."""
    deleted_at = models.DateTimeField(null=True, blank=True)
    """Deleted with all below it; what stands above a message that is not deleted is not deleted either."""
    client_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MessageQuerySet.as_manager()

    # set by MessageQuerySet.shown(); the run is a Generation, which is defined above this module
    siblings: list[uuid.UUID]
    generation: Any
    thought: Any
    call: dict[str, str] | None
    """Of a tool's message: what it is the result of."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "id"], name="message_conversation_and_id"),
            CompositeForeignKey(
                fields=("conversation", "parent"),
                to_fields=("conversation", "id"),
                name="message_parent_in_conversation",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="message_not_own_parent"),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="message_client_id_once"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"

    @property
    def is_answer(self) -> bool:
        return self.role == Role.ASSISTANT

    @property
    def is_open(self) -> bool:
        """Whether its text may still grow."""
        return self.status in {MessageStatus.QUEUED, MessageStatus.RUNNING}


class Deletion(models.Model):
    """What one deed deleted from a tree, so that it can be undone; gone for good when the bin's time is over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="deletions")
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    messages = models.JSONField(default=list)
    """Ids of those deleted."""
    moved = models.JSONField(default=dict)
    """Ids of those that moved up to the parent of a message deleted alone: {child: its parent before}."""
    leaf = models.UUIDField(null=True, blank=True)
    """The selected leaf before."""
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{len(self.messages)} of {self.conversation_id}"


def _raw(pk: uuid.UUID) -> str | uuid.UUID:
    """A UUID as the database driver of raw SQL takes it."""
    return pk if connection.vendor == "postgresql" else pk.hex
