"""Claims queued generations, owns their tasks, keeps their leases, stops them. One runner per process.

``start()`` once on the event loop; then ``wake()`` and ``request_stop()`` from any thread; ``drain()`` before the
end of the process. A socket that closes never touches a run.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import Coroutine
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from conversations.events import (
    Event,
    GenerationQueued,
    GenerationStarted,
    broadcaster,
    conversation_topic,
)
from conversations.generation import endings, records, relay, stream, titles
from conversations.generation.run import Run
from conversations.threads import in_reader, in_writer, in_writer_later, in_writer_soon

logger = logging.getLogger(__name__)

POLL, FLUSH, FLUSH_GAP = 2.0, 0.5, 0.15
HEARTBEAT, HEARTBEAT_OF_MANY = 5.0, 1.5  # with other processes it also finds stops that the relay lost
PAUSE, AFTER_INTERRUPT = 1.0, 2.0
IS_ALONE = not settings.REDIS_URL or connection.vendor == "sqlite"
"""Whether no other process works on this database: each of several needs Redis, and SQLite's folder is locked."""


class Runner:
    def __init__(self) -> None:
        self.worker = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.is_draining = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work = asyncio.Event()
        self._flush_now = asyncio.Event()
        self._runs: dict[str, tuple[Run, asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._blocked: dict[str, records.Blocked] = {}
        self._early_stops: set[str] = set()
        self._claiming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bind to the running loop, end what a dead process left behind, begin to work. Again: does nothing."""
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        self._loop = loop
        broadcaster.start()
        await relay.start(self.stop_here)
        try:
            await self._recover()
        except DatabaseError:
            logger.exception("Looking for orphaned answers failed; the next heartbeat tries again")
        self._claiming = self._spawn(self._claim_loop(), "claim")
        self._spawn(self._flush_loop(), "flush")
        self._spawn(self._heartbeat_loop(), "heartbeat")

    def wake(self) -> None:
        """Say that there may be something to claim. From any thread; without a loop there is nobody to wake."""
        self._call(self._work.set)

    def request_stop(self, generation: str) -> None:
        """Stop a run of this process, or tell the others. From any thread."""
        self._call(self._stop, generation)

    async def drain(self, seconds: float) -> None:
        """Claim nothing more, give running answers ``seconds`` to end, then keep the rest as interrupted."""
        self.is_draining = True
        self._work.set()
        deadline = asyncio.get_running_loop().time() + seconds
        if self._claiming is not None:  # what it is claiming now will run
            await asyncio.wait([self._claiming], timeout=seconds)
        await self._wait_for_runs(deadline - asyncio.get_running_loop().time())
        for run, _ in list(self._runs.values()):
            run.interrupt()
        await self._wait_for_runs(AFTER_INTERRUPT)
        for task in self._tasks:
            task.cancel()
        await relay.stop()

    async def _wait_for_runs(self, seconds: float) -> None:
        if self._runs:
            await asyncio.wait([task for _, task in self._runs.values()], timeout=max(0.0, seconds))

    # ---- from other threads ----

    def _call(self, function: Any, *args: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *args)

    def _stop(self, generation: str) -> None:
        if not self.stop_here(generation):
            self._early_stops.add(generation)
            relay.tell_workers(stop=generation)

    def stop_here(self, generation: str) -> bool:
        """Stop a run if it is ours: what the relay calls for other processes."""
        if generation in self._runs:
            self._runs[generation][0].stop()
        return generation in self._runs

    # ---- loops ----

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"runner {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _claim_loop(self) -> None:
        while not self.is_draining:
            await self._survive(self._claim_round(), "Claiming")

    async def _flush_loop(self) -> None:
        while True:
            await self._survive(self._flush_round(), "Saving partial answers")

    async def _heartbeat_loop(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT if not settings.REDIS_URL else HEARTBEAT_OF_MANY)
            await self._survive(self._heartbeat(), "Renewing leases")

    async def _survive(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """One round of a loop that must not end, whatever happens in it."""
        try:
            await work
        except DatabaseError:
            logger.warning("%s failed; trying again", name, exc_info=True)
            await asyncio.sleep(PAUSE)
        except Exception:
            logger.exception("%s failed with an error of ours; trying again", name)
            await asyncio.sleep(PAUSE)

    async def _claim_round(self) -> None:
        self._work.clear()
        jobs, blocked = await in_writer_soon(records.claim, self.worker)
        for job in jobs:
            self._begin(job)
        self._tell_positions(blocked)
        if not jobs:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._work.wait(), POLL)

    def _begin(self, job: records.Job) -> None:
        self._blocked.pop(job.generation, None)
        run = Run(job, self._flush_now)
        task = asyncio.create_task(run.work(), name=f"generation {job.generation}")
        self._runs[job.generation] = (run, task)
        task.add_done_callback(lambda _task: self._ended(job.generation))
        _publish(GenerationStarted(job.conversation, job.generation, job.message))
        if job.generation in self._early_stops:  # asked for between the claim and now
            run.stop()

    def _ended(self, generation: str) -> None:
        run, task = self._runs.pop(generation)
        if not task.cancelled() and task.exception():
            logger.error("A run ended with an error of ours", exc_info=task.exception())
        if run.is_complete:
            self._spawn(self._survive(titles.improve(run.job, run.stream.text), "Making a title"), "title")
        self._work.set()

    def _tell_positions(self, blocked: list[records.Blocked]) -> None:
        before, self._blocked = self._blocked, {row.generation: row for row in blocked}
        for row in blocked:
            if before.get(row.generation) != row:
                _publish(_queued(row))

    def place_of(self, generation: str) -> GenerationQueued | None:
        """Where a generation that can't start yet stands in the queue, as its event says it."""
        row = self._blocked.get(generation)
        return _queued(row) if row else None

    async def _flush_round(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._flush_now.wait(), FLUSH)
        self._flush_now.clear()
        dirty = [live for live in stream.live.values() if live.is_dirty]
        if dirty:
            await self._flush(dirty)
            await asyncio.sleep(FLUSH_GAP)

    async def _flush(self, dirty: list[stream.LiveStream]) -> None:
        progresses = []
        for live in dirty:
            live.is_dirty, live.unflushed = False, 0
            progresses.append(live.progress())
        try:
            lost = await in_writer_later(records.flush, progresses)
        except DatabaseError:
            logger.warning("Saving partial answers failed; they stay in memory and are tried again", exc_info=True)
            for live in dirty:
                live.is_dirty = True
            return
        for generation in lost:
            if generation in self._runs:
                self._runs[generation][0].abandon()

    async def _heartbeat(self) -> None:
        self._early_stops.clear()
        if self._runs:
            await in_writer(records.renew, self.worker, list(self._runs))
            for generation in await in_reader(records.stop_requests, self.worker):
                self.stop_here(generation)
        await self._recover()

    async def _recover(self) -> None:
        count = await in_writer(endings.interrupt_orphans, self.worker, is_alone=IS_ALONE)
        if count:
            logger.info("%d answers of a process that ended were kept as interrupted", count)
            self._work.set()


def _queued(row: records.Blocked) -> GenerationQueued:
    return GenerationQueued(row.conversation, row.generation, row.message, row.position)


def _publish(event: Event) -> None:
    broadcaster.publish(conversation_topic(getattr(event, "conversation", "")), event)


_runner = Runner()
start = _runner.start
wake = _runner.wake
request_stop = _runner.request_stop
stop_here = _runner.stop_here
drain = _runner.drain
place_of = _runner.place_of


def is_draining() -> bool:
    return _runner.is_draining
