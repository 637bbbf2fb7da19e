"""Names, pins, the bin, branches."""

import uuid

import pytest

from conversations.actions.conversations import (
    delete_conversation,
    mark_seen,
    pin_conversation,
    rename_conversation,
    restore_conversation,
    select_branch,
)
from conversations.actions.messages import edit_message
from conversations.exceptions import InvalidInputError
from conversations.models import Conversation, Generation, GenerationStatus, LanguageModel, Usage, User
from tests.trees import answered, fresh, play, question_of, say, shown_texts

pytestmark = pytest.mark.django_db


def test_a_title_is_one_clean_line(alice: User, model: LanguageModel) -> None:
    conversation = answered(alice).conversation
    rename_conversation(conversation, "  two\nlines\0 \ud800 ")
    conversation.refresh_from_db()
    assert conversation.title == "two lines\ufffd \ufffd"
    assert conversation.has_own_title


@pytest.mark.parametrize("title", ["", " \n ", "x" * 201])
def test_an_empty_or_long_title_is_refused(alice: User, model: LanguageModel, title: str) -> None:
    with pytest.raises(InvalidInputError):
        rename_conversation(answered(alice).conversation, title)


def test_pinned_ones_leave_the_recent_ones(alice: User, model: LanguageModel) -> None:
    conversation = answered(alice).conversation
    pin_conversation(conversation, is_pinned=True)
    mine = Conversation.objects.visible_to(alice)
    assert list(mine.pinned()) == [conversation]
    assert not mine.recent().exists()
    pin_conversation(conversation, is_pinned=False)
    assert list(mine.recent()) == [conversation]


def test_a_deleted_conversation_is_gone_until_it_is_restored(alice: User, model: LanguageModel) -> None:
    conversation = answered(alice).conversation
    delete_conversation(conversation)
    assert not Conversation.objects.visible_to(alice).exists()
    restore_conversation(conversation)
    assert shown_texts(conversation) == ["Hello", "An answer."]


def test_deleting_stops_what_is_queued_and_asks_what_runs_to_stop(alice: User, model: LanguageModel) -> None:
    queued = say(alice)
    delete_conversation(queued.conversation)
    assert Generation.objects.get(pk=queued.generation.pk).status == GenerationStatus.STOPPED


def test_the_ledger_survives_the_conversation(alice: User, model: LanguageModel) -> None:
    conversation = answered(alice).conversation
    conversation.delete()
    entry = Usage.objects.get()
    assert (entry.user_name, entry.model_name, entry.status) == ("alice", "oak", "complete")


def test_the_ledger_survives_the_person(alice: User, model: LanguageModel) -> None:
    answered(alice)
    alice.delete()
    assert Usage.objects.get().user_name == "alice"


def test_selecting_a_message_leads_to_the_newest_leaf_below_it(alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A")
    deeper = answered(alice, "B", under=first, answer="b")
    edit_message(alice, question_of(first), text="A2", client_id=uuid.uuid4())
    play("a2")
    leaf = select_branch(fresh(first).conversation, question_of(first))
    assert leaf.pk == deeper.pk
    assert shown_texts(first.conversation) == ["A", "An answer.", "B", "b"]


def test_a_message_of_another_conversation_can_not_be_selected(alice: User, model: LanguageModel) -> None:
    here, there = answered(alice), answered(alice)
    with pytest.raises(InvalidInputError):
        select_branch(here.conversation, there)


def test_each_selection_counts_the_revision(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    conversation = Conversation.objects.get(pk=answer.conversation_id)
    before = conversation.revision
    select_branch(conversation, answer)
    assert conversation.revision == before + 1


def test_an_answer_nobody_watched_is_marked_until_it_is_seen(alice: User, model: LanguageModel) -> None:
    conversation = answered(alice).conversation
    Conversation.objects.filter(pk=conversation.pk).update(has_unseen_answer=True)
    mark_seen(conversation)
    conversation.refresh_from_db()
    assert not conversation.has_unseen_answer
