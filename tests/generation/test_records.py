"""Claims, flushes and ends against the rows: fences hold, a failure in the middle leaves the queue as it was."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import override_settings
from django.utils import timezone

from conversations.actions.messages import continue_answer, send_message
from conversations.generation import endings, records
from conversations.models import (
    Generation,
    GenerationStatus,
    LanguageModel,
    Message,
    ParameterRule,
    Provider,
    Usage,
    User,
)
from conversations.providers.base import CONTINUE_INSTRUCTION, Citation, UsageReport
from conversations.rendering import markdown
from tests.trees import answered, fresh, play, say

pytestmark = pytest.mark.django_db


def _progress(job: records.Job, text: str, fence: int | None = None) -> records.Progress:
    return records.Progress(job.generation, job.message, job.fence if fence is None else fence, text, "", 3)


def _end(job: records.Job, text: str, fence: int | None = None) -> bool:
    html = markdown.render(text)
    progress = _progress(job, text, fence)
    return endings.finish(job, endings.Ending(progress, GenerationStatus.COMPLETE, html, markdown.VERSION, 0))


def test_a_claim_takes_the_oldest_first_and_runs_it(alice: User, model: LanguageModel) -> None:
    first, second = say(alice), say(alice)
    jobs, waiting = records.claim("tests")
    assert [job.generation for job in jobs] == [str(first.generation.pk), str(second.generation.pk)]
    assert waiting == []
    assert fresh(first.answer).status == "running"


@override_settings(LIMIT_GENERATIONS_PER_USER=2)
def test_what_is_over_a_persons_limit_waits_in_its_place(alice: User, bob: User, model: LanguageModel) -> None:
    sent = [say(alice) for _ in range(4)]
    others = say(bob)
    jobs, waiting = records.claim("tests")
    assert {job.generation for job in jobs} == {str(s.generation.pk) for s in (*sent[:2], others)}
    assert [(row.generation, row.position) for row in waiting] == [
        (str(sent[2].generation.pk), 0),
        (str(sent[3].generation.pk), 1),
    ]


def test_what_is_over_a_providers_limit_waits(alice: User, bob: User, model: LanguageModel) -> None:
    Provider.objects.update(concurrency=1)
    say(alice), say(bob)
    jobs, waiting = records.claim("tests")
    assert (len(jobs), len(waiting)) == (1, 1)


def test_a_model_that_was_disabled_meanwhile_ends_the_run_with_a_sentence(alice: User, model: LanguageModel) -> None:
    say(alice)
    LanguageModel.objects.update(is_enabled=False)
    (job,), _ = records.claim("tests")
    assert job.request is None
    assert job.error is not None
    assert "isn't available" in job.error.message


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_fails_in_the_middle_leaves_the_queue_as_it_was(alice: User, model: LanguageModel) -> None:
    sent = say(alice)

    def break_down(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "conversations_message"'):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(break_down), pytest.raises(OperationalError):
        records.claim("tests")
    assert Generation.objects.get(pk=sent.generation.pk).status == GenerationStatus.QUEUED
    assert len(records.claim("tests")[0]) == 1


def test_a_run_whose_request_can_not_be_made_keeps_nobody_waiting(
    alice: User, bob: User, model: LanguageModel, caplog: pytest.LogCaptureFixture
) -> None:
    LanguageModel.objects.update(schemas={"chat_completions": {"properties": {"stop": "no schema at all"}}})
    say(alice)
    LanguageModel.objects.create(provider=model.provider, wire_name="elm", name="Elm")
    send_message(
        bob, conversation=None, parent=None, text="Hi", model=LanguageModel.objects.get(name="Elm"),
        client_id=uuid.uuid4(),
    )  # fmt: skip
    (broken, good), _ = records.claim("tests")
    assert broken.error is not None
    assert good.request is not None
    assert "could not be made" in caplog.text


def test_the_request_is_the_branch_above_the_answer(alice: User, model: LanguageModel) -> None:
    LanguageModel.objects.update(system_prompt="Be kind.")
    ParameterRule.objects.create(model=model, name="temperature", value=0.5)
    say(alice, "Two", under=answered(alice, "One"))
    (job,), _ = records.claim("tests")
    assert job.request is not None
    said = [(message.role, message.content) for message in job.request.messages]
    assert said == [("system", "Be kind."), ("user", "One"), ("assistant", "An answer."), ("user", "Two")]
    assert job.request.parameters == {"temperature": 0.5}


def test_the_request_of_a_continuation_ends_with_what_is_there_and_the_instruction(
    alice: User, model: LanguageModel
) -> None:
    sent = say(alice)
    play("Half", status=GenerationStatus.STOPPED)
    continue_answer(alice, fresh(sent.answer), client_id=uuid.uuid4())
    (job,), _ = records.claim("tests")
    assert job.request is not None
    assert [m.content for m in job.request.messages] == ["Hello", "Half", CONTINUE_INSTRUCTION]
    assert job.text == "Half"


def test_a_continued_answer_keeps_the_sources_of_its_first_half(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    play("Half")
    first = {"url": "https://one.example/", "title": "One", "start": 0, "end": 4}
    Message.objects.filter(pk=sent.answer.pk).update(citations=[first], status="stopped")
    continue_answer(alice, fresh(sent.answer), client_id=uuid.uuid4())
    (job,), _ = records.claim("tests")
    second, bare = Citation("https://two.example/", "Two", 1, 5), Citation("https://three.example/", "")
    ending = endings.Ending(
        _progress(job, "Half and half"), GenerationStatus.COMPLETE, "", markdown.VERSION, 0, citations=(second, bare)
    )
    assert endings.finish(job, ending)
    kept = fresh(sent.answer).citations
    assert [(each["url"], each["start"], each["end"]) for each in kept] == [
        ("https://one.example/", 0, 4),
        ("https://two.example/", 5, 9),
        ("https://three.example/", None, None),
    ]


def test_a_flush_writes_only_under_its_fence(alice: User, model: LanguageModel) -> None:
    say(alice)
    (job,), _ = records.claim("tests")
    assert records.flush([_progress(job, "some")]) == []
    assert records.flush([_progress(job, "stale", fence=job.fence - 1)]) == [job.generation]
    assert Message.objects.get(pk=job.message).text == "some"


def test_one_that_is_lost_does_not_keep_the_others_from_being_written(
    alice: User, bob: User, model: LanguageModel
) -> None:
    for person in (alice, bob, alice):
        say(person)
    jobs, _ = records.claim("tests")
    progresses = [_progress(job, f"text {place}") for place, job in enumerate(jobs)]
    progresses[1] = _progress(jobs[1], "stale", fence=jobs[1].fence - 1)
    assert records.flush(progresses) == [jobs[1].generation]
    assert [Message.objects.get(pk=job.message).text for job in jobs] == ["text 0", "", "text 2"]
    assert Generation.objects.get(pk=jobs[2].generation).length == len("text 2")


def test_an_end_is_written_once_and_never_changes(alice: User, model: LanguageModel) -> None:
    say(alice)
    (job,), _ = records.claim("tests")
    assert _end(job, "The end.")
    assert not _end(job, "Another end.")
    assert records.flush([_progress(job, "later")]) == [job.generation]
    assert Message.objects.get(pk=job.message).text == "The end."
    assert Usage.objects.count() == 1


def test_a_worker_that_lost_its_lease_writes_nothing(alice: User, model: LanguageModel) -> None:
    say(alice)
    (job,), _ = records.claim("paused")
    records.flush([_progress(job, "so far")])
    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert endings.interrupt_orphans("other", is_alone=False) == 1
    assert not _end(job, "too late")
    message = Message.objects.get(pk=job.message)
    assert (message.text, message.status, message.html) == ("so far", "interrupted", markdown.render("so far"))


def test_a_run_of_our_own_that_nobody_works_on_is_an_orphan_once_its_lease_is_out(
    alice: User, model: LanguageModel
) -> None:
    say(alice)
    (job,), _ = records.claim("tests")
    records.renew("tests", [])
    assert endings.interrupt_orphans("tests", is_alone=True) == 0
    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    records.renew("tests", [job.generation])
    assert endings.interrupt_orphans("tests", is_alone=True) == 0
    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert endings.interrupt_orphans("tests", is_alone=True) == 1


def test_alone_a_run_of_another_worker_is_an_orphan_at_once(alice: User, model: LanguageModel) -> None:
    say(alice)
    records.claim("killed")
    assert endings.interrupt_orphans("tests", is_alone=False) == 0
    assert endings.interrupt_orphans("tests", is_alone=True) == 1
    assert Usage.objects.get().is_estimated


def test_numbers_no_column_holds_are_bounded(alice: User, model: LanguageModel) -> None:
    LanguageModel.objects.update(input_price=999_999, output_price=999_999)
    say(alice)
    play(usage=UsageReport(10**12, 10**12, 10**12, 10**12))
    run = Generation.objects.get()
    assert run.input_tokens == run.output_tokens == 2**31 - 1
    assert run.cost is not None
    assert run.cost < 1_000_000


def test_usage_is_estimated_where_the_provider_does_not_count(alice: User, model: LanguageModel) -> None:
    say(alice, "x" * 400)
    play("y" * 40)
    run = Generation.objects.get()
    assert (run.input_tokens, run.output_tokens, run.is_estimated) == (104, 10, True)  # four for the message itself
