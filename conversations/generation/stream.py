"""One answer while it is written: gathers deltas, renders on a paced tick, publishes numbered pieces.

The first piece goes out at once; after it ticks come every 33 to 80 ms by load, every 160 ms while orders wait, and
no sooner than 25 times what the last one cost, with a trailing timer, so that the last words appear when the provider
pauses. A tick that has become dear runs in a thread. Nothing here waits for the database or for a socket.
"""

import asyncio
import logging
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.utils import timezone

from conversations.events import (
    GenerationDelta,
    GenerationSnapshot,
    GenerationWaiting,
    broadcaster,
    conversation_topic,
)
from conversations.generation.calls import GatheredCalls
from conversations.generation.frames import to_frame
from conversations.generation.records import Job, Progress
from conversations.generation.structured import as_shown
from conversations.generation.words import Gathered, Words
from conversations.pieces import Op, ReasoningOp, StatusOp
from conversations.providers.base import ToolCall, ToolCallDelta
from conversations.rendering import markdown
from conversations.rendering.incremental import IncrementalRenderer
from conversations.schemas.outputs import wanted
from conversations.threads import is_crowded

logger = logging.getLogger(__name__)

SHORTEST, LONGEST, UNWATCHED = 0.033, 0.080, 1.0
CROWDED = 0.160
DEAR_TICK = 0.010
BEFORE_TICK = 0.002
FLUSH_BYTES = 2048

live: dict[str, "LiveStream"] = {}
_renderers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="rendering")


