"""From an event to the frame for one viewer: the HTML that goes with it is rendered here, in a thread."""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.template.loader import render_to_string
from django.utils import timezone

from conversations.events import ConversationChanged, Event, GenerationFinished, MessageAdded
from conversations.models import Conversation, Message, User
from conversations.models.generations import is_answering
from conversations.threads import in_reader

DRESSED = (MessageAdded, ConversationChanged, GenerationFinished)
REMEMBERED = 256


class Dresser:
    """Dresses an event once per viewer, however many tabs they have open; the latest ones are remembered."""

    def __init__(self) -> None:
        self._frames: OrderedDict[tuple[int, int, str], tuple[Event, asyncio.Task[str | None]]] = OrderedDict()

    async def dress(self, event: Event, viewer: User, zone: ZoneInfo) -> str | None:
        """The encoded frame of one of DRESSED with its HTML; None where ``viewer`` may not see it (any more)."""
        key = (id(event), viewer.pk, zone.key)  # the event is kept with its frame, so that its id stays its own
        if key not in self._frames:
            work = asyncio.create_task(in_reader(_dress, event, viewer, zone), name="dress")
            work.add_done_callback(lambda done: self._keep_or_drop(key, done))
            self._frames[key] = (event, work)
            while len(self._frames) > REMEMBERED:
                self._frames.popitem(last=False)
        return await asyncio.shield(self._frames[key][1])

    def _keep_or_drop(self, key: tuple[int, int, str], done: asyncio.Task[str | None]) -> None:
        """What failed is tried again by the next who asks."""
        if done.cancelled() or done.exception():
            self._frames.pop(key, None)


dress = Dresser().dress


def _dress(event: Event, viewer: User, zone: ZoneInfo) -> str | None:
    frame: Any = msgspec.to_builtins(event)
    with timezone.override(zone):
        match event:
            case MessageAdded():
                frame = _with_messages(frame, event, viewer)
            case ConversationChanged():
                frame = _with_row(frame, event, viewer)
            case GenerationFinished():
                frame = _with_end(frame, event, viewer)
    return msgspec.json.encode(frame).decode() if frame is not None else None


def _with_messages(frame: dict[str, Any], event: MessageAdded, viewer: User) -> dict[str, Any] | None:
    conversation = Conversation.objects.visible_to(viewer).filter(pk=event.conversation).first()
    if conversation is None:
        return None
    shown = Message.objects.shown_by_ids(conversation, [uuid.UUID(pk) for pk in event.messages])
    frame["html"] = "".join(_render("messages/_message.html", viewer, message=message) for message in shown)
    return frame


def _with_row(frame: dict[str, Any], event: ConversationChanged, viewer: User) -> dict[str, Any] | None:
    rows = Conversation.objects.visible_to(viewer).annotate(is_answering=is_answering())
    conversation = rows.filter(pk=event.conversation).first()
    if conversation is None:
        return None
    return frame | {
        "html": _render("conversations/_row.html", viewer, conversation=conversation),
        "group": conversation.group,
        "title": conversation.title,
        "active": int(conversation.active_at.timestamp() * 1000),
    }


def _with_end(frame: dict[str, Any], event: GenerationFinished, viewer: User) -> dict[str, Any] | None:
    conversation = Conversation.objects.visible_to(viewer).filter(pk=event.conversation).first()
    shown = Message.objects.shown_by_ids(conversation, [uuid.UUID(event.message)]) if conversation else []
    if not shown:
        return None
    frame["html"] = _render("messages/_end.html", viewer, message=shown[0])
    return frame


def _render(template: str, viewer: User, **context: Any) -> str:
    return str.__str__(render_to_string(template, {"user": viewer, **context}))  # a plain str, for the encoder
