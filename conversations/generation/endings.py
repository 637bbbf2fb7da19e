"""How a generation ends: exactly once, text, status, usage, cost and ledger in one transaction. Sync."""

from __future__ import annotations

import logging
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, field, replace

from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from conversations import search
from conversations.events import ConversationChanged, GenerationFinished
from conversations.exceptions import ChatError
from conversations.generation.announcing import tell_people, tell_readers
from conversations.generation.calls import is_json
from conversations.generation.context import tokens_of
from conversations.generation.records import Job, Progress, ours
from conversations.generation.structured import as_shown, wanted_by
from conversations.models import Conversation, Generation, GenerationStatus, Message, MessageStatus, Usage
from conversations.models.language_models import storable_cost
from conversations.models.prepared import Prepared
from conversations.pricing import Prices, estimate_tokens
from conversations.providers.base import Citation, ToolCall, UsageReport
from conversations.rendering import markdown

logger = logging.getLogger(__name__)

_RELATED = ("message", "owner", "model__provider", "conversation")
_TOLD = (
    "conversation", "status", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "is_estimated",
    "cost", "owner__username", "model__wire_name", "model__provider__name", "conversation__owner",
    "conversation__has_members", "conversation__is_temporary", "conversation__revision", "message__conversation",
    "message__role", "message__text", "message__created_at", "message__model_name", "message__status",
    "message__deleted_at",
)  # fmt: skip
"""What ledger, index and announcement need to know of a run that ends."""
_ENDED = Prepared(lambda pk: Generation.objects.select_related(*_RELATED).only(*_TOLD).filter(pk=pk), uuid.UUID)

INTERRUPTED_SENTENCE = "The server was restarted while this answer was being written. What had arrived is kept."


@dataclass(frozen=True)
class Ending:
    """How a generation ended; ``html`` is the whole rendered answer, of renderer ``html_version``."""

    progress: Progress
    status: GenerationStatus
    html: str = field(repr=False)
    html_version: int
    html_hash: int
    finish_reason: str = ""
    error: ChatError | None = None
    usage: UsageReport | None = None
    request_id: str = ""
    is_refusal: bool = False
    citations: tuple[Citation, ...] = ()
    items: tuple[Mapping[str, object], ...] = ()
    is_unseen: bool = False


@transaction.atomic
def finish(job: Job, ending: Ending) -> bool:
    """Write the end: text, status, usage, cost and ledger, all or nothing. False if the run was not ours any more."""
    _lock_tree(job.generation)
    progress, error = ending.progress, ending.error
    usage, is_estimated = _usage(job, ending)
    is_ours = ours(progress).update(
        status=ending.status,
        lease_until=None,
        seq=progress.seq,
        length=len(progress.text),
        first_token_at=progress.first_token_at,
        reasoned_at=progress.reasoned_at,
        finished_at=timezone.now(),
        finish_reason=ending.finish_reason[:30],
        error_code=error.code if error else "",
        error_message=error.message[:500] if error else "",
        error_detail=getattr(error, "detail", ""),
        error_parameter=getattr(error, "param", "")[:100],
        request_id=ending.request_id or getattr(error, "request_id", ""),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        is_estimated=is_estimated,
        cost=storable_cost(Prices.of_texts(job.prices), usage),
    )
    if not is_ours:
        return False
    _write_answer(job, ending)
    row = _ENDED(uuid.UUID(progress.generation))[0]
    _index(row)
    _enter_in_ledger(row)
    # of a shared conversation one person's looking on says nothing about the others: each takes their own dot away
    is_unseen = ending.is_unseen or row.conversation.has_members
    _announce_end(row, progress, ending.html_hash, is_unseen=is_unseen)
    return True


def _lock_tree(generation: uuid.UUID | str) -> None:
    """The conversation first, as do all who change its tree: else two could wait for each other.

    SQLite has one writer, and no locks of rows to ask for.
    """
    if not connection.features.has_select_for_update:
        return
    run = Generation.objects.filter(pk=generation)
    rows = Conversation.objects.select_for_update(no_key=True).filter(pk__in=run.values("conversation"))
    rows.values_list("pk").first()


def _write_answer(job: Job, ending: Ending) -> None:
    Message.objects.filter(pk=job.message).update(
        status=ending.status,
        text=ending.progress.text,
        reasoning=ending.progress.reasoning,
        html=ending.html,
        html_version=ending.html_version,
        is_refusal=ending.is_refusal,
        tool_calls=[_plain(call) for call in _whole_calls(ending)],
        citations=_citations(job, ending),
        provider_items=list(ending.items),
    )


@transaction.atomic
def close_queued(pk: uuid.UUID, status: GenerationStatus) -> bool:
    """End a generation that has not started; False if it has."""
    _lock_tree(pk)
    closed = Generation.objects.filter(pk=pk, status=GenerationStatus.QUEUED)
    if not closed.update(status=status, finished_at=timezone.now()):
        return False
    row = Generation.objects.select_related("message", "owner", "model__provider", "conversation").get(pk=pk)
    Message.objects.filter(pk=row.message_id).update(status=status)
    row.message.status = status
    _index(row)
    progress = Progress(str(pk), str(row.message_id), row.fence, row.message.text, row.message.reasoning, row.seq)
    _announce_end(row, progress, zlib.crc32(row.message.html.encode()))
    return True


