"""What is sent for an answer: parameters in force, calls with their results, and what does not fit."""

import uuid

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.actions.images import ImageGiven
from conversations.actions.messages import answer_tools, continue_answer, regenerate_answer, send_message
from conversations.actions.runs import Wanted
from conversations.exceptions import ContextOverflowError, InvalidInputError
from conversations.generation import records
from conversations.generation.context import conversation_so_far, request_of
from conversations.models import (
    File,
    Generation,
    GenerationStatus,
    LanguageModel,
    Message,
    Overflow,
    OwnDefaults,
    ParameterRule,
    Provider,
    Role,
    User,
)
from conversations.providers.base import ChatRequest, ToolCall
from conversations.providers.wire import wire_request
from tests.media.sending import send_pictures
from tests.trees import answered, fresh, play, say

pytestmark = pytest.mark.django_db
CALL = {"id": "call_1", "name": "get_time", "arguments": "{}"}


def _claimed() -> ChatRequest:
    (job,), _ = records.claim("tests")
    assert job.error is None, job.error
    assert job.request is not None
    return job.request


def _group(*people: User) -> Group:
    group = Group.objects.create(name=f"Group {Group.objects.count()}")
    group.user_set.add(*people)
    return group


def _called(author: User) -> Message:
    """An answer that called a tool."""
    answer = answered(author, "What time is it?", answer="")
    Message.objects.filter(pk=answer.pk).update(tool_calls=[CALL], status="complete")
    return fresh(answer)


def test_the_value_nearest_to_the_person_is_sent_with_its_source(alice: User, model: LanguageModel) -> None:
    ParameterRule.objects.create(name="temperature", value=0.1)
    OwnDefaults.objects.create(user=alice, model=model, values={"temperature": 0.4})
    say(alice)
    assert _claimed().parameters == {"temperature": 0.4}
    assert Generation.objects.get().request["parameters"] == {"temperature": {"value": 0.4, "source": "own"}}


def test_pictures_that_are_too_large_together_are_named_and_not_read(alice: User, model: LanguageModel) -> None:
    """The same one many times costs its owner no room, and would fill the memory."""
    file = File.objects.create(
        owner=alice, name="a.png", media_type="image/png", sha256="0" * 64, path="files/none", size=4_000_000,
        width=1, height=1,
    )  # fmt: skip
    sent = send_pictures(alice, *[ImageGiven(file=file.pk)] * 11)
    (job,), _ = records.claim("tests")
    assert isinstance(job.error, ContextOverflowError)
    assert "44 MB" in job.error.message
    with pytest.raises(ContextOverflowError):
        conversation_so_far(sent.question, model)


def test_a_rule_made_after_sending_still_holds(alice: User, model: LanguageModel) -> None:
    send_message(
        alice, conversation=None, parent=None, text="Hi", model=None, client_id=uuid.uuid4(),
        wanted=Wanted(parameters={"temperature": 1.5}),
    )  # fmt: skip
    ParameterRule.objects.create(name="temperature", maximum=1.0)
    (job,), _ = records.claim("tests")
    assert job.request is None
    assert job.error is not None
    assert "Temperature" in job.error.message


def test_what_is_out_of_bounds_is_refused_before_anything_is_written(alice: User, model: LanguageModel) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        send_message(
            alice, conversation=None, parent=None, text="Hi", model=None, client_id=uuid.uuid4(),
            wanted=Wanted(parameters={"temperature": 3}),
        )  # fmt: skip
    assert refusal.value.field == "temperature"
    assert not Message.objects.exists()


