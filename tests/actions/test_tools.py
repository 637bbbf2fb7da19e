"""Handing in what tools gave: one chain of results for each time, below the answer that called."""

import uuid
from typing import Any

import pytest

from conversations.actions.conversations import select_branch
from conversations.actions.messages import answer_tools, edit_message, regenerate_answer
from conversations.actions.runs import Sent
from conversations.exceptions import ConflictError, InvalidInputError, TooLargeError
from conversations.models import Conversation, GenerationStatus, LanguageModel, Message, User
from tests.trees import answered, calling, fresh, other_model, play, say

pytestmark = pytest.mark.django_db
CALLS = ("first", "{}"), ("second", "{}")


def give(author: User, message: Message, first: str = "1", second: str = "2") -> Sent:
    return answer_tools(author, message, results={"call_1": second, "call_0": first}, client_id=uuid.uuid4())


def test_results_stand_below_their_answer_in_the_order_of_the_calls(alice: User, model: LanguageModel) -> None:
    message = calling(alice, *CALLS)
    sent = give(alice, message, "a\r\nb", "")
    shown = Message.objects.shown(Conversation.objects.get(pk=sent.conversation.pk))
    assert [(each.role, each.text) for each in shown[2:]] == [("tool", "a\nb"), ("tool", ""), ("assistant", "")]
    assert shown[2].parent_id == message.pk
    assert [each.call["name"] for each in shown[2:4] if each.call] == ["first", "second"]


def test_the_answer_goes_on_with_the_model_that_called(alice: User, model: LanguageModel) -> None:
    message = calling(alice, *CALLS)
    Conversation.objects.update(model=other_model())
    assert give(alice, fresh(message)).answer.model == model


def test_results_given_again_make_another_branch(alice: User, model: LanguageModel) -> None:
    message = calling(alice, *CALLS)
    give(alice, message)
    play("One.")
    give(alice, message, "other")
    play("Two.")
    first, other = Message.objects.filter(parent=message).order_by("id")
    assert Message.objects.siblings_of([first])[first.pk] == [first.pk, other.pk]
    leaf = select_branch(message.conversation, first)
    assert leaf.text == "One."


def test_the_answer_after_results_has_siblings_of_its_own(alice: User, model: LanguageModel) -> None:
    sent = give(alice, calling(alice, *CALLS))
    play("One.")
    again = regenerate_answer(alice, fresh(sent.answer), model=None, client_id=uuid.uuid4())
    assert again.answer.parent_id == fresh(sent.answer).parent_id


@pytest.mark.parametrize("results", [{}, {"call_0": "1"}, {"call_0": "1", "call_1": "2", "call_2": "3"}])
def test_each_call_needs_one_result(alice: User, model: LanguageModel, results: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError, match="one result for each call"):
        answer_tools(alice, calling(alice, *CALLS), results=results, client_id=uuid.uuid4())


def test_only_an_answer_that_called_takes_results(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    for message in (answer, answer.parent):
        assert message is not None
        with pytest.raises(InvalidInputError, match="called no tool"):
            answer_tools(alice, message, results={}, client_id=uuid.uuid4())


def test_an_answer_that_is_still_written_takes_no_results(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    Message.objects.filter(pk=sent.answer.pk).update(tool_calls=[{"id": "a", "name": "f", "arguments": "{}"}])
    with pytest.raises(ConflictError, match="still being written"):
        answer_tools(alice, fresh(sent.answer), results={"a": "1"}, client_id=uuid.uuid4())


def test_too_long_a_result_is_refused_and_nothing_is_written(alice: User, model: LanguageModel, settings: Any) -> None:
    settings.LIMIT_MESSAGE_CHARACTERS = 5
    with pytest.raises(TooLargeError):
        give(alice, calling(alice, *CALLS), "123456")
    assert not Message.objects.filter(role="tool").exists()


def test_a_result_can_be_neither_edited_nor_regenerated_nor_written_below(alice: User, model: LanguageModel) -> None:
    message = calling(alice, *CALLS)
    give(alice, message)
    play("Done.", status=GenerationStatus.COMPLETE)
    tool = Message.objects.select_related("conversation", "parent").filter(role="tool")[0]
    with pytest.raises(InvalidInputError):
        edit_message(alice, tool, text="x", client_id=uuid.uuid4())
    with pytest.raises(InvalidInputError):
        regenerate_answer(alice, tool, model=None, client_id=uuid.uuid4())
    with pytest.raises(InvalidInputError, match="can only follow an answer"):
        say(alice, under=tool)
