"""The index follows what is said, changed and removed, in the same transaction."""

import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from conversations import search
from conversations.actions.conversations import rename_conversation
from conversations.actions.messages import continue_answer, edit_message, regenerate_answer
from conversations.jobs.removal import remove_conversations
from conversations.models import Conversation, GenerationStatus, LanguageModel, Message, SearchDocument, User
from conversations.search import rebuilding
from tests.search.said import asked, messages, texts, titles
from tests.trees import fresh, play, question_of, say

pytestmark = pytest.mark.django_db


def is_right() -> bool:
    counts = rebuilding.count()
    return counts.is_right and not counts.orphans


def test_all_branches_are_found(alice: User, model: LanguageModel) -> None:
    answer = asked(alice, "old quince", "first quince")
    edit_message(alice, question_of(answer), text="new quince", client_id=uuid.uuid4())
    play("second quince")
    regenerate_answer(alice, answer, model=None, client_id=uuid.uuid4())
    play("third quince")
    found = messages(alice, "quince", conversation=answer.conversation)
    assert found == ["first quince", "new quince", "old quince", "second quince", "third quince"]
    assert is_right()


@pytest.mark.parametrize("status", [GenerationStatus.STOPPED, GenerationStatus.INTERRUPTED, GenerationStatus.FAILED])
def test_what_broke_off_is_found_and_its_continuation_too(
    alice: User, model: LanguageModel, status: GenerationStatus
) -> None:
    sent = say(alice, "Hello")
    play("half a quince", status=status)
    assert messages(alice, "quince") == ["half a quince"]
    continue_answer(alice, fresh(sent.answer), client_id=uuid.uuid4())
    play(" and a medlar")
    assert messages(alice, "quince medlar ") == ["half a quince and a medlar"]
    assert is_right()


def test_a_new_title_replaces_the_old_one(alice: User, model: LanguageModel) -> None:
    conversation = asked(alice, "Hello").conversation
    rename_conversation(conversation, "Quinces")
    rename_conversation(conversation, "Medlars")
    assert (titles(alice, "quinces"), titles(alice, "medlars")) == ([], ["Medlars"])
    assert is_right()


def test_a_changed_text_is_found_by_its_new_words_only(alice: User, model: LanguageModel) -> None:
    answer = asked(alice, "Hello", "a quince")
    Message.objects.filter(pk=answer.pk).update(text="a medlar")
    search.index_messages([answer.pk])
    assert not texts(alice, "quince ")
    assert messages(alice, "medlar ") == ["a medlar"]


def test_what_is_removed_leaves_nothing(alice: User, model: LanguageModel) -> None:
    conversation = asked(alice, "a quince", "the quince").conversation
    asked(alice, "another quince", "no")
    remove_conversations([conversation.pk])
    assert messages(alice, "quince") == ["another quince"]
    assert is_right()
    assert SearchDocument.objects.count() == 3


def test_a_refused_send_leaves_nothing(alice: User, model: LanguageModel) -> None:
    with transaction.atomic():
        say(alice, "a quince")
        transaction.set_rollback(True)
    assert not texts(alice, "quince")
    assert is_right()


def test_the_same_again_changes_nothing(alice: User, model: LanguageModel) -> None:
    answer = asked(alice, "a quince", "the quince")
    before = list(SearchDocument.objects.order_by("pk").values())
    search.index_conversations([answer.conversation_id])
    search.index_new([search.Entry.of_message(answer, alice.pk), search.Entry.of_title(answer.conversation)])
    assert list(SearchDocument.objects.order_by("pk").values()) == before
    assert is_right()


def test_thousands_of_the_same_moment_are_kept_apart(alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    moment = conversation.created_at
    rows = [Message(conversation=conversation, role="user", text=f"quince {n}", created_at=moment) for n in range(3000)]
    Message.objects.bulk_create(rows)
    for start in (0, 1000, 2000):
        search.index_new(search.Entry.of_message(row, alice.pk) for row in rows[start : start + 1000])
    assert SearchDocument.objects.exclude(message=None).count() == 3000
    assert messages(alice, "2999 ") == ["quince 2999"]


def test_a_send_costs_one_or_two_statements_more(alice: User, model: LanguageModel) -> None:
    with CaptureQueriesContext(connection) as captured:
        say(alice, "a quince")
    ours = [query for query in captured if "conversations_search" in query["sql"]]
    assert len(ours) == (2 if connection.vendor == "sqlite" else 1)
