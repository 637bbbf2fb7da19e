"""What a generation writes while it runs: claims and partial texts. Sync, guarded by fence and status."""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from conversations.exceptions import ChatError, ConflictError
from conversations.generation.branches import Branches
from conversations.generation.context import build_request
from conversations.generation.parameters import Policies
from conversations.models import Generation, GenerationStatus, LanguageModel, Message, MessageStatus, User
from conversations.models.generations import GenerationQuerySet
from conversations.models.updates import update_each
from conversations.providers.base import ChatRequest, Endpoint, ToolCall

logger = logging.getLogger(__name__)

BATCH = 16
RUNNING = GenerationStatus.RUNNING
_CLAIM_LOCK = 0x636C61696D  # any fixed number; only claims use it in this database


@dataclass(frozen=True)
class Job:
    """A claimed generation with all its run needs.

    ``text``, ``reasoning`` and ``citations`` are what the answer has already (a continuation).
    """

    generation: str
    conversation: str
    message: str
    owner_id: int
    fence: int
    model: LanguageModel | None
    endpoint: Endpoint | None
    request: ChatRequest | None
    text: str = field(repr=False)
    reasoning: str = field(repr=False)
    citations: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    error: ChatError | None = None
    prices: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Blocked:
    """A generation that can't start yet, with its place among those before it."""

    generation: str
    conversation: str
    message: str
    position: int


@dataclass(frozen=True)
class Progress:
    """What a running generation has so far."""

    generation: str
    message: str
    fence: int
    text: str = field(repr=False)
    reasoning: str = field(repr=False)
    seq: int
    first_token_at: datetime | None = None
    reasoned_at: datetime | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    """Complete only when the run has ended well."""


def claim(worker: str) -> tuple[list[Job], list[Blocked]]:
    """Claim a batch of queued generations that limits allow, oldest first; the others with their positions.

    All or nothing: a claim that fails in the middle leaves the queue as it was.
    """
    return _claim(worker) if Generation.objects.queued().exists() else ([], [])


@transaction.atomic
def _claim(worker: str) -> tuple[list[Job], list[Blocked]]:
    if connection.vendor == "postgresql":  # or two processes would each fill up the same person's limit
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])
    ready, waiting = _choose()
    claimed = Generation.objects.claim(ready[:BATCH], worker) if ready else []
    if not claimed:
        return [], waiting
    rows = list(Generation.objects.filter(pk__in=claimed).order_by("id"))
    Message.objects.filter(pk__in=[row.message_id for row in rows]).update(status=MessageStatus.RUNNING)
    _lay_owners_and_models(rows)
    policies = Policies({row.owner for row in rows}, {row.model for row in rows if row.model})
    branches = Branches([row.message_id for row in rows])
    jobs = [_job(row, policies, branches) for row in rows]
    update_each(Generation, ("request", "prices"), [(row.request, row.prices, row.pk) for row in rows])
    return jobs, waiting


def _lay_owners_and_models(rows: Sequence[Generation]) -> None:
    """Each is read once: runs that are claimed together share them."""
    owners = User.objects.in_bulk({row.owner_id for row in rows})
    models = LanguageModel.objects.select_related("provider").in_bulk({row.model_id for row in rows})
    for row in rows:
        row.owner, row.model = owners[row.owner_id], models.get(row.model_id)


