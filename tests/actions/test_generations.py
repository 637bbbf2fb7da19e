"""Stop an answer."""

import pytest

from conversations.actions.generations import stop_generation
from conversations.generation import records
from conversations.models import Generation, GenerationStatus, LanguageModel, User
from tests.trees import answered, fresh, say

pytestmark = pytest.mark.django_db


def test_a_queued_answer_is_stopped_at_once(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    stop_generation(sent.generation)
    assert fresh(sent.answer).status == "stopped"
    assert records.claim("tests") == ([], [])


def test_a_running_answer_is_asked_to_stop_once(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    records.claim("tests")
    stop_generation(sent.generation)
    asked = Generation.objects.get(pk=sent.generation.pk)
    stop_generation(asked)
    asked.refresh_from_db()
    assert asked.status == GenerationStatus.RUNNING
    assert records.stop_requests("tests") == [str(sent.generation.pk)]


def test_an_answer_that_has_ended_stays_as_it_is(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    stop_generation(answer.generations.get())
    assert fresh(answer).status == "complete"
    assert Generation.objects.get().status == GenerationStatus.COMPLETE
