"""Messages: the nodes of a conversation's tree. Children are derived, never stored."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from conversations.models import trees
from conversations.models.constraints import CompositeForeignKey
from conversations.models.conversations import Conversation
from conversations.models.ids import new_id
from conversations.models.language_models import LanguageModel
from conversations.models.prepared import Prepared
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


@dataclass(frozen=True)
class Window:
    """A piece of a branch, ready to show; ``leaf_id`` is where the branch ends."""

    messages: list[Message]
    leaf_id: uuid.UUID | None
    has_older: bool = False
    has_newer: bool = False


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
        return self.in_order(trees.ids_above(conversation_id, leaf_id, limit=limit))

    def branches(self, leaf_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Message]]:
        """For each of some leaves its branch, as by ``branch``. What stands in several is the same object."""
        steps = trees.ids_above_each(leaf_ids)
        found = {message.pk: message for message in self.in_order(list(dict.fromkeys(pk for _, pk in steps)))}
        branches: dict[uuid.UUID, list[Message]] = {leaf: [] for leaf in leaf_ids}
        for leaf, pk in steps:
            branches[leaf].append(found[pk])
        return branches

    def in_order(self, ids: Sequence[uuid.UUID]) -> list[Message]:
        """Those of these ids that are there, in this order."""
        found: dict[uuid.UUID, Message] = {}
        for start in range(0, len(ids), 500):
            found.update({message.pk: message for message in self.filter(pk__in=ids[start : start + 500])})
        return [found[pk] for pk in ids if pk in found]

    def newest_leaf_below(self, message_id: uuid.UUID) -> uuid.UUID:
        """The leaf one lands on when going down from a message along the newest children."""
        return trees.newest_leaf_below(message_id)

    def leaf_through(self, conversation: Conversation, message_id: uuid.UUID) -> uuid.UUID:
        """The end of the branch through a live message: the selected leaf, if that is it, else the newest below it."""
        selected = conversation.selected_leaf_id
        is_shown = selected is not None and message_id in trees.ids_above(conversation.pk, selected)
        return selected if selected and is_shown else trees.newest_leaf_below(message_id)

    def shown(self, conversation: Conversation, *, limit: int = 50, before: uuid.UUID | None = None) -> list[Message]:
        """The last ``limit`` messages of the selected branch, or of what stands above ``before``, ready to show.

        Each carries ``siblings``, ``generation`` (its newest run, with ``spent``: what the
        conversation had used by its end), ``thought`` (the newest that reasoned) and, prefetched, its ``images``.
        Seven queries at most, whatever the number of rows.
        """
        leaf_id = conversation.selected_leaf_id
        if before is not None:
            above = self.live().filter(pk=before, conversation=conversation)
            leaf_id = above.values_list("parent_id", flat=True).first()
        return self._dressed(self.branch(conversation.pk, leaf_id, limit=limit))

    def window(
        self,
        conversation: Conversation,
        leaf_id: uuid.UUID | None,
        *,
        around: uuid.UUID | None = None,
        after: uuid.UUID | None = None,
        limit: int = 50,
    ) -> Window:
        """Of the branch that ends at ``leaf_id``: the piece around or after one of its messages, else the newest.

        A message near the end is shown with all that follows it. As many queries as ``shown``.
        """
        named = around or after
        ids = trees.ids_above(conversation.pk, leaf_id, limit=100_000 if named else limit + 1)
        last = max(0, len(ids) - limit)
        place = ids.index(named) if named in ids else None
        if place is None:
            start = last
        elif after:
            start = place + 1
        else:
            start = min(last, max(0, place - limit // 5))
        messages = self._dressed(self.select_related("author").in_order(ids[start : start + limit]))
        return Window(messages, leaf_id, has_older=start > 0, has_newer=start < last)

    def shown_by_ids(self, conversation: Conversation, ids: Iterable[uuid.UUID]) -> list[Message]:
        """Some live messages of a conversation in order of time, dressed as by ``shown``."""
        wanted = list(ids)
        if len(wanted) == 1:
            rows = _ONE_LIVE(conversation.pk, wanted[0])
        else:
            rows = list(self.live().filter(conversation=conversation, pk__in=wanted).order_by("id"))
        models.prefetch_related_objects([each for each in rows if each.author_id], "author")
        return self._dressed(rows)

    def _dressed(self, messages: list[Message]) -> list[Message]:
        siblings = self.siblings_of(messages)
        one = len(messages) == 1
        in_order = _RUNS_OF_ONE(messages[0].pk) if one else list(_shown_runs().filter(message__in=messages))
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
        if len(messages) == len(parents) == 1:
            pairs = _CHILDREN(messages[0].conversation_id, parents[0])
        else:
            under = Q(parent_id__in=parents)
            if any(m.parent_id is None for m in messages):
                under |= Q(parent=None)
            pairs = list(rows.filter(under).order_by("id").values_list("id", "parent_id"))
        groups: dict[uuid.UUID | None, list[uuid.UUID]] = {}
        for pk, parent_id in pairs:
            groups.setdefault(parent_id, []).append(pk)
        found = {m.pk: groups.get(m.parent_id, []) for m in messages}
        return {pk: siblings if pk in siblings else [pk] for pk, siblings in found.items()}  # deleted a moment ago


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
    def url(self) -> str:
        """The link to it: its conversation, opened at the branch through it, where it is highlighted."""
        page = reverse("conversation-detail", args=[self.conversation_id])
        return f"{page}?message={self.pk}#message-{self.pk}"

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


def _shown_runs() -> models.QuerySet[Any]:
    """Runs with what a page shows of them, oldest first."""
    runs: Any = Message.generations.rel.related_model  # defined in a module above this one
    sent = {"sent_parameters": F("request__parameters"), "sent_format": F("request__format")}
    rows = runs.objects.defer("request").annotate(**sent, dropped=F("request__dropped"))
    shown: models.QuerySet[Any] = rows.order_by("id").select_related("model__provider")
    return shown


_RUNS_OF_ONE = Prepared(lambda message: _shown_runs().filter(message=message), uuid.UUID)
_ONE_LIVE = Prepared(
    lambda conversation, pk: Message.objects.live().filter(conversation=conversation, pk=pk), uuid.UUID, uuid.UUID
)
_CHILDREN = Prepared(
    lambda conversation, parent: (
        Message.objects.live()
        .filter(conversation=conversation, parent=parent)
        .order_by("id")
        .values_list("id", "parent_id")
    ),
    uuid.UUID,
    uuid.UUID,
)
