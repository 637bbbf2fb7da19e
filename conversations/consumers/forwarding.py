"""From events to the frames of one tab, in two lanes: what happens in its conversations, and its sidebar.

The sidebar's lane waits a moment, so that a row that changes several times at once is rendered once, and so that rows
never hold up the pieces of an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Collection, Coroutine, Iterator, Mapping
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.db import DatabaseError

from conversations.consumers.access import registry
from conversations.consumers.deeds import look_at
from conversations.consumers.frames import DRESSED, dress, presence_frame
from conversations.consumers.outbox import Outbox
from conversations.consumers.presence import presence
from conversations.events import (
    ConversationRemoved,
    Event,
    GenerationDelta,
    GenerationFinished,
    GenerationSnapshot,
    Lost,
    MembersChanged,
    PresenceChanged,
    PresenceTyping,
    Present,
    Resync,
    SessionEnded,
    Subscription,
    broadcaster,
    conversation_topic,
    encode,
    user_topic,
)
from conversations.generation import relay, runner, stream
from conversations.generation.announcing import ACCESS_TAKEN
from conversations.models import User
from conversations.models.members import OWNER
from conversations.threads import in_reader, in_writer

logger = logging.getLogger(__name__)

OPEN_AT_ONCE = 8
SIDEBAR_PAUSE = 0.15
RESTART = 4012  # 1012 in the protocols' words; the server below only sends codes of 4000 and above
ACCESS_LOST = 4405


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
        self._joined: dict[str, str] = {}
        """Topics, with what the viewer may do there as far as it is known."""
        self._present: list[Present] | None = None
        """Whom the tab was told of last."""
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
        self._joined[topic] = self._joined.pop(topic, "")
        broadcaster.join(topic, self._conversations)
        for oldest in list(self._joined)[:-OPEN_AT_ONCE]:
            self._leave(oldest)

    def leave(self, conversation: uuid.UUID) -> None:
        self._leave(conversation_topic(conversation))

    def _leave(self, topic: str) -> None:
        self._joined.pop(topic, None)
        broadcaster.leave(topic, self._conversations)

    def leave_all(self) -> None:
        presence.leave(self._name)
        self._joined.clear()
        broadcaster.leave_all(self._conversations)
        broadcaster.leave_all(self._sidebar)

    def be_present(self, conversation: object, *, is_shared: bool) -> None:
        """The tab shows this conversation; in a shared one it hears who else does."""
        if not is_shared:
            presence.leave(self._name)
            return
        self._present = None
        presence.enter(conversation, self._name, Present(self._viewer.pk, self._viewer.name))
        self._conversations.put(presence.now(conversation))

    # ---- what may be listened to ----

    def guarded(self) -> Collection[uuid.UUID]:
        return [_conversation_of(topic) for topic, role in self._joined.items() if role != OWNER]

    async def judge(self, roles: Mapping[uuid.UUID, str]) -> None:
        """Take note of what the viewer may do. Whose access is gone hears so, and the socket is closed."""
        for conversation, role in roles.items():
            topic = conversation_topic(conversation)
            if topic not in self._joined:
                continue
            if not role:
                await self._line.send(encode(ConversationRemoved(str(conversation), ACCESS_TAKEN)))
                await self._line.end(ACCESS_LOST)
                return
            before, self._joined[topic] = self._joined[topic], role
            if before and before != role:
                self._conversations.put(MembersChanged(str(conversation)))

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
            case MembersChanged():
                await registry.check()
                await self._send_dressed(event)
            case PresenceChanged():
                await self._send_presence(event)
            case PresenceTyping(_, user, _):
                if user != self._viewer.pk:
                    await self._line.send(encode(event))
            case ConversationRemoved(conversation):
                await self._line.send(encode(event))
                self._leave(conversation_topic(conversation))
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
            if presence.is_at(self._name, event.conversation):
                await in_writer(look_at, self._viewer, uuid.UUID(event.conversation))
        frame = await dress(event, self._viewer, self._zone)
        if frame is not None:
            await self._line.send(frame)

    async def _send_presence(self, event: PresenceChanged) -> None:
        presence.note(event)
        if not presence.is_at(self._name, event.conversation):
            return
        others = [person for person in presence.people(event.conversation) if person.user != self._viewer.pk]
        if others != self._present:
            self._present = others
            await self._line.send(await in_reader(presence_frame, event.conversation, others))


def _conversation_of(topic: str) -> uuid.UUID:
    return uuid.UUID(topic.rpartition(".")[2])