def _choose() -> tuple[list[uuid.UUID], list[Blocked]]:
    columns = "id", "conversation_id", "message_id", "owner_id", "model__provider_id", "model__provider__concurrency"
    queued = list(Generation.objects.queued().values_list(*columns))  # each person has a bounded number of them
    running = Generation.objects.running().values_list("owner_id", "model__provider_id")
    owners: Counter[int] = Counter()
    providers: Counter[uuid.UUID | None] = Counter()
    for owner_id, provider_id in running:
        owners[owner_id] += 1
        providers[provider_id] += 1
    ready, waiting, before = [], [], Counter[Any]()
    for pk, conversation_id, message_id, owner_id, provider_id, concurrency in queued:
        own_full = owners[owner_id] >= settings.LIMIT_GENERATIONS_PER_USER
        if not own_full and (provider_id is None or providers[provider_id] < concurrency):
            owners[owner_id] += 1
            providers[provider_id] += 1
            ready.append(pk)
            continue
        blocked_by = owner_id if own_full else provider_id
        waiting.append(Blocked(str(pk), str(conversation_id), str(message_id), before[blocked_by]))
        before[blocked_by] += 1
    return ready, waiting


def _job(row: Generation, policies: Policies, branches: Branches) -> Job:
    """The job of a claimed row; the record of its request is put on the row.

    One whose request can't be made must not keep the others waiting: it gets the error as its end.
    """
    answer = branches.of(row.message_id)[-1]
    base: dict[str, Any] = {
        "generation": str(row.pk),
        "conversation": str(row.conversation_id),
        "message": str(row.message_id),
        "owner_id": row.owner_id,
        "fence": row.fence,
        "model": row.model,
        "text": answer.text,
        "reasoning": answer.reasoning if row.is_continuation else "",  # else it has none, and it is not read yet
        "citations": answer.citations if row.is_continuation else (),
    }
    try:
        model = _usable(row.model, row.owner)
        endpoint = model.provider.endpoint()
        row.prices = model.prices.as_texts()
        request, row.request = build_request(row, model, endpoint, policies, branches)
    except (DatabaseError, InterfaceError):  # nothing is claimed then
        raise
    except Exception as error:
        if not isinstance(error, ChatError):
            logger.exception("The request of the run %s could not be made", row.pk)
            error = ChatError("Something went wrong on this site while the request was made.")
        return Job(**base, prices=row.prices, endpoint=None, request=None, error=error)
    return Job(**base, prices=row.prices, endpoint=endpoint, request=request)


def _usable(model: LanguageModel | None, owner: User) -> LanguageModel:
    """The model as policy allows it now: an admin may have disabled it, or the person, while the run waited."""
    if not owner.is_active:
        raise ConflictError("This account has been deactivated.")
    if model is None or not model.is_available:
        raise ConflictError("This model isn't available any more. Choose another one and try again.")
    if model.is_shut_down:
        raise ConflictError(f"{model.name} was shut down on {model.shutdown_on:%d %B %Y}. Choose another model.")
    return model


@transaction.atomic
def flush(progresses: list[Progress]) -> list[str]:
    """Write partial texts in one transaction; returns the generations that no longer are ours to write."""
    in_order = sorted(progresses, key=lambda each: each.generation)  # all who lock several do it in this order
    count = update_each(
        Generation,
        ("seq", "length", "first_token_at", "reasoned_at"),
        [
            (each.seq, len(each.text), each.first_token_at, each.reasoned_at, each.generation, each.fence, RUNNING)
            for each in in_order
        ],
        by=("id", "fence", "status"),
    )
    kept = in_order if count == len(in_order) else [each for each in in_order if ours(each).exists()]
    update_each(Message, ("text", "reasoning"), [(each.text, each.reasoning, each.message) for each in kept])
    return sorted({each.generation for each in in_order} - {each.generation for each in kept})


def renew(worker: str, generations: list[str]) -> None:
    """Keep the leases of the generations that this worker really works on."""
    Generation.objects.filter(pk__in=generations).renew(worker)


def stop_requests(worker: str) -> list[str]:
    """Our running generations that somebody, perhaps in another process, wants stopped."""
    rows = Generation.objects.held_by(worker).exclude(stop_requested_at=None)
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


def ours(progress: Progress) -> GenerationQuerySet:
    """The row of a run, only while the run may still write it."""
    return Generation.objects.running().filter(pk=progress.generation, fence=progress.fence)
