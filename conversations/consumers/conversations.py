"""The socket of a tab: reads orders, calls one action each, forwards events. The protocol: ``conversations.events``."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError

from conversations.consumers import deeds, orders
from conversations.consumers.access import Bucket, is_own_origin, registry
from conversations.consumers.frames import DRESSED, dress
from conversations.consumers.outbox import Outbox
from conversations.events import (
    Event,
    GenerationDelta,
    GenerationFinished,
    GenerationSnapshot,
    Lost,
    SessionEnded,
    Subscription,
    broadcaster,
    conversation_topic,
    encode,
    user_topic,
)
from conversations.exceptions import ChatError, InvalidInputError, LimitError, UnavailableError
from conversations.generation import relay, stream
from conversations.models import User
from conversations.threads import in_thread

logger = logging.getLogger(__name__)

SIGNED_OUT, DEAD, TOO_MANY, RESTART = 4401, 4408, 4429, 4012  # the server below can't send 1012
DEAD_AFTER = 45.0
OPEN_AT_ONCE = 8


class ConversationsConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """One per socket. A handler waits for the database at most, never for a generation."""

    user: User
    user_id: int
    session_key: str
    fingerprint: str
    tasks: tuple[asyncio.Task[None], ...] = ()
    is_over = False

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
        self.outbox, self.subscription = Outbox(), Subscription()
        self.heard_at = time.monotonic()
        broadcaster.join(user_topic(self.user_id), self.subscription)
        self.tasks = tuple(
            asyncio.create_task(work, name=f"socket {self.name}") for work in (self._forward_all(), self._watch())
        )

    async def _identify(self) -> bool:
        user = self.scope["user"]
        if not isinstance(user, User) or not user.is_active:
            return False
        self.user, self.user_id = user, user.pk
        self.session_key = self.scope["session"].session_key or ""
        self.fingerprint = user.get_session_auth_hash()
        try:
            self.zone = ZoneInfo(self.scope.get("cookies", {}).get("tz", "") or settings.TIME_ZONE)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.zone = ZoneInfo(settings.TIME_ZONE)
        return True

    async def disconnect(self, code: int) -> None:
        raise StopConsumer

    def _leave(self) -> None:
        tasks, self.tasks = self.tasks, ()
        for task in tasks:
            task.cancel()
        if tasks:
            broadcaster.leave_all(self.subscription)
            registry.dismiss(self)

    async def end(self, code: int) -> None:
        """Close from this side; what the code means stands in the protocol. Nothing is obeyed or told after it."""
        if self.is_over:
            return
        self.is_over = True
        broadcaster.leave_all(self.subscription)
        if code == SIGNED_OUT:
            await self.send(encode(SessionEnded()))
        await self.close(code)

    # ---- orders ----

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.tasks or self.is_over:
            return
        self.heard_at = time.monotonic()
        order_id = ""
        try:
            if not self.bucket.take():
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
            reply = await in_thread(deed, self.user, order, self.name)
            self._join(reply["conversation"])
            return reply
        handler = _HANDLERS[type(order)]
        return await handler(self, order)

    async def open_conversation(self, order: orders.ConversationOpen) -> None:
        """Join first, answer second, then the snapshots: what comes in between is numbered and waits in the queue."""
        topic = conversation_topic(order.conversation)
        was_member = topic in self.subscription.topics
        if not was_member:
            await in_thread(deeds.require_visible, self.user, order.conversation)
            self._join(str(order.conversation))
        try:
            reply, generations = await in_thread(deeds.open_conversation, self.user, order)
        except ChatError:
            broadcaster.leave(topic, self.subscription)
            raise
        await self._send_frame({"type": "reply", "id": order.id, "ok": True, **reply})
        for generation in generations:
            self.subscription.put(Lost(str(order.conversation), generation))

    async def close_conversation(self, order: orders.ConversationClose) -> deeds.Reply:
        broadcaster.leave(conversation_topic(order.conversation), self.subscription)
        return {}

    async def stop_generation(self, order: orders.GenerationStop) -> deeds.Reply:
        return await in_thread(deeds.stop, self.user, order)

    async def acknowledge(self, order: orders.Ack) -> None:
        self.outbox.acknowledge(str(order.generation), order.seq)
        self._catch_up()

    def _catch_up(self) -> None:
        """Where there is room again, a snapshot for each answer whose pieces were left out."""
        if not self.outbox.is_full:
            behind, self.outbox.behind = self.outbox.behind, {}
            for generation, conversation in behind.items():
                self.subscription.put(Lost(conversation, generation))

    async def pong(self, _order: orders.Ping) -> deeds.Reply:
        return {}

    def _join(self, conversation: str) -> None:
        """Listen to a conversation. One tab shows one; of those it moved away from, only the latest are still heard."""
        if self.is_over:
            return
        topic = conversation_topic(conversation)
        others = [each for each in self.subscription.topics if each.startswith("conversation.") and each != topic]
        for oldest in others[: max(0, len(others) - OPEN_AT_ONCE + 1)]:
            broadcaster.leave(oldest, self.subscription)
        broadcaster.join(topic, self.subscription)

    async def _refuse(self, order_id: str, error: ChatError) -> None:
        await self._send_frame(
            {
                "type": "error",
                "id": order_id,
                "code": error.code,
                "message": error.message,
                "retryable": error.retryable,
            }
        )

    # ---- events ----

    async def _forward_all(self) -> None:
        while not self.is_over:
            event = await self.subscription.get()
            try:
                await self._forward(event)
            except DatabaseError:
                logger.warning("An event could not be dressed for a socket", exc_info=True)
            except Exception:
                logger.exception("Forwarding to a socket failed; it is closed and comes back")
                await self.end(RESTART)

    async def _forward(self, event: Event) -> None:
        match event:
            case GenerationDelta() | GenerationSnapshot():
                await self._send_piece(event)
            case Lost(conversation, generation):
                await self._send_snapshot(conversation, generation)
            case SessionEnded():
                await registry.check()
            case _ if isinstance(event, DRESSED):
                await self._send_dressed(event)
            case _:
                await self.send(encode(event))

    async def _send_piece(self, event: GenerationDelta | GenerationSnapshot) -> None:
        if event.generation in self.outbox.behind:
            return
        if self.outbox.is_full:
            self.outbox.behind[event.generation] = event.conversation
            return
        frame = encode(event)
        self.outbox.sent(event.generation, event.seq, len(frame))
        await self.send(frame)

    async def _send_snapshot(self, conversation: str, generation: str) -> None:
        if conversation_topic(conversation) not in self.subscription.topics:
            return
        if generation in stream.live:
            await self._send_piece(await stream.live[generation].snapshot())
        else:
            relay.tell_workers(snapshot=generation)

    async def _send_dressed(self, event: Event) -> None:
        if getattr(event, "origin", "") == self.name:
            return
        if isinstance(event, GenerationFinished):
            self.outbox.forget(event.generation)
            self._catch_up()
        frame = await dress(event, self.user, self.zone)
        if frame is not None:
            await self.send(frame)

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
    orders.MessageRegenerate: deeds.regenerate,
    orders.MessageContinue: deeds.go_on,
    orders.MessageRetry: deeds.retry,
    orders.BranchSelect: deeds.select,
}
_HANDLERS: dict[type, Callable[..., Awaitable[deeds.Reply | None]]] = {
    orders.ConversationOpen: ConversationsConsumer.open_conversation,
    orders.ConversationClose: ConversationsConsumer.close_conversation,
    orders.GenerationStop: ConversationsConsumer.stop_generation,
    orders.Ack: ConversationsConsumer.acknowledge,
    orders.Ping: ConversationsConsumer.pong,
}


async def close_all(code: int) -> None:
    """Close every socket of this process, as when it ends."""
    await registry.end_all(code)
