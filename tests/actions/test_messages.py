"""Say, edit, regenerate, continue, retry."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.test import override_settings

from conversations.actions.messages import (
    continue_answer,
    edit_message,
    regenerate_answer,
    retry_answer,
    send_message,
)
from conversations.exceptions import ConflictError, InvalidInputError, LimitError, TooLargeError
from conversations.models import Conversation, Generation, GenerationStatus, LanguageModel, Message, User
from tests.trees import answered, fresh, other_model, play, question_of, say, shown_texts

pytestmark = pytest.mark.django_db


def test_a_first_message_begins_a_conversation_with_its_words_as_title(alice: User, model: LanguageModel) -> None:
    sent = say(alice, "How do I\nbake bread?")
    assert sent.conversation.title == "How do I bake bread?"
    assert sent.answer.parent == sent.question
    assert sent.generation.status == GenerationStatus.QUEUED


def test_the_same_order_twice_makes_one_message(alice: User, model: LanguageModel) -> None:
    client_id = uuid.uuid4()
    first, second = say(alice, client_id=client_id), say(alice, client_id=client_id)
    assert first.answer == second.answer
    assert Message.objects.count() == 2
    assert Generation.objects.count() == 1


def test_the_same_order_twice_in_a_conversation_makes_one_message(alice: User, model: LanguageModel) -> None:
    answer, client_id = answered(alice), uuid.uuid4()
    first = say(alice, "More", under=answer, client_id=client_id)
    assert say(alice, "More", under=answer, client_id=client_id).answer == first.answer
    assert Message.objects.count() == 4


def test_an_order_repeated_when_its_model_is_gone_says_what_it_made(alice: User, model: LanguageModel) -> None:
    client_id = uuid.uuid4()
    first = say(alice, client_id=client_id)
    LanguageModel.objects.update(is_enabled=False)
    assert say(alice, client_id=client_id).answer == first.answer


def test_the_same_client_id_of_two_people_makes_two_messages(alice: User, bob: User, model: LanguageModel) -> None:
    client_id = uuid.uuid4()
    assert say(alice, client_id=client_id).answer != say(bob, client_id=client_id).answer


@pytest.mark.parametrize("text", ["", " \n\t ", "\u2003"])
def test_an_empty_message_is_refused(alice: User, model: LanguageModel, text: str) -> None:
    with pytest.raises(InvalidInputError):
        say(alice, text)


@override_settings(LIMIT_MESSAGE_CHARACTERS=10)
def test_a_message_past_the_limit_is_refused_and_nothing_is_kept(alice: User, model: LanguageModel) -> None:
    with pytest.raises(TooLargeError):
        say(alice, "x" * 11)
    assert not Conversation.objects.exists()


def test_nul_and_lone_surrogates_are_replaced(alice: User, model: LanguageModel) -> None:
    sent = say(alice, "a\0b\ud800c\udc00 \ud83d\ude00 \ufeffd")
    assert fresh(question_of(sent.answer)).text == "a\ufffdb\ufffdc\ufffd 😀 \ufeffd"


def test_a_message_follows_only_an_answer(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    with pytest.raises(InvalidInputError):
        say(alice, under=answer.parent)


def test_a_message_does_not_follow_an_answer_of_another_conversation(alice: User, model: LanguageModel) -> None:
    here, there = answered(alice), answered(alice)
    with pytest.raises(InvalidInputError):
        send_message(alice, conversation=here.conversation, parent=there, text="x", model=None, client_id=uuid.uuid4())


def test_a_message_does_not_follow_an_answer_that_still_grows(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    with pytest.raises(ConflictError):
        say(alice, under=sent.answer)


def test_a_stale_object_does_not_hide_that_an_answer_grows(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    play("Half", status=GenerationStatus.STOPPED)
    stale = fresh(sent.answer)
    continue_answer(alice, fresh(stale), client_id=uuid.uuid4())
    with pytest.raises(ConflictError):
        say(alice, under=stale)


def test_a_model_that_is_not_available_is_refused(alice: User, model: LanguageModel) -> None:
    hidden = other_model()
    LanguageModel.objects.filter(pk=hidden.pk).update(is_enabled=False)
    hidden.refresh_from_db()
    with pytest.raises(InvalidInputError):
        send_message(alice, conversation=None, parent=None, text="x", model=hidden, client_id=uuid.uuid4())


def test_without_any_model_a_send_says_so(alice: User) -> None:
    with pytest.raises(ConflictError, match="No model is set up"):
        say(alice)


@override_settings(LIMIT_QUEUE_PER_USER=2)
def test_the_queue_of_a_person_is_bounded_and_a_refusal_leaves_nothing(
    alice: User, bob: User, model: LanguageModel
) -> None:
    say(alice), say(alice)
    with pytest.raises(LimitError):
        say(alice)
    assert Conversation.objects.filter(owner=alice).count() == 2
    assert say(bob).generation.pk


def test_an_edit_is_a_sibling_with_an_answer_of_its_own(alice: User, model: LanguageModel) -> None:
    answer = answered(alice, "First")
    sent = edit_message(alice, question_of(answer), text="Second", client_id=uuid.uuid4())
    play()
    assert shown_texts(answer.conversation) == ["Second", "An answer."]
    shown = Message.objects.shown(sent.conversation)
    assert shown[0].siblings == [answer.parent_id, question_of(sent.answer).pk]


def test_an_answer_can_not_be_edited(alice: User, model: LanguageModel) -> None:
    with pytest.raises(InvalidInputError):
        edit_message(alice, answered(alice), text="x", client_id=uuid.uuid4())


def test_regenerating_makes_a_sibling_and_keeps_the_first(alice: User, model: LanguageModel) -> None:
    first = answered(alice)
    sent = regenerate_answer(alice, first, model=None, client_id=uuid.uuid4())
    play("Another.")
    assert shown_texts(first.conversation) == ["Hello", "Another."]
    assert fresh(first).text == "An answer."
    assert sent.answer.parent_id == first.parent_id


def test_regenerating_uses_the_model_of_the_answer(alice: User, model: LanguageModel) -> None:
    first = answered(alice)
    elm = other_model()
    regenerate_answer(alice, first, model=elm, client_id=uuid.uuid4())
    play()
    sent = regenerate_answer(alice, fresh(first), model=None, client_id=uuid.uuid4())
    assert sent.answer.model == model


def test_regenerating_a_running_answer_is_refused(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    with pytest.raises(ConflictError):
        regenerate_answer(alice, sent.answer, model=None, client_id=uuid.uuid4())


def test_a_question_can_not_be_regenerated(alice: User, model: LanguageModel) -> None:
    with pytest.raises(InvalidInputError):
        regenerate_answer(alice, question_of(answered(alice)), model=None, client_id=uuid.uuid4())


@pytest.mark.parametrize("status", [GenerationStatus.STOPPED, GenerationStatus.INTERRUPTED, GenerationStatus.FAILED])
def test_an_answer_that_broke_off_goes_on_in_the_same_row(
    alice: User, model: LanguageModel, status: GenerationStatus
) -> None:
    sent = say(alice)
    play("Half an ", status=status)
    continue_answer(alice, fresh(sent.answer), client_id=uuid.uuid4())
    play("answer.")
    again = fresh(sent.answer)
    assert (again.text, again.status, again.html) == ("Half an answer.", "complete", "<p>Half an answer.</p>\n")
    assert Message.objects.count() == 2


def test_continuing_twice_queues_once(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    play("Half", status=GenerationStatus.STOPPED)
    first = continue_answer(alice, fresh(sent.answer), client_id=uuid.uuid4())
    assert continue_answer(alice, fresh(sent.answer), client_id=uuid.uuid4()).generation == first.generation


def test_an_answer_without_text_can_not_go_on(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    play("", status=GenerationStatus.FAILED)
    with pytest.raises(ConflictError):
        continue_answer(alice, fresh(sent.answer), client_id=uuid.uuid4())


def test_an_answer_with_something_below_it_can_not_go_on(alice: User, model: LanguageModel) -> None:
    first = answered(alice)
    answered(alice, "More", under=first)
    with pytest.raises(ConflictError):
        continue_answer(alice, fresh(first), client_id=uuid.uuid4())


def test_a_refused_continuation_leaves_the_answer_as_it_was(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    play("Half", status=GenerationStatus.STOPPED)
    with override_settings(LIMIT_QUEUE_PER_USER=1):
        say(alice)
        with pytest.raises(LimitError):
            continue_answer(alice, fresh(sent.answer), client_id=uuid.uuid4())
    assert fresh(sent.answer).status == "stopped"


def test_a_complete_answer_does_not_go_on(alice: User, model: LanguageModel) -> None:
    with pytest.raises(ConflictError):
        continue_answer(alice, fresh(answered(alice)), client_id=uuid.uuid4())


def test_an_answer_that_was_cut_at_the_limit_goes_on(alice: User, model: LanguageModel) -> None:
    first = answered(alice)
    Generation.objects.filter(message=first).update(finish_reason="length")
    assert continue_answer(alice, fresh(first), client_id=uuid.uuid4()).answer.status == "queued"


@pytest.mark.parametrize("text", ["Half", ""])
def test_the_same_order_to_go_on_or_try_again_is_done_once(alice: User, model: LanguageModel, text: str) -> None:
    sent, order = say(alice), uuid.uuid4()
    play(text, status=GenerationStatus.INTERRUPTED)
    again = continue_answer if text else retry_answer
    first = again(alice, fresh(sent.answer), client_id=order)
    play(" and the rest.")
    assert again(alice, fresh(sent.answer), client_id=order).generation == first.generation
    assert (Generation.objects.count(), Message.objects.count()) == (2, 2)


def test_retrying_an_empty_answer_runs_the_same_row_again(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    play("", status=GenerationStatus.FAILED)
    retry_answer(alice, fresh(sent.answer), client_id=uuid.uuid4())
    play("Now it works.")
    assert fresh(sent.answer).text == "Now it works."
    assert Message.objects.count() == 2


def test_retrying_twice_queues_once(alice: User, model: LanguageModel) -> None:
    sent, client_id = say(alice), uuid.uuid4()
    play("", status=GenerationStatus.FAILED)
    first = retry_answer(alice, fresh(sent.answer), client_id=client_id)
    assert retry_answer(alice, fresh(sent.answer), client_id=client_id).generation == first.generation


def test_retrying_an_answer_with_text_keeps_it_and_makes_a_sibling(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    play("Half", status=GenerationStatus.INTERRUPTED)
    again = retry_answer(alice, fresh(sent.answer), client_id=uuid.uuid4())
    assert again.answer != sent.answer
    assert fresh(sent.answer).text == "Half"


def test_retrying_with_a_model_that_replaced_the_first_says_its_name(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    play("", status=GenerationStatus.FAILED)
    elm = other_model()
    LanguageModel.objects.filter(pk=model.pk).update(is_enabled=False)
    retry_answer(alice, fresh(sent.answer), client_id=uuid.uuid4())
    assert fresh(sent.answer).model_name == elm.name


def test_a_default_model_that_was_shut_down_gives_way(alice: User, model: LanguageModel) -> None:
    elm = other_model()
    LanguageModel.objects.filter(pk=model.pk).update(shutdown_on=date(2020, 1, 1))
    assert say(alice).answer.model == elm
    LanguageModel.objects.filter(pk=elm.pk).update(shutdown_on=date(2020, 1, 1))
    assert LanguageModel.objects.default() == model


def test_a_model_that_was_shut_down_is_refused_with_the_day(alice: User, model: LanguageModel) -> None:
    gone = other_model()
    gone.shutdown_on = date(2026, 10, 23)
    gone.save()
    with pytest.raises(InvalidInputError, match=r"Elm was shut down on 23 October 2026\. Choose another model\."):
        send_message(alice, conversation=None, parent=None, text="Hi", model=gone, client_id=uuid.uuid4())
    assert not Message.objects.exists()


def test_a_send_asks_the_database_little(alice: User, model: LanguageModel, django_assert_max_num_queries: Any) -> None:
    """It is what a hundred people who send at once wait for."""
    under = answered(alice)
    with django_assert_max_num_queries(11):
        say(alice)
    with django_assert_max_num_queries(12):
        say(alice, under=under)
