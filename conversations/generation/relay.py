"""Events between processes, over Redis publish/subscribe; nothing at all where there is one process.

Each process subscribes to the topics its sockets watch and to one channel for all workers. Facts always go
out; the pieces of a running answer only while somebody elsewhere watches, or nobody knows yet. A message may be
lost: when the connection comes back, open conversations ask for their state again, and numbers show every gap.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
from django.conf import settings

from conversations.events import PUBLIC, Event, GenerationDelta, Resync, broadcaster
from conversations.generation import stream

logger = logging.getLogger(__name__)

PREFIX, WORKERS = "chatsite:", "chatsite:workers"
LOOK_AROUND, LAST_WORDS, AWAY = 1.0, 1.0, 0.5


class _Envelope(msgspec.Struct):
    sender: str
    event: PUBLIC | None = None
    stop: str = ""
    snapshot: str = ""


class Relay:
    """The connection of this process to the others."""

    def __init__(self, url: str) -> None:
        from redis import asyncio as redis  # noqa: PLC0415 - an extra: one process runs without it
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415

        self.on_stop: Callable[[str], object] = lambda _generation: None
        self._lost_connection = redis.RedisError
        # it must not connect again in silence, for then nobody would know that events were lost
        retry = Retry(NoBackoff(), 0)
        self._redis = redis.from_url(url, socket_connect_timeout=3, health_check_interval=10, retry=retry)
        self._name = secrets.token_hex(8)
        self._outgoing: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(20_000)
        self._subscriber: Any = None
        self._watched: set[str] = set()
        self._known: set[str] = set()
        """Topics of which it is known whether others watch them."""
        self._tasks: list[asyncio.Task[None]] = []
        self._changes: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        broadcaster.relay = self._relay
        broadcaster.watch = self._watch
        broadcaster.watched_elsewhere = self._watched.__contains__
        work = (self._send(), self._listen(), self._look_around())
        self._tasks = [asyncio.create_task(each, name="relay") for each in work]

    async def close(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._outgoing.join(), LAST_WORDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._redis.aclose()

    def tell_workers(self, *, stop: str = "", snapshot: str = "") -> None:
        self._put(WORKERS, _Envelope(self._name, stop=stop, snapshot=snapshot))

    def _relay(self, topic: str, event: Event) -> None:
        if not isinstance(event, GenerationDelta) or topic in self._watched or topic not in self._known:
            self._put(PREFIX + topic, _Envelope(self._name, event=event))  # type: ignore[arg-type]

    def _put(self, channel: str, envelope: _Envelope) -> None:
        with contextlib.suppress(asyncio.QueueFull):  # Redis is away for long: everybody resyncs when it is back
            self._outgoing.put_nowait((channel, msgspec.json.encode(envelope)))

    def _watch(self, topic: str, begins: bool) -> None:
        if self._subscriber is not None:
            change = self._subscriber.subscribe if begins else self._subscriber.unsubscribe
            task = asyncio.get_running_loop().create_task(self._quietly(change(PREFIX + topic)), name="relay watch")
            self._changes.add(task)
            task.add_done_callback(self._changes.discard)

    async def _quietly(self, work: Any) -> None:
        with contextlib.suppress(self._lost_connection, OSError):
            await work

    async def _send(self) -> None:
        while True:
            channel, data = await self._outgoing.get()
            try:
                while not await self._is_published(channel, data):  # noqa: ASYNC110 - Redis tells nobody it is back
                    await asyncio.sleep(AWAY)
            finally:
                self._outgoing.task_done()

    async def _is_published(self, channel: str, data: bytes) -> bool:
        try:
            await self._redis.publish(channel, data)
        except (self._lost_connection, OSError):
            logger.warning("Redis can't be reached; other processes will catch up when it is back")
            return False
        return True

    async def _listen(self) -> None:
        is_first = True
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as self._subscriber:
                    await self._subscriber.subscribe(WORKERS, *(PREFIX + topic for topic in broadcaster.topics()))
                    if not is_first:
                        broadcaster.deliver_everywhere(Resync())
                    is_first = False
                    async for message in self._subscriber.listen():
                        await self._receive(message["channel"].decode(), message["data"])
            except (self._lost_connection, OSError):
                is_first = False
                await asyncio.sleep(AWAY)
            except Exception:
                logger.exception("Listening to the other processes failed; it begins again")
                is_first = False
                await asyncio.sleep(AWAY)
            finally:
                self._subscriber = None

    async def _receive(self, channel: str, data: bytes) -> None:
        try:
            envelope = msgspec.json.decode(data, type=_Envelope)
        except msgspec.DecodeError:  # a process of another version during an update
            logger.warning("Another process sent an event of a kind unknown here")
            return
        if envelope.sender == self._name:
            return
        if envelope.stop:
            self.on_stop(envelope.stop)
        if envelope.snapshot in stream.live:
            live = stream.live[envelope.snapshot]
            self._watched.add(live.topic)
            self._put(PREFIX + live.topic, _Envelope(self._name, event=await live.snapshot()))
        if envelope.event is not None:
            broadcaster.deliver(channel.removeprefix(PREFIX), envelope.event)

    async def _look_around(self) -> None:
        """Learn which running answers are watched by other processes."""
        while True:
            await asyncio.sleep(LOOK_AROUND)
            topics = {live.topic for live in stream.live.values()}
            self._known &= topics
            if not topics:
                self._watched.clear()
                continue
            try:
                counts = await self._redis.pubsub_numsub(*(PREFIX + topic for topic in topics))
            except (self._lost_connection, OSError):
                continue
            others = {name.decode().removeprefix(PREFIX): count for name, count in counts if isinstance(name, bytes)}
            self._known = topics
            self._watched.clear()
            self._watched.update(t for t in topics if others.get(t, 0) > broadcaster.has_members(t))


_relay: Relay | None = None


async def start(on_stop: Callable[[str], object]) -> None:
    """Connect, where the site has Redis. ``on_stop`` is called with a generation others want stopped."""
    global _relay  # noqa: PLW0603 - one per process
    if settings.REDIS_URL and _relay is None:
        _relay = Relay(settings.REDIS_URL)
        _relay.on_stop = on_stop
        _relay.open()


async def stop() -> None:
    global _relay  # noqa: PLW0603 - one per process
    if _relay is not None:
        await _relay.close()
        _relay = None


def tell_workers(*, stop: str = "", snapshot: str = "") -> None:
    """Ask the process that runs a generation to stop it, or to publish a snapshot. Call it on the loop."""
    if _relay is not None:
        _relay.tell_workers(stop=stop, snapshot=snapshot)
