"""Deleting from a tree: what goes, what is selected then, what is refused, and how it comes back."""

import uuid
from typing import Any

import pytest

from conversations.actions.conversations import select_branch
from conversations.actions.deletions import delete_branch, delete_message, undo_deletion
from conversations.actions.messages import (
    answer_tools,
    continue_answer,
    edit_message,
    regenerate_answer,
    retry_answer,
    send_message,
)
from conversations.exceptions import ConflictError
from conversations.models import Conversation, Generation, GenerationStatus, LanguageModel, Message, User
from tests.trees import answered, calling, fresh, play, question_of, say, shown_texts

pytestmark = pytest.mark.django_db


def again(message: Message, author: User, text: str = "Another.") -> Message:
    """A sibling of an answer."""
    made = regenerate_answer(author, message, model=None, client_id=uuid.uuid4()).answer
    play(text)
    return fresh(made)


def selected(message: Message) -> uuid.UUID | None:
    return Conversation.objects.get(pk=message.conversation_id).selected_leaf_id


def live(conversation: Conversation) -> set[uuid.UUID]:
    return set(Message.objects.live().filter(conversation=conversation).values_list("pk", flat=True))


def stored(conversation: Conversation) -> list[Any]:
    """All that a deletion may change."""
    rows = Message.objects.filter(conversation=conversation).order_by("id")
    leaf = Conversation.objects.get(pk=conversation.pk).selected_leaf_id
    return [leaf, *rows.values_list("pk", "parent_id", "deleted_at", "text")]


