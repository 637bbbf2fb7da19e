"""Titles that a model writes: what they cost where the provider does not count."""

import uuid

import pytest
from asgiref.sync import async_to_sync

from conversations.generation import titles
from conversations.generation.records import Job
from conversations.models import LanguageModel, Provider, Usage, User
from conversations.providers import engine
from tests.trees import play, say
from tests.upstream.fixtures import Upstream
from tests.upstream.steps import answer

pytestmark = pytest.mark.django_db(transaction=True)
UNCOUNTED = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Bread"}, "finish_reason": "stop"}]}


async def _improve(job: Job) -> None:
    try:
        await titles.improve(job, "y" * 40)
    finally:
        await engine.close_all()


def test_a_title_that_nobody_counted_is_charged_for_its_question_too(
    alice: User, model: LanguageModel, upstream: Upstream
) -> None:
    provider = Provider.objects.create(name="Scripts", base_url=upstream.url)
    provider.set_key("sk-titles")
    provider.save()
    LanguageModel.objects.create(provider=provider, wire_name=str(uuid.uuid4()), name="Titles", is_title_model=True)
    upstream.script(LanguageModel.objects.get(name="Titles").wire_name, [answer(200, UNCOUNTED)])
    say(alice, "x" * 400)
    (job,) = play("y" * 40)
    async_to_sync(_improve)(job)
    row = Usage.objects.get(status="title")
    assert (row.output_tokens, row.is_estimated) == (2, True)
    assert row.input_tokens > 110
