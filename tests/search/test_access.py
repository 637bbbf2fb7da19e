"""Who finds what: nobody anything that he may not read now."""

import pytest
from django.contrib.auth.models import AnonymousUser

from conversations import search
from conversations.actions.conversations import delete_conversation, restore_conversation
from conversations.actions.deletions import delete_message, undo_deletion
from conversations.actions.members import invite, remove_member
from conversations.models import Conversation, LanguageModel, Message, User
from tests.search.said import asked, messages, texts, titles
from tests.trees import question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(alice: User, model: LanguageModel) -> Message:
    return asked(alice, "the pomegranate", "A pomegranate.")


ALL = ["A pomegranate.", "the pomegranate"]


def test_a_stranger_finds_nothing(carol: User, dana: User, answer: Message) -> None:
    for person in (carol, dana):
        assert search.search(person, "pomegranate") == search.Results()
        assert not search.search(person, "pomegranate", conversation=answer.conversation).hits
    assert not search.search(AnonymousUser(), "pomegranate").hits


@pytest.mark.parametrize("query", ["pomegranite ", "pomegranat ", "pomgeranate "])
def test_others_words_are_never_suggested(alice: User, carol: User, answer: Message, query: str) -> None:
    assert search.search(alice, query).suggestion
    assert not search.search(carol, query).suggestion


def test_a_member_finds_what_is_shared_and_nothing_else(alice: User, bob: User, answer: Message) -> None:
    asked(alice, "a private pomegranate")
    member = invite(alice, answer.conversation, bob, "viewer")
    assert messages(bob, "pomegranate") == ALL
    assert titles(bob, "pome") == ["the pomegranate"]
    assert search.search(bob, "pomegranite ").suggestion == "pomegranate "
    assert not search.search(bob, "pomegranate").hits[0].is_own
    remove_member(alice, member)
    assert not texts(bob, "pomegranate")
    assert not search.search(bob, "pomegranite ").suggestion


def test_a_group_finds_what_is_shared_with_it(alice: User, bob: User, answer: Message) -> None:
    invite(alice, answer.conversation, alice.groups.get(), "viewer")
    asked(bob, "my pomegranate")
    assert messages(bob, "pomegranate") == sorted([*ALL, "my pomegranate"])


def test_what_is_in_the_bin_is_not_found_until_it_is_back(alice: User, answer: Message) -> None:
    conversation = answer.conversation
    delete_conversation(conversation)
    assert not texts(alice, "pomegranate")
    assert not search.search(alice, "pomegranite ").suggestion
    restore_conversation(conversation)
    assert messages(alice, "pomegranate") == ALL


def test_a_deleted_message_is_not_found_until_it_is_back(alice: User, answer: Message) -> None:
    deletion = delete_message(alice, answer)
    assert messages(alice, "pomegranate") == ["the pomegranate"]
    assert search.matches_in(answer.conversation, "pomegranate") == [question_of(answer).pk]
    undo_deletion(deletion)
    assert messages(alice, "pomegranate") == ALL


def test_temporary_conversations_are_found_only_within(alice: User, answer: Message) -> None:
    conversation = answer.conversation
    Conversation.objects.filter(pk=conversation.pk).update(is_temporary=True)
    assert not texts(alice, "pomegranate")
    search.index_conversations([conversation.pk])
    assert not texts(alice, "pomegranate")
    conversation.refresh_from_db()
    assert search.matches_in(conversation, "pomegranate -the ") == [answer.pk]
