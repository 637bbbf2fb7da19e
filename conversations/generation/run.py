"""One run: provider in, stream out, exactly one end."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from django.db import DatabaseError, InterfaceError, OperationalError

from conversations.events import GenerationWaiting, broadcaster
from conversations.exceptions import (
    AnswerTruncatedError,
    ChatError,
    ContentFilterError,
    ProviderConnectionError,
    ProviderError,
    ProviderProtocolError,
    ProviderTimeoutError,
)
from conversations.generation import endings, records
from conversations.generation.statuses import in_words
from conversations.generation.stream import FLUSH_BYTES, LiveStream
from conversations.models import GenerationStatus
from conversations.providers import engine
from conversations.providers.base import (
    Citation,
    Delta,
    Finished,
    ProviderItem,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolStatus,
    UsageReport,
    Waiting,
)
from conversations.rendering import markdown
from conversations.threads import in_writer_later

logger = logging.getLogger(__name__)

BROKEN_OFF = (AnswerTruncatedError, ProviderConnectionError, ProviderTimeoutError)
OWN_ERROR_SENTENCE = "Something went wrong on this site while the answer was written."
MOST_REFUSALS = 3
MOST_CITATIONS, MOST_ITEMS = 200, 200


class _Why(Enum):
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    ABANDONED = "abandoned"


@dataclass
class _Heard:
    """What the provider said besides text."""

    finish_reason: str = ""
    usage: UsageReport | None = None
    request_id: str = ""
    is_refusal: bool = False
    citations: list[Citation] = field(default_factory=list)
    items: list[Mapping[str, object]] = field(default_factory=list)

    def note(self, delta: Delta) -> None:
        match delta:
            case Started(request_id, _):
                self.request_id = request_id
            case Citation():
                self.citations.append(delta)
            case ProviderItem(item):
                self.items.append(item)
            case UsageReport():
                self.usage = delta
            case Finished(reason):
                self.finish_reason = reason


class Run:
    """Owns the task of one claimed generation from the first byte to the written end."""

    def __init__(self, job: records.Job, flush_now: asyncio.Event) -> None:
        self.job = job
        self.stream = LiveStream(job)
        self._flush_now = flush_now
        self._heard = _Heard()
        self._reading: asyncio.Task[None] | None = None
        self._why: _Why | None = None
        self.is_complete = False
        """Whether the end was written, and the provider had come to one."""

    def stop(self) -> None:
        self._end_early(_Why.STOPPED)

    def interrupt(self) -> None:
        self._end_early(_Why.INTERRUPTED)

    def abandon(self) -> None:
        """The row is another's now: end without writing."""
        self._end_early(_Why.ABANDONED)

    def _end_early(self, why: _Why) -> None:
        self._why = self._why or why
        if self._reading is not None:
            self._reading.cancel()

    async def work(self) -> None:
        try:
            status, error = await self._read_to_the_end()
            if self._why is not _Why.ABANDONED:
                await self._finish(status, error)
        finally:
            self.stream.leave()

    async def _read_to_the_end(self) -> tuple[GenerationStatus, ChatError | None]:
        try:
            if self._why is None:
                self._reading = asyncio.create_task(self._read(), name=f"read {self.job.generation}")
                await self._reading
        except asyncio.CancelledError:
            if self._why is None:
                raise
        except ChatError as error:
            if self._why is None:  # else the error is only how the connection took being closed
                return self._status_of(error), error
        except Exception:  # a run must end, whatever was wrong
            logger.exception("A run failed with an error of ours")
            if self._why is None:
                return GenerationStatus.FAILED, ChatError(OWN_ERROR_SENTENCE)
        if self._why is _Why.INTERRUPTED:
            return GenerationStatus.INTERRUPTED, ChatError(endings.INTERRUPTED_SENTENCE)
        if self._why is not None:
            return GenerationStatus.STOPPED, None
        return self._judge()

    async def _read(self) -> None:
        job = self.job
        if job.error is not None or job.endpoint is None or job.request is None:
            raise job.error or ChatError()
        async with contextlib.aclosing(engine.stream(job.endpoint, job.request, pause=self.stream.pause)) as deltas:
            async for delta in deltas:
                self._take(delta)

    def _take(self, delta: Delta) -> None:
        match delta:
            case TextDelta(text):
                self._after(is_first=self.stream.add_text(text))
            case RefusalDelta(text):
                self._heard.is_refusal = True
                self._after(is_first=self.stream.add_text(text, is_refusal=True))
            case ReasoningDelta(text):
                self._after(is_first=self.stream.add_reasoning(text))
            case ToolCallDelta():
                self._after(is_first=self.stream.add_tool_call(delta))
            case ToolStatus(tool, status):
                self.stream.say_status(in_words(tool, status))
            case Waiting(seconds, why):
                self._wait(seconds, why)
            case _:
                self._heard.note(delta)

    def _wait(self, seconds: float, why: str) -> None:
        job = self.job
        self.stream.waiting = (time.monotonic() + seconds, why)
        event = GenerationWaiting(job.conversation, job.generation, job.message, seconds, why)
        broadcaster.publish(self.stream.topic, event)

    def _after(self, *, is_first: bool) -> None:
        if is_first or self.stream.unflushed >= FLUSH_BYTES:
            self._flush_now.set()

    def _status_of(self, error: ChatError) -> GenerationStatus:
        """An answer that broke off with text can go on: interrupted. All else has failed."""
        has_text = bool(self.stream.text)
        return GenerationStatus.INTERRUPTED if has_text and isinstance(error, BROKEN_OFF) else GenerationStatus.FAILED

    def _judge(self) -> tuple[GenerationStatus, ChatError | None]:
        """The provider ended properly; still it may have said nothing that can be shown."""
        if self.stream.text[len(self.job.text) :].strip() or self.job.text or self.stream.tool_calls:
            return GenerationStatus.COMPLETE, None
        return GenerationStatus.FAILED, self._silence()

    def _silence(self) -> ProviderError:
        heard = self._heard
        if heard.finish_reason == "length":
            return ProviderProtocolError(self._used_up())
        if heard.finish_reason == "content_filter":
            return ContentFilterError("The provider's content filter held the answer back. Say it differently.")
        return ProviderProtocolError("The model ended without saying anything. Try again.")

    def _used_up(self) -> str:
        """Reasoning may take all that the limit of output tokens allows."""
        usage = self._heard.usage
        thoughts = usage.reasoning_tokens if usage else 0
        if not thoughts and not self.stream.reasoning:
            return (
                "The limit of output tokens was used up before the model said anything. Raise it under Parameters, or "
                "ask an admin to."
            )
        spent = f"all {thoughts:,} tokens" if thoughts else "all tokens"
        return (
            f"The model thought until the limit of output tokens was reached: {spent} went into reasoning, none into "
            "an answer. Raise the limit or lower the reasoning effort under Parameters."
        )

    async def _finish(self, status: GenerationStatus, error: ChatError | None) -> None:
        html, html_hash = await self.stream.close()
        heard = self._heard
        ending = endings.Ending(
            self.stream.progress(),
            status,
            html,
            markdown.VERSION,
            html_hash,
            finish_reason=heard.finish_reason,
            error=error,
            usage=heard.usage,
            request_id=heard.request_id,
            is_refusal=heard.is_refusal,
            citations=tuple(heard.citations[:MOST_CITATIONS]),
            items=tuple(heard.items[:MOST_ITEMS]),
            is_unseen=not broadcaster.is_watched(self.stream.topic),
        )
        self.is_complete = await self._write(ending) and status is GenerationStatus.COMPLETE

    async def _write(self, ending: endings.Ending) -> bool:
        """Write the end, patiently: the text is in memory, and a database that is away comes back.

        One that refuses the values would do so for ever: after some tries the error is raised, the lease runs out,
        and the answer is kept as it was last flushed.
        """
        pause, refusals = 0.2, 0
        while True:
            try:
                return await in_writer_later(endings.finish, self.job, ending)
            except DatabaseError as error:
                refusals += not isinstance(error, (OperationalError, InterfaceError))
                if refusals >= MOST_REFUSALS:
                    raise
                logger.warning("Saving the end of an answer failed; trying again", exc_info=True)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