def interrupt_orphans(worker: str, *, is_alone: bool) -> int:
    """Turn runs of dead processes into interrupted ones, text kept; returns how many.

    A run whose lease has run out is an orphan, also one of ours: nobody works on it. Alone (one process on this
    database) every run of another worker is one at once.
    """
    rows = Generation.objects.orphaned()
    if is_alone:
        rows |= Generation.objects.running().exclude(worker=worker)
    return sum(_try_to_interrupt(pk) for pk in list(rows.values_list("pk", flat=True)))


def _try_to_interrupt(pk: uuid.UUID) -> bool:
    """One row that can't be ended must not keep the others from it."""
    try:
        return _interrupt(pk)
    except OperationalError:
        raise
    except Exception:
        logger.exception("The orphaned run %s could not be ended", pk)
        return False


@transaction.atomic
def _interrupt(pk: uuid.UUID) -> bool:
    _lock_tree(pk)
    row = Generation.objects.select_related("message", "owner", "model__provider", "conversation").filter(pk=pk).first()
    if row is None:
        return False
    text, asked = row.message.text, wanted_by(row.request.get("parameters"))
    html = markdown.render(as_shown(text, asked, is_refusal=row.message.is_refusal))
    before = row.request.get("before", {})
    fresh = text[before.get("text", 0) :] + row.message.reasoning[before.get("reasoning", 0) :]
    changed = Generation.objects.running().filter(pk=pk, fence=row.fence)
    is_orphan = changed.update(
        status=GenerationStatus.INTERRUPTED,
        fence=F("fence") + 1,
        lease_until=None,
        finished_at=timezone.now(),
        error_code="interrupted",
        error_message=INTERRUPTED_SENTENCE,
        input_tokens=row.request.get("estimate", 0),
        output_tokens=estimate_tokens(fresh),
        is_estimated=True,
    )
    if not is_orphan:
        return False
    row.message.status = MessageStatus.INTERRUPTED
    Message.objects.filter(pk=row.message_id).update(
        status=MessageStatus.INTERRUPTED, html=html, html_version=markdown.VERSION
    )
    _index(row)
    row.refresh_from_db()
    row.cost = storable_cost(Prices.of_texts(row.prices), UsageReport(row.input_tokens or 0, row.output_tokens or 0))
    row.save(update_fields=["cost"])
    _enter_in_ledger(row)
    progress = Progress(str(pk), str(row.message_id), row.fence, text, row.message.reasoning, row.seq)
    _announce_end(row, progress, zlib.crc32(html.encode()))
    return True


def _usage(job: Job, ending: Ending) -> tuple[UsageReport, bool]:
    """What the provider counted, else our estimate; nothing for a run that was refused before it said anything."""
    if ending.usage is not None:
        return _storable(ending.usage), False
    progress = ending.progress
    fresh = progress.text[len(job.text) :] + progress.reasoning[len(job.reasoning) :]
    fresh += "".join(call.name + call.arguments for call in progress.tool_calls)
    if job.request is None or (ending.error is not None and not fresh):
        return UsageReport(0, 0, 0, 0), False
    return UsageReport(tokens_of(job.request.messages), estimate_tokens(fresh), 0, 0), True


def _whole_calls(ending: Ending) -> tuple[ToolCall, ...]:
    """None of an answer that broke off; of one that was cut at the limit those that have their arguments."""
    if ending.status != GenerationStatus.COMPLETE:
        return ()
    calls = ending.progress.tool_calls
    return tuple(call for call in calls if is_json(call.arguments)) if ending.finish_reason == "length" else calls


def _citations(job: Job, ending: Ending) -> list[Mapping[str, object]]:
    """Those the answer had, and the new ones, whose places count from where this run began to write."""
    begin = len(job.text)
    placed = (
        citation
        if citation.start is None or citation.end is None
        else replace(citation, start=citation.start + begin, end=citation.end + begin)
        for citation in ending.citations
    )
    return [*job.citations, *map(_plain, placed)]


def _plain(value: ToolCall | Citation) -> dict[str, object]:
    """As JSON keeps it."""
    return asdict(value)


def _storable(usage: UsageReport) -> UsageReport:
    """A provider may claim any number; the columns hold 31 bits."""
    return UsageReport(*(min(count, 2**31 - 1) for count in astuple(usage)))


def _index(row: Generation) -> None:
    """The answer as it is now; it was not in the index while its text could grow."""
    if not row.conversation.is_temporary:
        search.index_new([search.Entry.of_message(row.message, row.conversation.owner_id)])


def _enter_in_ledger(row: Generation) -> None:
    Usage.objects.create(
        generation_id=row.pk,
        conversation_id=row.conversation_id,
        user=row.owner,
        user_name=row.owner.username,
        provider_name=row.model.provider.name if row.model else "",
        model_name=row.model.wire_name if row.model else row.request.get("model", ""),
        status=row.status,
        input_tokens=row.input_tokens or 0,
        output_tokens=row.output_tokens or 0,
        cached_tokens=row.cached_tokens or 0,
        reasoning_tokens=row.reasoning_tokens or 0,
        is_estimated=row.is_estimated,
        cost=row.cost,
    )


def _announce_end(row: Generation, progress: Progress, html_hash: int, *, is_unseen: bool = False) -> None:
    conversation = row.conversation
    conversation.touch(has_unseen_answer=is_unseen and row.message.deleted_at is None)
    event = GenerationFinished(
        conversation=str(conversation.pk),
        generation=progress.generation,
        message=progress.message,
        seq=progress.seq,
        status=row.status,
        length=len(progress.text),
        hash=html_hash,
        revision=conversation.revision,
    )
    tell_readers(conversation, event)
    tell_people(conversation, ConversationChanged(str(conversation.pk)))