def test_a_branch_goes_with_all_below_and_the_newest_one_beside_it_is_shown(alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A", answer="a")
    second = again(first, alice, "b")
    answered(alice, "C", under=second, answer="c")
    deletion = delete_branch(alice, second)
    assert len(deletion.messages) == 3
    assert shown_texts(first.conversation) == ["A", "a"]
    assert selected(first) == first.pk


def test_where_nothing_stands_beside_it_the_message_above_is_the_leaf(alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A", answer="a")
    last = answered(alice, "B", under=first, answer="b")
    delete_branch(alice, question_of(last))
    assert shown_texts(first.conversation) == ["A", "a"]
    sent = say(alice, "C", under=fresh(first))
    assert sent.question is not None
    assert sent.question.parent_id == first.pk


def test_deleting_a_branch_that_is_not_shown_leaves_what_is_shown(alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A", answer="a")
    second = again(first, alice, "b")
    delete_branch(alice, first)
    assert selected(first) == second.pk
    assert shown_texts(first.conversation) == ["A", "b"]


def test_deleting_the_root_leaves_an_empty_conversation_one_can_write_in(alice: User, model: LanguageModel) -> None:
    answer = answered(alice, "A", answer="a")
    delete_branch(alice, question_of(answer))
    assert selected(answer) is None
    assert shown_texts(answer.conversation) == []
    conversation = Conversation.objects.get(pk=answer.conversation_id)
    send_message(alice, conversation=conversation, parent=None, text="New", model=None, client_id=uuid.uuid4())
    assert shown_texts(answer.conversation)[0] == "New"


def test_what_is_being_written_below_is_stopped(alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A", answer="a")
    sent = say(alice, "B", under=first)
    delete_branch(alice, question_of(sent.answer))
    assert Generation.objects.get(pk=sent.generation.pk).status == GenerationStatus.STOPPED


def test_an_answer_that_ends_after_it_was_deleted_is_kept_but_neither_shown_nor_unseen(
    alice: User, model: LanguageModel
) -> None:
    first = answered(alice, "A", answer="a")
    sent = say(alice, "B", under=first)
    Message.objects.filter(pk__in=[sent.answer.pk, question_of(sent.answer).pk]).update(deleted_at="2026-01-01T00:00Z")
    Conversation.objects.filter(pk=first.conversation_id).update(selected_leaf=first)
    play("late")
    assert fresh(sent.answer).text == "late"
    assert shown_texts(first.conversation) == ["A", "a"]
    assert not Conversation.objects.get(pk=first.conversation_id).has_unseen_answer


def test_a_message_deleted_alone_lets_what_follows_move_up(alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A", answer="a")
    last = answered(alice, "B", under=first, answer="b")
    delete_message(alice, fresh(first))
    assert shown_texts(first.conversation) == ["A", "B", "b"]
    assert selected(first) == last.pk


def test_a_leaf_deleted_alone_leaves_the_question_and_one_can_write_on(alice: User, model: LanguageModel) -> None:
    answer = answered(alice, "A", answer="a")
    delete_message(alice, answer)
    assert shown_texts(answer.conversation) == ["A"]
    say(alice, "B", under=fresh(question_of(answer)))
    assert shown_texts(answer.conversation)[:2] == ["A", "B"]


def test_an_answer_whose_question_was_deleted_alone_is_kept_and_not_asked_for_again(
    alice: User, model: LanguageModel
) -> None:
    answer = answered(alice, "A", answer="a")
    delete_message(alice, question_of(answer))
    assert shown_texts(answer.conversation) == ["a"]
    with pytest.raises(ConflictError, match="What this answers was deleted"):
        regenerate_answer(alice, fresh(answer), model=None, client_id=uuid.uuid4())


def test_calls_and_their_results_are_not_torn_apart(alice: User, model: LanguageModel) -> None:
    caller = calling(alice, ("look", "{}"))
    sent = answer_tools(alice, caller, results={"call_0": "found"}, client_id=uuid.uuid4())
    play("so")
    result = question_of(fresh(sent.answer))
    with pytest.raises(ConflictError, match="would lose its result"):
        delete_message(alice, result)
    with pytest.raises(ConflictError, match="would lose their call"):
        delete_message(alice, caller)
    delete_branch(alice, caller)
    assert shown_texts(caller.conversation) == ["Hello"]


def test_nothing_is_deleted_alone_while_an_answer_is_written_below(alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A", answer="a")
    say(alice, "B", under=first)
    with pytest.raises(ConflictError, match="still being written"):
        delete_message(alice, first)


@pytest.mark.parametrize("deed", [delete_branch, delete_message])
def test_undoing_gives_back_exactly_what_was_there(alice: User, model: LanguageModel, deed: Any) -> None:
    first = answered(alice, "A", answer="a")
    answered(alice, "B", under=first, answer="b")
    again(first, alice, "other")
    select_branch(fresh(first).conversation, first)
    before = stored(first.conversation)
    deletion = deed(alice, fresh(first))
    assert stored(first.conversation) != before
    undo_deletion(deletion)
    assert stored(first.conversation) == before


def test_what_was_deleted_inside_comes_back_only_below_what_is_there(alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A", answer="a")
    last = answered(alice, "B", under=first, answer="b")
    inner = delete_branch(alice, question_of(last))
    outer = delete_branch(alice, fresh(first))
    with pytest.raises(ConflictError, match="What stood above it was deleted too"):
        undo_deletion(inner)
    undo_deletion(outer)
    undo_deletion(inner)
    assert shown_texts(first.conversation) == ["A", "a", "B", "b"]


def test_a_deletion_is_undone_once(alice: User, model: LanguageModel) -> None:
    deletion = delete_branch(alice, answered(alice))
    undo_deletion(deletion)
    deletion.pk = uuid.uuid4()
    with pytest.raises(ConflictError, match="already"):
        undo_deletion(deletion)


@pytest.mark.parametrize(
    "deed",
    [
        lambda who, message: say(who, "x", under=message),
        lambda who, message: edit_message(who, question_of(message), text="x", client_id=uuid.uuid4()),
        lambda who, message: regenerate_answer(who, message, model=None, client_id=uuid.uuid4()),
        lambda who, message: continue_answer(who, message, client_id=uuid.uuid4()),
        lambda who, message: retry_answer(who, message, client_id=uuid.uuid4()),
        lambda who, message: answer_tools(who, message, results={"call_0": "x"}, client_id=uuid.uuid4()),
        lambda _, message: select_branch(message.conversation, message),
        delete_branch,
        delete_message,
    ],
)
def test_nothing_can_be_done_to_what_was_deleted_meanwhile(alice: User, model: LanguageModel, deed: Any) -> None:
    stale = calling(alice, ("look", "{}"))
    question_of(stale)
    delete_branch(alice, question_of(fresh(stale)))
    before = stored(stale.conversation)
    with pytest.raises(ConflictError, match="deleted"):
        deed(alice, stale)
    assert stored(stale.conversation) == before


def test_an_order_that_was_done_and_deleted_since_is_not_done_again(alice: User, model: LanguageModel) -> None:
    first, client_id = answered(alice, "A", answer="a"), uuid.uuid4()
    sent = say(alice, "B", under=first, client_id=client_id)
    play("b")
    delete_branch(alice, question_of(fresh(sent.answer)))
    with pytest.raises(ConflictError, match="sent already, and deleted since"):
        say(alice, "B", under=fresh(first), client_id=client_id)
    assert len(live(first.conversation)) == 2
