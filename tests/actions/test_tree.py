"""Whatever people do in whatever order: one valid tree, one selected path, one answer row for each run."""

import random
import uuid
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.actions.conversations import select_branch
from conversations.actions.generations import stop_generation
from conversations.actions.messages import (
    continue_answer,
    edit_message,
    regenerate_answer,
    retry_answer,
    send_message,
)
from conversations.exceptions import ChatError
from conversations.models import Conversation, Generation, GenerationStatus, LanguageModel, Message, User
from tests.trees import play, say

Deed = Callable[[User, Conversation, Message, uuid.UUID], object]


def _send(author: User, conversation: Conversation, parent: Message | None, client_id: uuid.UUID) -> object:
    return send_message(author, conversation=conversation, parent=parent, text="more", model=None, client_id=client_id)


DEEDS: dict[str, Deed] = {
    "send": _send,
    "begin again": lambda author, conversation, _message, client_id: _send(author, conversation, None, client_id),
    "edit": lambda author, _, message, client_id: edit_message(author, message, text="else", client_id=client_id),
    "regenerate": lambda author, _, message, client_id: regenerate_answer(
        author, message, model=None, client_id=client_id
    ),
    "continue": lambda author, _, message, client_id: continue_answer(author, message, client_id=client_id),
    "retry": lambda author, _, message, client_id: retry_answer(author, message, client_id=client_id),
    "select": lambda _, conversation, message, _id: select_branch(conversation, message),
    "stop": lambda *_: [stop_generation(generation) for generation in Generation.objects.unfinished()],
    "finish": lambda *_: play(),
    "break off": lambda *_: play("half", status=GenerationStatus.INTERRUPTED),
    "fail": lambda *_: play("", status=GenerationStatus.FAILED),
}


def _check(conversation: Conversation) -> None:
    rows = {m.pk: m for m in Message.objects.filter(conversation=conversation)}
    for row in rows.values():
        assert row.parent_id is None or row.parent_id in rows
        assert row.role != (rows[row.parent_id].role if row.parent_id else "assistant")
        assert row.is_open == Generation.objects.unfinished().filter(message=row).exists()
        seen = set()
        place: Message | None = row
        while place is not None:
            assert place.pk not in seen
            seen.add(place.pk)
            place = rows[place.parent_id] if place.parent_id else None
    stored = Conversation.objects.get(pk=conversation.pk)
    path = Message.objects.shown(stored)
    assert path[-1].pk == stored.selected_leaf_id
    assert not path[-1].children.exists()
    assert path[0].parent_id is None
    newest = {m.pk: m.generations.order_by("-id").first() for m in rows.values() if m.is_answer}
    assert all(run is not None and run.status == rows[pk].status for pk, run in newest.items())


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(0, 2**32 - 1)), max_size=14))
def test_any_sequence_of_deeds_leaves_one_tree_and_one_path(
    alice: User, model: LanguageModel, steps: list[tuple[str, int]]
) -> None:
    conversation = say(alice).conversation
    for deed, seed in steps:
        chance = random.Random(seed)
        rows = list(Message.objects.filter(conversation=conversation).order_by("id"))
        stored = Conversation.objects.get(pk=conversation.pk)
        try:
            DEEDS[deed](alice, stored, chance.choice(rows), uuid.UUID(int=chance.getrandbits(128)))
        except ChatError:
            continue
        _check(conversation)
    _check(conversation)
    play()
