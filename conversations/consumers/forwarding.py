"""From events to the frames of one tab, in two lanes: what happens in its conversations, and its sidebar.

The sidebar's lane waits a moment, so that a row that changes several times at once is rendered once, and so that rows
never hold up the pieces of an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Coroutine, Iterator
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.db import DatabaseError

from conversations.consumers.access import registry
from conversations.consumers.frames import DRESSED, dress
from conversations.consumers.outbox import Outbox
from conversations.events import (
    Event,
    GenerationDelta,
    GenerationFinished,
    GenerationSnapshot,
    Lost,
    Resync,
    SessionEnded,
    Subscription,
    broadcaster,
    conversation_topic,
    encode,
    user_topic,
)
from conversations.generation import relay, runner, stream
from conversations.models import User

logger = logging.getLogger(__name__)

OPEN_AT_ONCE = 8
SIDEBAR_PAUSE = 0.15
RESTART = 4012  # 1012 in the protocols' words; the server below only sends codes of 4000 and above


class Line(Protocol):
    """The socket as seen from here."""

    is_over: bool

    def send(self, text_data: str) -> Awaitable[None]: ...

    def end(self, code: int) -> Awaitable[None]: ...


class Forwarder:
    """What one tab listens to, and how it gets there. The pieces of a slow reader are left out and made up for."""

    def __init__(self, line: Line, viewer: User, zone: ZoneInfo, name: str) -> None:
        self._line, self._viewer, self._zone, self._name = line, viewer, zone, name
        self._outbox, self._conversations, self._sidebar = Outbox(), Subscription(), Subscription()
        self._joined: dict[str, None] = {}
        self._opening = ""
        broadcaster.join(user_topic(viewer.pk), self._sidebar)

    def work(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """The tasks that keep the tab informed; the consumer owns them."""
        return self._forward_conversations(), self._forward_sidebar()

    # ---- what is listened to ----

    def hears(self, conversation: uuid.UUID) -> bool:
        return conversation_topic(conversation) in self._joined

    def join(self, conversation: object) -> None:
        """Listen to a conversation. One tab shows one; of those it moved away from, the latest are still heard."""
        topic = conversation_topic(conversation)
        self._joined.pop(topic, None)
        self._joined[topic] = None
        broadcaster.join(topic, self._conversations)
        for oldest in list(self._joined)[:-OPEN_AT_ONCE]:
            self._leave(oldest)

    def leave(self, conversation: uuid.UUID) -> None:
        self._leave(conversation_topic(conversation))

    def _leave(self, topic: str) -> None:
        self._joined.pop(topic, None)
        broadcaster.leave(topic, self._conversations)

    def leave_all(self) -> None:
        broadcaster.leave_all(self._conversations)
        broadcaster.leave_all(self._sidebar)

    @contextlib.contextmanager
    def opening(self, conversation: object) -> Iterator[None]:
        """While snapshots of a conversation are about to be asked for, its pieces are not sent."""
        self._opening = str(conversation)
        try:
            yield
        finally:
            self._opening = ""

    def want_snapshot(self, conversation: object, generation: str, have: int = -1) -> None:
        self._conversations.put(Lost(str(conversation), generation, have))

    def acknowledge(self, generation: str, seq: int) -> None:
        self._outbox.acknowledge(generation, seq)
        self._catch_up()

    def _catch_up(self) -> None:
        """Where there is room again, a snapshot for each answer whose pieces were left out."""
        if not self._outbox.is_full:
            behind, self._outbox.behind = self._outbox.behind, {}
            for generation, conversation in behind.items():
                self.want_snapshot(conversation, generation)

    # ---- what is told ----

    async def _forward_conversations(self) -> None:
        while not self._line.is_over:
            await self._safely(await self._conversations.get())

    async def _forward_sidebar(self) -> None:
        while not self._line.is_over:
            await self._sidebar.wait()
            await asyncio.sleep(SIDEBAR_PAUSE)
            while not self._sidebar.is_empty:
                await self._safely(await self._sidebar.get())

    async def _safely(self, event: Event) -> None:
        try:
            await self._forward(event)
        except DatabaseError:
            logger.warning("An event could not be dressed for a socket; it asks for its state again", exc_info=True)
            await self._line.send(encode(Resync()))
        except Exception:
            logger.exception("Forwarding to a socket failed; it is closed and comes back")
            await self._line.end(RESTART)

    async def _forward(self, event: Event) -> None:
        match event:
            case GenerationDelta() | GenerationSnapshot():
                await self._send_piece(event)
            case Lost(conversation, generation, have):
                await self._send_snapshot(conversation, generation, have)
            case SessionEnded():
                await registry.check()
            case _ if isinstance(event, DRESSED):
                await self._send_dressed(event)
            case _:
                await self._line.send(encode(event))

    async def _send_piece(self, event: GenerationDelta | GenerationSnapshot) -> None:
        if event.generation in self._outbox.behind or event.conversation == self._opening:
            return
        if self._outbox.is_full:
            self._outbox.behind[event.generation] = event.conversation
            return
        frame = encode(event)
        self._outbox.sent(event.generation, event.seq, len(frame))
        await self._line.send(frame)

    async def _send_snapshot(self, conversation: str, generation: str, have: int) -> None:
        if conversation_topic(conversation) not in self._joined:
            return
        place, live = runner.place_of(generation), stream.live.get(generation)
        if place is not None:
            await self._line.send(encode(place))
        elif live is None:
            relay.tell_workers(snapshot=generation)
        else:
            if live.waiting is not None:
                await self._line.send(encode(live.patience()))
            if live.seq != have:
                await self._send_piece(await live.snapshot())

    async def _send_dressed(self, event: Event) -> None:
        if getattr(event, "origin", "") == self._name:
            return
        if isinstance(event, GenerationFinished):
            self._outbox.forget(event.generation)
            self._catch_up()
        frame = await dress(event, self._viewer, self._zone)
        if frame is not None:
            await self._line.send(frame)
