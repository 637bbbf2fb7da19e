"""Claims, fences, leases: what keeps two workers from writing the same answer."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.models import Generation, GenerationStatus, LanguageModel, User
from tests.trees import say

pytestmark = pytest.mark.django_db


def test_a_generation_is_claimed_by_one_worker(alice: User, model: LanguageModel) -> None:
    pk = say(alice).generation.pk
    assert Generation.objects.claim([pk], "one") == [pk]
    assert Generation.objects.claim([pk], "two") == []
    row = Generation.objects.get(pk=pk)
    assert (row.worker, row.fence, row.status) == ("one", 1, GenerationStatus.RUNNING)


def test_a_lease_is_renewed_only_by_its_holder(alice: User, model: LanguageModel) -> None:
    pk = say(alice).generation.pk
    Generation.objects.claim([pk], "one")
    assert Generation.objects.all().renew("two") == 0
    assert Generation.objects.all().renew("one") == 1


def test_a_run_whose_lease_ran_out_is_an_orphan(alice: User, model: LanguageModel) -> None:
    pk = say(alice).generation.pk
    Generation.objects.claim([pk], "one")
    assert not Generation.objects.orphaned().exists()
    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert Generation.objects.orphaned().get().pk == pk


def test_an_answer_has_one_open_run(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Generation.objects.create(message=sent.answer, conversation=sent.conversation, owner=alice, model=model)