def test_changed_parameters_of_another_try_leave_the_conversation_alone(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    regenerate_answer(
        alice, answer, model=None, client_id=uuid.uuid4(), wanted=Wanted(parameters={"temperature": 0.9})
    )  # fmt: skip
    assert _claimed().parameters == {"temperature": 0.9}
    assert fresh(answer).conversation.parameters == {}


def test_a_call_goes_with_its_result(alice: User, model: LanguageModel) -> None:
    answer_tools(alice, _called(alice), results={"call_1": "12:00"}, client_id=uuid.uuid4())
    _, call, result = _claimed().messages
    assert (call.role, call.tool_calls) == ("assistant", (ToolCall("call_1", "get_time", "{}"),))
    assert (result.role, result.content, result.tool_call_id) == ("tool", "12:00", "call_1")


def test_a_call_that_nobody_answered_is_left_out(alice: User, model: LanguageModel) -> None:
    say(alice, "Never mind", under=_called(alice))
    assert [message.content for message in _claimed().messages] == ["What time is it?", "Never mind"]


def test_results_are_one_for_each_call(alice: User, model: LanguageModel) -> None:
    with pytest.raises(InvalidInputError, match="one result for each call"):
        answer_tools(alice, _called(alice), results={"call_2": "12:00"}, client_id=uuid.uuid4())
    assert not Message.objects.filter(role=Role.TOOL).exists()


def test_the_same_results_twice_make_one_answer(alice: User, model: LanguageModel) -> None:
    called, client_id = _called(alice), uuid.uuid4()
    first = answer_tools(alice, called, results={"call_1": "12:00"}, client_id=client_id)
    again = answer_tools(alice, called, results={"call_1": "12:00"}, client_id=client_id)
    assert again.answer.pk == first.answer.pk
    assert Message.objects.filter(role=Role.TOOL).count() == 1


def test_a_conversation_that_is_too_long_is_refused_with_the_numbers(alice: User, model: LanguageModel) -> None:
    LanguageModel.objects.update(context_window=50)
    say(alice, "word " * 100)
    (job,), _ = records.claim("tests")
    assert isinstance(job.error, ContextOverflowError)
    assert "about 129 tokens" in job.error.message
    assert "reads 50" in job.error.message


def test_the_oldest_are_left_out_where_the_admin_says_so(alice: User, model: LanguageModel) -> None:
    under = answered(alice, "word " * 100)
    LanguageModel.objects.update(context_window=50, overflow=Overflow.DROP_OLDEST)
    say(alice, "And now?", under=under)
    assert [message.content for message in _claimed().messages] == ["And now?"]
    assert Generation.objects.latest("id").request["dropped"] == 2


def test_what_was_sent_can_be_put_together_again(alice: User, model: LanguageModel) -> None:
    under = answered(alice, "One")
    say(alice, "Two", under=under)
    sent = _claimed()
    play("later words")
    _, again = request_of(Generation.objects.select_related("model__provider").latest("id"))
    assert again == sent


def test_a_call_that_was_left_out_is_not_in_what_was_sent(alice: User, model: LanguageModel) -> None:
    called = answered(alice, "What time is it?", answer="Let me look.")
    Message.objects.filter(pk=called.pk).update(tool_calls=[CALL])
    say(alice, "Never mind", under=fresh(called))
    sent = _claimed()
    _, again = request_of(Generation.objects.select_related("model__provider").latest("id"))
    assert again == sent


def test_thoughts_of_a_continued_answer_are_not_in_what_was_sent(alice: User, model: LanguageModel) -> None:
    say(alice)
    play("Half", reasoning="Hm.", status=GenerationStatus.STOPPED)
    continue_answer(alice, fresh(Message.objects.get(role=Role.ASSISTANT)), client_id=uuid.uuid4())
    sent = _claimed()
    Message.objects.filter(role=Role.ASSISTANT).update(reasoning="Hm. And hm.", provider_items=[{"type": "reasoning"}])
    _, again = request_of(Generation.objects.select_related("model__provider").latest("id"))
    assert again == sent


def test_each_person_has_the_rules_of_their_groups_and_their_own_defaults(
    alice: User, bob: User, carol: User, model: LanguageModel
) -> None:
    ParameterRule.objects.create(name="temperature", group=_group(alice, bob), value=0.1)
    ParameterRule.objects.create(name="max_tokens", group=_group(bob), value=200)
    OwnDefaults.objects.create(user=carol, model=model, values={"temperature": 0.3})
    for person in (alice, bob, carol):
        say(person)
    jobs, _ = records.claim("tests")
    sent = [job.request.parameters for job in jobs if job.request]
    assert sent == [{"temperature": 0.1}, {"temperature": 0.1, "max_tokens": 200}, {"temperature": 0.3}]


def test_rules_are_read_once_for_all_that_are_claimed_together(alice: User, bob: User, model: LanguageModel) -> None:
    for person in (alice, bob, alice, bob):
        say(person)
    with CaptureQueriesContext(connection) as queries:
        jobs, _ = records.claim("tests")
    assert len(jobs) == 4
    for table in (ParameterRule, OwnDefaults):
        assert sum(table._meta.db_table in query["sql"] for query in queries.captured_queries) == 1


def test_runs_that_are_claimed_together_share_their_queries(alice: User, bob: User, model: LanguageModel) -> None:
    counts = []
    for people in ((alice,), (alice, bob, alice)):
        for person in people:
            say(person)
        with CaptureQueriesContext(connection) as queries:
            assert len(records.claim("tests")[0]) == len(people)
        counts.append(len(queries))
    assert counts[1] == counts[0]


def test_a_call_left_out_of_one_branch_stays_in_another(alice: User, model: LanguageModel) -> None:
    called = _called(alice)
    Message.objects.filter(pk=called.pk).update(text="Let me look.")
    say(alice, "Never mind", under=fresh(called))
    answer_tools(alice, fresh(called), results={"call_1": "12:00"}, client_id=uuid.uuid4())
    first, second = (job.request for job in records.claim("tests")[0])
    assert first is not None
    assert second is not None
    assert [len(message.tool_calls) for message in first.messages] == [0, 0, 0]
    assert [len(message.tool_calls) for message in second.messages] == [0, 1, 0]


def test_what_an_admin_changes_later_does_not_change_what_was_sent(alice: User, model: LanguageModel) -> None:
    send_message(
        alice, conversation=None, parent=None, text="Look", model=None, client_id=uuid.uuid4(),
        images=[ImageGiven(url="https://pictures.example/a.png")],
    )  # fmt: skip
    (job,), _ = records.claim("tests")
    LanguageModel.objects.update(abilities=["tools"])
    Provider.objects.update(kind="openai_compatible", base_url="https://new.example/v1", system_role="developer")
    endpoint, request = request_of(Generation.objects.select_related("model__provider").latest("id"))
    assert request == job.request
    assert job.endpoint is not None
    assert wire_request(endpoint, request) == wire_request(job.endpoint, request)
