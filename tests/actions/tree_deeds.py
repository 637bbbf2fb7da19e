"""What two people may do to trees in any order, and what has to hold of every tree afterwards."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from conversations.actions.branches import fork, name_branch
from conversations.actions.conversations import select_branch
from conversations.actions.deletions import delete_branch, delete_message, undo_deletion
from conversations.actions.generations import stop_generation
from conversations.actions.messages import (
    answer_tools,
    continue_answer,
    edit_message,
    regenerate_answer,
    retry_answer,
    send_message,
)
from conversations.jobs.imports import Importer
from conversations.models import (
    Conversation,
    Deletion,
    Generation,
    GenerationStatus,
    Message,
    Role,
    User,
)
from conversations.transfer.records import ConversationRecord, MessageRecord
from tests.trees import play


@dataclass
class Scene:
    """What somebody has before their eyes: rows as they were when they looked, which may be a while ago."""

    person: User
    chance: random.Random
    conversations: list[Conversation] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    focus: int | None = None
    """The place of the message that both want to do something to."""

    def look(self) -> None:
        self.conversations = list(Conversation.objects.editable_by(self.person).order_by("id"))
        rows = Message.objects.live().filter(conversation__in=self.conversations)
        self.messages = list(rows.select_related("conversation", "parent").order_by("id"))
        self.deletions = list(Deletion.objects.select_related("conversation").order_by("id"))

    @property
    def message(self) -> Message:
        return self.chance.choice(self.messages) if self.focus is None else self.messages[self.focus]

    @property
    def last(self) -> Message:
        """One near the end: most of what people do is done there."""
        return self.chance.choice(self.messages[-3:]) if self.focus is None else self.message

    @property
    def client_id(self) -> uuid.UUID:
        """One of few, so that orders come twice."""
        return uuid.UUID(int=self.chance.getrandbits(8) + 1)


def _send(scene: Scene, parent: Message | None) -> object:
    conversation = parent.conversation if parent else scene.chance.choice(scene.conversations)
    return send_message(
        scene.person, conversation=conversation, parent=parent, text="more", model=None, client_id=scene.client_id
    )


def _fork(scene: Scene) -> object:
    if Conversation.objects.count() > 5:
        return None
    message = scene.message
    upto = message if scene.chance.random() < 0.5 else None
    return fork(scene.person, message.conversation, upto, client_id=scene.client_id)


def _import(scene: Scene) -> object:
    """A tree that grew at random, or one that was imported before."""
    number, now = scene.chance.randrange(3), timezone.now()
    grown = random.Random(number)
    records: list[MessageRecord] = []
    for place in range(6):
        above = grown.choice(records) if records else None
        role: Any = "assistant" if above and above.role == "user" else "user"
        records.append(
            MessageRecord(key=str(place), parent=above.key if above else None, role=role, created_at=now, text="read")
        )
    record = ConversationRecord(key=f"k{number}", title="Read", created_at=now, active_at=now, messages=records)
    return Importer(scene.person).take(record, lambda _: None, lambda write: write())


def _call(scene: Scene) -> object:
    """A model calls a tool."""
    rows = Message.objects.live().filter(pk=scene.last.pk, role=Role.ASSISTANT, status="complete", children=None)
    return rows.update(tool_calls=[{"id": "one", "name": "look", "arguments": "{}"}])


def _stop(scene: Scene) -> object:
    return [stop_generation(each) for each in Generation.objects.unfinished().order_by("id")]


def _undo(scene: Scene) -> object:
    return undo_deletion(scene.chance.choice(scene.deletions)) if scene.deletions else None


DEEDS: dict[str, Callable[[Scene], object]] = {
    "send": lambda scene: _send(scene, scene.last),
    "send anywhere": lambda scene: _send(scene, scene.message),
    "begin again": lambda scene: _send(scene, None),
    "edit": lambda scene: edit_message(scene.person, scene.message, text="else", client_id=scene.client_id),
    "regenerate": lambda scene: regenerate_answer(scene.person, scene.message, model=None, client_id=scene.client_id),
    "continue": lambda scene: continue_answer(scene.person, scene.last, client_id=scene.client_id),
    "retry": lambda scene: retry_answer(scene.person, scene.last, client_id=scene.client_id),
    "call": _call,
    "answer tools": lambda scene: answer_tools(
        scene.person, scene.last, results={"one": "found"}, client_id=scene.client_id
    ),
    "select": lambda scene: select_branch((message := scene.message).conversation, message),
    "name": lambda scene: name_branch(scene.message, "Name"),
    "fork": _fork,
    "delete below": lambda scene: delete_branch(scene.person, scene.message),
    "delete last": lambda scene: delete_branch(scene.person, scene.last),
    "delete alone": lambda scene: delete_message(scene.person, scene.message),
    "undo": _undo,
    "import": _import,
    "stop": _stop,
    "finish": lambda _: play(),
    "break off": lambda _: play("half", status=GenerationStatus.INTERRUPTED),
    "fail": lambda _: play("", status=GenerationStatus.FAILED),
}


TAKING = ("delete below", "delete alone", "delete below", "undo")
HANGING = ("send", "send anywhere", "edit", "regenerate", "answer tools", "continue", "retry", "select")
"""What goes wrong first where one takes away what the other needs."""


def check_all() -> None:
    """Every conversation is one valid tree with one selected path."""
    for conversation in Conversation.objects.all():
        _check(conversation)


def _check(conversation: Conversation) -> None:
    rows = {row.pk: row for row in Message.objects.filter(conversation=conversation).order_by("id")}
    live = {pk: row for pk, row in rows.items() if row.deleted_at is None}
    for row in rows.values():
        path = _walk(row, rows)
        assert row.deleted_at is not None or all(each.deleted_at is None for each in path), "live below what is deleted"
        if row.role == Role.TOOL and row.deleted_at is None:
            _check_result(path)
    below: dict[uuid.UUID | None, list[uuid.UUID]] = {}
    for row in live.values():
        below.setdefault(row.parent_id, []).append(row.pk)
    _check_selected(conversation, live, below)
    siblings = Message.objects.siblings_of(live.values())
    assert all(siblings[pk] == below[row.parent_id] for pk, row in live.items()), "siblings are all, oldest first"
    unfinished = set(
        Generation.objects.unfinished().filter(conversation=conversation).values_list("message", flat=True)
    )
    assert {pk for pk, row in rows.items() if row.is_open} == unfinished, "what is open has a run"
    for deletion in Deletion.objects.filter(conversation=conversation):
        assert all(rows[uuid.UUID(pk)].deleted_at is not None for pk in deletion.messages), "what can be undone is away"


def _walk(row: Message, rows: dict[uuid.UUID, Message]) -> list[Message]:
    """From a message up to its root."""
    path: list[Message] = []
    while True:
        assert row.pk not in {each.pk for each in path}, "no message is above itself"
        path.append(row)
        if row.parent_id is None:
            return path
        assert row.parent_id in rows, "parents stand in the same conversation"
        row = rows[row.parent_id]


def _check_result(path: list[Message]) -> None:
    caller = next((each for each in path if each.role != Role.TOOL), None)
    calls = [call["id"] for call in caller.tool_calls] if caller else []
    assert path[0].tool_call_id in calls, "a result stands below its call"


def _check_selected(
    conversation: Conversation, live: dict[uuid.UUID, Message], below: dict[uuid.UUID | None, list[uuid.UUID]]
) -> None:
    leaf = conversation.selected_leaf_id
    if not live:
        assert leaf is None, "nothing is selected where nothing is"
        return
    assert leaf in live, "the selected leaf is live"
    assert leaf not in below, "the selected leaf is a leaf"
    shown = Message.objects.shown(conversation, limit=10_000)
    assert [row.pk for row in reversed(shown)] == [row.pk for row in _walk(live[leaf], live)], "the parents are shown"
