"""What answers cost: from the provider's count at the prices of that time, in the ledger as on the answers."""

import uuid
from decimal import Decimal

import pytest
from django.db.models import Sum

from conversations.actions.messages import continue_answer, regenerate_answer
from conversations.exceptions import ChatError, ProviderAuthenticationError
from conversations.generation import endings, records
from conversations.models import Generation, GenerationStatus, LanguageModel, Message, Usage, User
from conversations.providers.base import ToolCall, UsageReport
from tests.trees import answered, fresh, play, say

pytestmark = pytest.mark.django_db
COLUMNS = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "cost")


def _priced(model: LanguageModel) -> None:
    LanguageModel.objects.filter(pk=model.pk).update(input_price=2, cached_price=Decimal("0.5"), output_price=8)


def _sums(rows: object) -> dict[str, object]:
    return rows.aggregate(**{name: Sum(name) for name in COLUMNS})  # type: ignore[attr-defined,no-any-return]


def _killed(text: str) -> Generation:
    """The run that is queued is claimed, writes so much, and its process dies."""
    (job,), _ = records.claim("killed")
    records.flush([records.Progress(job.generation, job.message, job.fence, job.text + text, job.reasoning, 3)])
    assert endings.interrupt_orphans("tests", is_alone=True) == 1
    return Generation.objects.get(pk=job.generation)


def test_the_ledger_has_what_the_answers_have(alice: User, model: LanguageModel) -> None:
    _priced(model)
    answer = answered(alice)  # estimated
    for status in (GenerationStatus.COMPLETE, GenerationStatus.STOPPED, GenerationStatus.FAILED):
        regenerate_answer(alice, answer, model=None, client_id=uuid.uuid4())
        play("Counted.", status=status, usage=UsageReport(1000, 100, 400, 30))
    regenerate_answer(alice, answer, model=None, client_id=uuid.uuid4())
    _killed("Half an ans")
    Usage.objects.create(
        generation_id=uuid.uuid4(), conversation_id=answer.conversation_id, status="title", input_tokens=7, cost=1
    )  # fmt: skip
    assert _sums(Usage.objects.exclude(status="title")) == _sums(Generation.objects.all())
    assert Usage.objects.filter(is_estimated=True).count() == 2


def test_a_killed_run_is_estimated_from_what_was_sent_and_what_had_come(alice: User, model: LanguageModel) -> None:
    _priced(model)
    say(alice, "x" * 400)
    run = _killed("y" * 40)
    assert (run.input_tokens, run.output_tokens, run.is_estimated) == (104, 10, True)
    assert run.cost == Decimal("0.000288")  # 104 x 2 + 10 x 8 a million


def test_a_killed_continuation_pays_only_for_what_it_added(alice: User, model: LanguageModel) -> None:
    say(alice)
    play("z" * 4000, reasoning="r" * 4000, status=GenerationStatus.STOPPED)
    continue_answer(alice, fresh(Message.objects.get(role="assistant")), client_id=uuid.uuid4())
    run = _killed("y" * 40)
    assert run.output_tokens == 10
    assert run.input_tokens is not None
    assert run.input_tokens > 1000


def test_new_prices_change_no_run_that_has_begun(alice: User, model: LanguageModel) -> None:
    _priced(model)
    say(alice)
    (job,), _ = records.claim("tests")
    LanguageModel.objects.update(input_price=50, output_price=50)
    progress = records.Progress(job.generation, job.message, job.fence, "Yes.", "", 1)
    ending = endings.Ending(progress, GenerationStatus.COMPLETE, "<p>Yes.</p>", 1, 0, usage=UsageReport(1000, 100, 400))
    assert endings.finish(job, ending)
    assert Generation.objects.get().cost == Usage.objects.get().cost == Decimal("0.0022")


def test_what_a_conversation_has_used_is_known_at_the_end_of_each_run(alice: User, model: LanguageModel) -> None:
    _priced(model)
    say(alice)
    play(usage=UsageReport(1000, 100))
    answer = fresh(Message.objects.get(role="assistant"))
    regenerate_answer(alice, answer, model=None, client_id=uuid.uuid4())
    play(usage=UsageReport(500, 50))
    first, second = Usage.objects.spent_in(answer.conversation_id).values()
    assert (first.tokens, first.cost) == (1100, Decimal("0.0028"))
    assert (second.tokens, second.cost, second.is_estimated) == (1650, Decimal("0.0042"), False)


def test_answers_without_a_price_make_the_total_partial(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    (spent,) = Usage.objects.spent_in(answer.conversation_id).values()
    assert spent.cost is None
    assert spent.is_partly_unpriced
    assert spent.is_estimated


def _end(job: records.Job, error: ChatError | None = None, calls: tuple[ToolCall, ...] = ()) -> Generation:
    progress = records.Progress(job.generation, job.message, job.fence, job.text, job.reasoning, 1, tool_calls=calls)
    status = GenerationStatus.FAILED if error else GenerationStatus.COMPLETE
    assert endings.finish(job, endings.Ending(progress, status, "", 1, 0, error=error))
    return Generation.objects.get(pk=job.generation)


def test_a_continuation_that_was_refused_costs_nothing(alice: User, model: LanguageModel) -> None:
    say(alice)
    play("z" * 4000, status=GenerationStatus.STOPPED)
    continue_answer(alice, fresh(Message.objects.get(role="assistant")), client_id=uuid.uuid4())
    (job,), _ = records.claim("tests")
    run = _end(job, ProviderAuthenticationError())
    assert (run.input_tokens, run.output_tokens, run.is_estimated) == (0, 0, False)


def test_calls_that_nobody_counted_are_estimated(alice: User, model: LanguageModel) -> None:
    say(alice)
    (job,), _ = records.claim("tests")
    run = _end(job, calls=(ToolCall("call_1", "save", "x" * 36),))
    assert (run.output_tokens, run.is_estimated) == (10, True)
