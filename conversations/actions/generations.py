"""Stop an answer."""

from functools import partial

from django.db import transaction
from django.utils import timezone

from conversations.generation import endings, runner
from conversations.models import Generation, GenerationStatus


@transaction.atomic
def stop_generation(generation: Generation) -> None:
    """End a run where it is; its text is kept. One that is still queued ends at once, one that has ended stays."""
    if endings.close_queued(generation.pk, GenerationStatus.STOPPED):
        transaction.on_commit(runner.wake)
        return
    stopped = Generation.objects.running().filter(pk=generation.pk, stop_requested_at=None)
    if stopped.update(stop_requested_at=timezone.now()):
        transaction.on_commit(partial(runner.request_stop, str(generation.pk)))
