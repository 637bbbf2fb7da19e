"""The socket of a tab: reads orders, calls one action each, forwards events. The protocol: ``conversations.events``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from autobahn.exception import Disconnected
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError

from conversations.consumers import deeds, orders
from conversations.consumers.access import Bucket, is_own_origin, registry
from conversations.consumers.forwarding import Forwarder
from conversations.events import PresenceTyping, SessionEnded, conversation_topic, encode, publish
from conversations.exceptions import ChatError, InvalidInputError, LimitError, UnavailableError
from conversations.generation import stream
from conversations.models import User
from conversations.threads import in_reader, in_writer
from conversations.time_zones import browser_zone

logger = logging.getLogger(__name__)

SIGNED_OUT, DEAD, TOO_MANY = 4401, 4408, 4429
FRAME_UNIT = 32 * 1024  # characters that count as one more frame
UNHEARD_BYTES = 16 * 1024 * 1024  # told since the tab last said anything: past that nobody reads
TYPED_EVERY = 1.0  # seconds, at most, between two words of one tab about somebody writing
DEAD_AFTER = 150.0  # browsers let hidden tabs speak once a minute; the server's own pings find dead lines sooner


class ConversationsConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """One per socket. A handler waits for the database at most, never for a generation."""

    user: User
    user_id: int
    session_key: str
    fingerprint: str
    tasks: tuple[asyncio.Task[None], ...] = ()
    is_over = False
    unheard = 0
    typed_at = 0.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one socket. However that ends, also by cancelling or an error, nothing of it stays behind."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()

    async def connect(self) -> None:
        headers = dict(self.scope["headers"])
        if not is_own_origin(headers.get(b"origin", b"").decode("latin-1")):
            await self.close()  # before accept: the handshake is refused with 403
            return
        await self.accept()
        if not await self._identify():
            await self.close(SIGNED_OUT)
            return
        if not registry.admit(self):
            await self.close(TOO_MANY)
            return
        self.name = secrets.token_hex(8)
        self.bucket = Bucket(settings.LIMIT_FRAMES_PER_SECOND, settings.LIMIT_FRAMES_BURST)
        self.forwarder = Forwarder(self, self.user, self.zone, self.name)
        self.heard_at = time.monotonic()
        self.loop = asyncio.get_running_loop()
        work = (*self.forwarder.work(), self._watch())
        self.tasks = tuple(asyncio.create_task(each, name=f"socket {self.name}") for each in work)

    async def _identify(self) -> bool:
        user = self.scope["user"]
        if not isinstance(user, User) or not user.is_active:
            return False
        self.user, self.user_id = user, user.pk
        self.session_key = self.scope["session"].session_key or ""
        self.fingerprint = user.get_session_auth_hash()
        self.zone = browser_zone(self.scope.get("cookies", {}).get("tz", "")) or ZoneInfo(settings.TIME_ZONE)
        return True

    async def disconnect(self, code: int) -> None:
        raise StopConsumer

    def _leave(self) -> None:
        tasks, self.tasks = self.tasks, ()
        for task in tasks:
            task.cancel()
        if tasks:
            self.forwarder.leave_all()
            registry.dismiss(self)

    async def end(self, code: int) -> None:
        """Close from this side; what the code means stands in the protocol. Nothing is obeyed or told after it."""
        if self.is_over:
            return
        self.is_over = True
        self.forwarder.leave_all()
        if code == SIGNED_OUT:
            await self.send(encode(SessionEnded()))
        await self.close(code)

    def guarded(self) -> Collection[uuid.UUID]:
        return () if self.is_over else self.forwarder.guarded()

    async def judge(self, roles: Mapping[uuid.UUID, str]) -> None:
        if not self.is_over:
            await self.forwarder.judge(roles)

    # ---- orders ----

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.tasks or self.is_over:
            return
        self.heard_at, self.unheard = time.monotonic(), 0
        order_id = ""
        try:
            if not self.bucket.take(1 + len(text_data or "") / FRAME_UNIT):
                await self._refuse(order_id, LimitError("Too many orders at once. This page connects again shortly."))
                await self.end(TOO_MANY)
                return
            if text_data is None:
                raise InvalidInputError("Frames are text, not binary.")
            value = orders.parse_frame(text_data)
            order_id = _readable_id(value)
            reply = await self._obey(orders.read_order(value))
        except ChatError as error:
            await self._refuse(order_id, error)
        except DatabaseError:
            logger.exception("An order failed on the database")
            await self._refuse(order_id, UnavailableError())
        else:
            if reply is not None:
                await self._send_frame({"type": "reply", "id": order_id, "ok": True, **reply})

    async def _obey(self, order: orders.Order) -> deeds.Reply | None:
        """Do what is ordered; the answer, or None where none is sent."""
        deed = _DEEDS.get(type(order))
        if deed is not None:
            return await in_writer(deeds.do, deed, self.user, order, self.name, self._join_soon)
        handler = _HANDLERS[type(order)]
        return await handler(self, order)

    async def open_conversation(self, order: orders.ConversationOpen) -> None:
        """Join first, answer second, then the snapshots: pieces that come in between are in them already."""
        if not self.forwarder.hears(order.conversation):
            await in_reader(deeds.require_visible, self.user, order.conversation)
            self._join(str(order.conversation))
        with self.forwarder.opening(order.conversation):
            try:
                opened = await in_writer(deeds.open_conversation, self.user, order)
            except ChatError:
                self.forwarder.leave(order.conversation)
                raise
            have = {str(generation): seq for generation, seq in order.have.items()}
            await self._send_frame({"type": "reply", "id": order.id, "ok": True, **opened.reply})
            await self._meet(order.conversation, opened)
            for generation in {*opened.generations, *stream.running_in(str(order.conversation))}:
                self.forwarder.want_snapshot(order.conversation, generation, have.get(generation, -1))

    async def _meet(self, conversation: uuid.UUID, opened: deeds.Opened) -> None:
        """In a shared conversation the tab hears what its person may do there, and who else is looking."""
        if opened.is_shared:
            rights = {"may_edit": opened.may_edit, "is_shared": True}
            await self._send_frame({"type": "members.changed", "conversation": str(conversation), **rights})
        self.forwarder.be_present(conversation, is_shared=opened.is_shared)

    async def say_typing(self, order: orders.PresenceTyping) -> deeds.Reply:
        await in_reader(deeds.require_editable, self.user, order.conversation)
        now = time.monotonic()
        if now - self.typed_at >= TYPED_EVERY:
            self.typed_at = now
            event = PresenceTyping(str(order.conversation), self.user_id, self.user.name)
            publish(conversation_topic(order.conversation), event)
        return {}

    async def close_conversation(self, order: orders.ConversationClose) -> deeds.Reply:
        self.forwarder.leave(order.conversation)
        return {}

    async def stop_generation(self, order: orders.GenerationStop) -> deeds.Reply:
        return await in_writer(deeds.stop, self.user, order)

    async def acknowledge(self, order: orders.Ack) -> None:
        self.forwarder.acknowledge(str(order.generation), order.seq)

    async def pong(self, _order: orders.Ping) -> deeds.Reply:
        return {}

    def _join_soon(self, conversation: str) -> None:
        """Join from another thread."""
        self.loop.call_soon_threadsafe(self._join, conversation)

    def _join(self, conversation: str) -> None:
        if not self.is_over:
            self.forwarder.join(conversation)

    async def _refuse(self, order_id: str, error: ChatError) -> None:
        await self._send_frame(
            {
                "type": "error",
                "id": order_id,
                "code": error.code,
                "message": error.message,
                "retryable": error.retryable,
                **({"field": error.field} if isinstance(error, InvalidInputError) and error.field else {}),
            }
        )

    async def send(self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool = False) -> None:
        """Tell the tab; where it has just gone, nobody is there to tell."""
        self.unheard += len(text_data or "")
        if self.unheard > UNHEARD_BYTES and not self.is_over:
            await self.end(TOO_MANY)
            return
        with contextlib.suppress(Disconnected):
            await super().send(text_data, bytes_data, close)

    async def _send_frame(self, frame: dict[str, Any]) -> None:
        await self.send(msgspec.json.encode(frame).decode())

    async def _watch(self) -> None:
        """Close a socket that nobody speaks on any more."""
        while True:
            quiet = time.monotonic() - self.heard_at
            if quiet >= DEAD_AFTER:
                await self.end(DEAD)
                return
            await asyncio.sleep(DEAD_AFTER - quiet)


def _readable_id(value: dict[str, Any]) -> str:
    """The order's id for the refusal, even where the rest can't be read."""
    given = value.get("id", "")
    return given if isinstance(given, str) and len(given) <= 64 and given.isascii() else ""


_DEEDS: dict[type, Callable[..., deeds.Reply]] = {
    orders.MessageSend: deeds.send,
    orders.MessageEdit: deeds.edit,
    orders.MessageAnswerTools: deeds.answer_tools,
    orders.MessageRegenerate: deeds.regenerate,
    orders.MessageContinue: deeds.go_on,
    orders.MessageRetry: deeds.retry,
    orders.BranchSelect: deeds.select,
}
_HANDLERS: dict[type, Callable[..., Awaitable[deeds.Reply | None]]] = {
    orders.ConversationOpen: ConversationsConsumer.open_conversation,
    orders.ConversationClose: ConversationsConsumer.close_conversation,
    orders.GenerationStop: ConversationsConsumer.stop_generation,
    orders.PresenceTyping: ConversationsConsumer.say_typing,
    orders.Ack: ConversationsConsumer.acknowledge,
    orders.Ping: ConversationsConsumer.pong,
}
