"""The tree of messages: what the database itself holds, and what it costs to show a branch."""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from conversations.actions.messages import edit_message, regenerate_answer
from conversations.models import Conversation, LanguageModel, Message, Role, User
from tests.trees import answered, play, question_of, say

pytestmark = pytest.mark.django_db


@contextlib.contextmanager
def _refused() -> Iterator[None]:
    """The database refuses what is done here, at the latest where the transaction would end."""
    with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012
        yield
        connection.check_constraints()


def test_the_database_refuses_a_parent_of_another_conversation(alice: User, model: LanguageModel) -> None:
    here, there = answered(alice), answered(alice)
    with _refused():
        Message.objects.create(conversation=here.conversation, parent=there, role=Role.USER, text="x")


def test_the_database_refuses_to_move_a_message_to_another_conversation(alice: User, model: LanguageModel) -> None:
    here, there = answered(alice), answered(alice)
    with _refused():
        Message.objects.filter(pk=here.pk).update(conversation=there.conversation)


def test_the_database_refuses_a_message_that_is_its_own_parent(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=answer.pk).update(parent=answer)


def test_a_client_id_stands_once_in_a_conversation(alice: User, model: LanguageModel) -> None:
    conversation, client_id = answered(alice).conversation, uuid.uuid4()
    Message.objects.create(conversation=conversation, role=Role.USER, client_id=client_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(conversation=conversation, role=Role.USER, client_id=client_id)


def test_a_branch_reads_from_the_root_to_the_leaf(alice: User, model: LanguageModel) -> None:
    first = answered(alice, "1", answer="2")
    leaf = answered(alice, "3", under=first, answer="4")
    answered(alice, "other")
    assert [m.text for m in Message.objects.branch(leaf.conversation_id, leaf.pk)] == ["1", "2", "3", "4"]
    assert [m.text for m in Message.objects.branch(leaf.conversation_id, leaf.pk, limit=2)] == ["3", "4"]


def test_a_leaf_of_another_conversation_has_no_branch(alice: User, model: LanguageModel) -> None:
    here, there = answered(alice), answered(alice)
    assert Message.objects.branch(here.conversation_id, there.pk) == []
    assert Message.objects.branch(here.conversation_id, None) == []


def test_several_branches_are_read_at_once(alice: User, bob: User, model: LanguageModel) -> None:
    root = answered(alice, "1", answer="2")
    left, right = answered(alice, "3", under=root, answer="4"), answered(alice, "5", under=root, answer="6")
    other = answered(bob, "7", answer="8")
    with CaptureQueriesContext(connection) as queries:
        found = Message.objects.branches([leaf.pk for leaf in (left, right, other)])
    assert len(queries) == 2
    said = {leaf: [message.text for message in branch] for leaf, branch in found.items()}
    assert said == {left.pk: ["1", "2", "3", "4"], right.pk: ["1", "2", "5", "6"], other.pk: ["7", "8"]}
    assert Message.objects.branches([]) == {}


def test_a_branch_of_thousands_is_read(alice: User, model: LanguageModel) -> None:
    conversation = Conversation.objects.create(owner=alice)
    rows, parent = [], None
    for number in range(3000):
        role = Role.ASSISTANT if number % 2 else Role.USER
        parent = Message(conversation=conversation, parent=parent, role=role, text=str(number))
        rows.append(parent)
    Message.objects.bulk_create(rows)
    assert [m.text for m in Message.objects.branch(conversation.pk, rows[-1].pk)] == [str(n) for n in range(3000)]
    assert Message.objects.newest_leaf_below(rows[0].pk) == rows[-1].pk


def test_going_down_takes_the_newest_child_each_time(alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A")
    older = answered(alice, "B", under=first)
    newer = answered(alice, "C", under=first)
    regenerate_answer(alice, older, model=None, client_id=uuid.uuid4())
    assert Message.objects.newest_leaf_below(first.pk) == newer.pk
    assert Message.objects.newest_leaf_below(newer.pk) == newer.pk


def test_pages_of_a_long_branch_join_without_gap(alice: User, model: LanguageModel) -> None:
    leaf = answered(alice, "0")
    for number in range(1, 6):
        leaf = answered(alice, str(number), under=leaf)
    conversation = Conversation.objects.get(pk=leaf.conversation_id)
    pages: list[uuid.UUID] = []
    before = None
    while page := Message.objects.shown(conversation, limit=5, before=before):
        pages[:0], before = [m.pk for m in page], page[0].pk
    assert pages == [m.pk for m in Message.objects.branch(conversation.pk, leaf.pk)]


def test_what_stands_above_a_message_of_another_conversation_is_not_shown(alice: User, model: LanguageModel) -> None:
    here, there = answered(alice), answered(alice)
    conversation = Conversation.objects.get(pk=here.conversation_id)
    assert Message.objects.shown(conversation, before=there.pk) == []


@pytest.mark.parametrize("length", [1, 12])
def test_showing_a_branch_takes_a_fixed_number_of_queries(
    alice: User, model: LanguageModel, django_assert_num_queries: Callable[..., Any], length: int
) -> None:
    leaf = answered(alice)
    for _ in range(length):
        leaf = answered(alice, under=leaf)
        regenerate_answer(alice, leaf, model=None, client_id=uuid.uuid4())
        play()
    conversation = Conversation.objects.get(pk=leaf.conversation_id)
    with django_assert_num_queries(6):
        for message in Message.objects.shown(conversation):
            assert message.pk in message.siblings
            assert message.is_answer or not list(message.images.all())
            assert not message.is_answer or message.generation.model.provider.name


def test_the_newest_run_of_an_answer_is_shown(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    newest = answer.generations.order_by("-id").first()
    (shown,) = Message.objects.shown_by_ids(answer.conversation, [answer.pk])
    assert shown.generation == newest


def test_siblings_stand_in_the_order_of_their_making(alice: User, model: LanguageModel) -> None:
    first = question_of(answered(alice))
    edits = [edit_message(alice, first, text=str(number), client_id=uuid.uuid4()) for number in range(3)]
    found = Message.objects.siblings_of([first])[first.pk]
    assert found == [first.pk, *(sent.answer.parent_id for sent in edits)]


def test_messages_of_others_and_of_deleted_conversations_are_not_visible(
    alice: User, carol: User, model: LanguageModel
) -> None:
    sent = say(alice)
    assert Message.objects.visible_to(alice).count() == 2
    assert not Message.objects.visible_to(carol).exists()
    Conversation.objects.update(deleted_at=sent.conversation.created_at)
    assert not Message.objects.visible_to(alice).exists()