class LiveStream:
    """The state of one running answer, on the event loop of the process that runs it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.topic = conversation_topic(job.conversation)
        self._text, self._reasoning = Gathered(job.text), Gathered(job.reasoning)
        self.seq = 0
        self.first_token_at: datetime | None = None
        self.reasoned_at: datetime | None = None
        self.unflushed = 0
        self.is_dirty = False
        self.waiting: tuple[float, str] | None = None
        """Until when (monotonic) and why the provider is waited for; nothing once it has spoken."""
        self._began = 0.0
        self._reasoning_seconds: float | None = None
        self._told_seconds = False
        self._asked = wanted(job.request.parameters) if job.request else None
        self._opening = as_shown(job.text, self._asked, is_refusal=False).removesuffix(job.text)
        self._words = Words(self._opening + job.text if job.text else "")
        self._pending_reasoning: list[str] = []
        self._calls = GatheredCalls()
        self._pending_status: list[StatusOp] = []
        self._status = ""
        self._is_broken = False
        self._renderer = IncrementalRenderer()
        self._rendering = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._last_tick = 0.0
        live[job.generation] = self

    @property
    def text(self) -> str:
        return self._text.whole()

    @property
    def reasoning(self) -> str:
        return self._reasoning.whole()

    # ---- what the runner hands in ----

    def add_text(self, text: str, *, is_refusal: bool = False) -> bool:
        """Take a piece of the answer; True if it is the first of this run (to be stored at once)."""
        if self._has_reasoned:
            self._end_reasoning()
        if not self._text.length:
            self._opening = as_shown(text, self._asked, is_refusal=is_refusal).removesuffix(text)
            self._words.add(self._opening)
        self._words.add(text)
        self._text.add(text)
        return self._grew(len(text))

    def add_reasoning(self, text: str) -> bool:
        self._pending_reasoning.append(text)
        self._reasoning.add(text)
        return self._grew(len(text))

    def add_tool_call(self, delta: ToolCallDelta) -> bool:
        """Take a piece of a call."""
        if self._has_reasoned:
            self._end_reasoning()
        self._calls.add(delta)
        return self._grew(len(delta.arguments))

    def say_status(self, words: str) -> None:
        """What a tool of the provider does now; nothing once it has ended."""
        if words != self._status:
            self._status = words
            self._pending_status = [StatusOp(words)]
            self._schedule()

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return self._calls.calls()

    def _grew(self, size: int) -> bool:
        is_first = self.first_token_at is None
        if is_first:
            self.first_token_at, self._began, self.waiting = timezone.now(), time.monotonic(), None
        self.is_dirty = True
        self.unflushed += size
        self._schedule()
        return is_first

    @property
    def _has_reasoned(self) -> bool:
        """In this run; a continued answer may carry the thoughts of an earlier one."""
        return self._reasoning.length > len(self.job.reasoning)

    def _end_reasoning(self) -> None:
        if self.reasoned_at is None:
            self.reasoned_at = timezone.now()
            self._reasoning_seconds = round(time.monotonic() - self._began, 1)

    def progress(self) -> Progress:
        job = self.job
        return Progress(
            job.generation,
            job.message,
            job.fence,
            self.text,
            self.reasoning,
            self.seq,
            self.first_token_at,
            self.reasoned_at,
            self.tool_calls,
        )

    # ---- ticks ----

    def _schedule(self) -> None:
        if self._timer is not None or self._task is not None:
            return
        loop = asyncio.get_running_loop()
        delay = self._last_tick + self._interval() - loop.time()
        if delay <= 0:
            self._tick()
        else:
            self._timer = loop.call_later(delay, self._on_timer)

    def pause(self) -> float:
        """Seconds until the provider need be read from: shortly before the next tick, so that it shows what has come.

        Never long, though nobody looks: whoever begins to is shown what was said up to then.
        """
        if self.first_token_at is None:
            return 0.0
        interval = self._interval()
        left = self._last_tick + interval - asyncio.get_running_loop().time()
        if self._timer is not None and left <= BEFORE_TICK:  # that tick has what was read for it
            left += interval
        return min(left - BEFORE_TICK, LONGEST)

    def _interval(self) -> float:
        if not broadcaster.is_watched(self.topic):
            return UNWATCHED
        by_load = CROWDED if is_crowded() else SHORTEST + (LONGEST - SHORTEST) * min(1.0, len(live) / 100)
        return min(1.0, max(by_load, 25 * self._renderer.last_cost))

    def _on_timer(self) -> None:
        self._timer = None
        self._tick()

    def _tick(self) -> None:
        self._last_tick = asyncio.get_running_loop().time()
        if self._renderer.last_cost < DEAR_TICK and not self._rendering.locked() and len(self._words) < 4000:
            self._publish(self._render())
            if self._words:
                self._schedule()
        else:
            self._task = asyncio.create_task(self._tick_in_thread(), name=f"render {self.job.generation}")

    async def _tick_in_thread(self) -> None:
        try:
            await self._render_in_thread()
        finally:
            self._task = None
        if self._words or self._pending_reasoning or self._calls.is_dirty or self._pending_status:
            self._schedule()

    async def _render_in_thread(self) -> None:
        async with self._rendering:
            self._publish(await asyncio.get_running_loop().run_in_executor(_renderers, self._render))

    def _render(self, *, whole: bool = False) -> list[Op]:
        text = self._words.take(whole=whole)
        if self._is_broken or not text:
            return []
        try:
            self._renderer.feed(text)
            return [to_frame(op) for op in self._renderer.tick()]
        except Exception:
            self._is_broken = True
            logger.exception("Rendering a growing answer failed; it is rendered whole at its end")
            return []

    def _publish(self, ops: list[Op]) -> None:
        status, self._pending_status = self._pending_status, []
        ops = [*self._reasoning_ops(), *ops, *self._calls.take(), *status]
        if not ops:
            return
        self.seq += 1
        job = self.job
        broadcaster.publish(self.topic, GenerationDelta(job.conversation, job.generation, job.message, self.seq, ops))

    def _reasoning_ops(self) -> list[Op]:
        pieces, self._pending_reasoning = self._pending_reasoning, []
        has_ended = self._reasoning_seconds is not None and not self._told_seconds
        self._told_seconds = self._told_seconds or has_ended
        return [ReasoningOp("".join(pieces), self._reasoning_seconds)] if pieces or has_ended else []

    # ---- for those who come late, and at the end ----

    def patience(self) -> GenerationWaiting:
        """How long and why the provider is still waited for."""
        until, why = self.waiting or (0.0, "")
        job, left = self.job, max(0.0, until - time.monotonic())
        return GenerationWaiting(job.conversation, job.generation, job.message, left, why)

    async def snapshot(self) -> GenerationSnapshot:
        """All that was published up to ``seq``. Pieces published after it continue exactly from there."""
        if self.seq == 0 and self.job.text:
            await self._render_in_thread()  # a continuation: what stands there already must not vanish
        async with self._rendering:
            state = self.state()
        self._hasten()
        return state

    def _hasten(self) -> None:
        """Somebody looks now: the next piece need not wait as long as for nobody."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._schedule()

    def state(self) -> GenerationSnapshot:
        blocks, tail = self._renderer.snapshot()
        published = self.reasoning[: len(self.reasoning) - sum(map(len, self._pending_reasoning))]
        job = self.job
        return GenerationSnapshot(
            job.conversation, job.generation, job.message, self.seq, blocks, tail, published, self._reasoning_seconds,
            self._calls.published(), self._status,
        )  # fmt: skip

    async def close(self) -> tuple[str, int]:
        """Render and publish what is left; returns the whole HTML and its CRC-32. Call it once, at the end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._has_reasoned:
            self._end_reasoning()
        async with self._rendering:
            ops, html = await asyncio.get_running_loop().run_in_executor(_renderers, self._finish)
            self._publish(ops)
        return html, zlib.crc32(html.encode())

    def _finish(self) -> tuple[list[Op], str]:
        ops = self._render(whole=True)
        if self._is_broken:
            return ops, markdown.render(self._opening + self.text)
        return ops + [to_frame(op) for op in self._renderer.finish()], self._renderer.html

    def leave(self) -> None:
        """Forget the stream: from now on the rows are the truth."""
        live.pop(self.job.generation, None)
        if self._timer is not None:
            self._timer.cancel()


def running_in(conversation: str) -> list[str]:
    """The answers of a conversation that this process writes now."""
    return [generation for generation, each in live.items() if each.job.conversation == conversation]
