"""From an event to the frame for one viewer: the HTML that goes with it is rendered here, in a thread."""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from conversations.events import (
    ConversationChanged,
    Event,
    GenerationFinished,
    MembersChanged,
    MessageAdded,
    Present,
)
from conversations.models import Conversation, Message, Role, User
from conversations.models.generations import is_answering
from conversations.models.prepared import Prepared
from conversations.threads import in_spare_reader

DRESSED = (MessageAdded, ConversationChanged, GenerationFinished, MembersChanged)
REMEMBERED = 256
MOST_AVATARS = 5
_OWN = Prepared(lambda viewer, pk: Conversation.objects.owned_by(User(pk=viewer)).filter(pk=pk), int, uuid.UUID)
_OWN_ROW = Prepared(
    lambda viewer, pk: (
        Conversation.objects.owned_by(User(pk=viewer))
        .annotate(is_answering=is_answering(), is_unseen=F("has_unseen_answer"))
        .filter(pk=pk)
    ),
    int,
    uuid.UUID,
)
AT_ONCE = timedelta(minutes=1)
"""Two messages below the same answer within that time were written without knowing of each other."""


class Dresser:
    """Dresses an event once per viewer, however many tabs they have open; the latest ones are remembered."""

    def __init__(self) -> None:
        self._frames: OrderedDict[tuple[int, int, str], tuple[Event, asyncio.Task[str | None]]] = OrderedDict()

    async def dress(self, event: Event, viewer: User, zone: ZoneInfo) -> str | None:
        """The encoded frame of one of DRESSED with its HTML; None where ``viewer`` may not see it (any more)."""
        key = (id(event), viewer.pk, zone.key)  # the event is kept with its frame, so that its id stays its own
        if key not in self._frames:
            work = asyncio.create_task(in_spare_reader(_dress, event, viewer, zone), name="dress")
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
            case MembersChanged():
                frame = _with_rights(frame, event, viewer)
    return msgspec.json.encode(frame).decode() if frame is not None else None


def _with_messages(frame: dict[str, Any], event: MessageAdded, viewer: User) -> dict[str, Any] | None:
    conversation = _visible(event.conversation, viewer)
    if conversation is None:
        return None
    shown = Message.objects.shown_by_ids(conversation, [uuid.UUID(pk) for pk in event.messages])
    rights = _rights(conversation, viewer)
    frame["html"] = "".join(_render("messages/_message.html", viewer, message=each, **rights) for each in shown)
    if conversation.has_members and shown and _is_beside_own(shown[0], viewer):
        frame["beside"] = shown[0].author.name if shown[0].author else ""
    return frame


def _is_beside_own(message: Message, viewer: User) -> bool:
    """Whether ``viewer`` said something in the same place at about the same time."""
    if message.role != Role.USER or message.author_id == viewer.pk or len(message.siblings) < 2:
        return False
    own = Message.objects.filter(pk__in=message.siblings, author=viewer)
    return own.filter(created_at__gte=message.created_at - AT_ONCE).exists()


def _with_row(frame: dict[str, Any], event: ConversationChanged, viewer: User) -> dict[str, Any] | None:
    conversation = _row_of(event.conversation, viewer)
    if conversation is None:
        return None
    return frame | {
        "html": _render("conversations/_row.html", viewer, conversation=conversation, is_alone=True),
        "group": conversation.place_for(viewer),
        "title": conversation.title,
    }


def _row_of(pk: str, viewer: User) -> Conversation | None:
    """What a row shows. Most are one's own, for which no invitations and visits need be looked at."""
    own = _OWN_ROW.first(viewer.pk, uuid.UUID(pk))
    rows = Conversation.objects.annotate(is_answering=is_answering()).filter(pk=pk)
    return own or rows.visible_to(viewer).unseen_by(viewer).first()


def _visible(pk: str, viewer: User) -> Conversation | None:
    own = _OWN.first(viewer.pk, uuid.UUID(pk))
    return own or Conversation.objects.visible_to(viewer).filter(pk=pk).first()


def _with_end(frame: dict[str, Any], event: GenerationFinished, viewer: User) -> dict[str, Any] | None:
    conversation = _visible(event.conversation, viewer)
    shown = Message.objects.shown_by_ids(conversation, [uuid.UUID(event.message)]) if conversation else []
    if not shown or conversation is None:
        return None
    frame["html"] = _render("messages/_end.html", viewer, message=shown[0], **_rights(conversation, viewer))
    return frame


def _with_rights(frame: dict[str, Any], event: MembersChanged, viewer: User) -> dict[str, Any] | None:
    conversation = _visible(event.conversation, viewer)
    return frame | _rights(conversation, viewer) if conversation else None


def _rights(conversation: Conversation, viewer: User) -> dict[str, bool]:
    return {"may_edit": conversation.may_be_edited_by(viewer), "is_shared": conversation.has_members}


def presence_frame(conversation: str, others: Sequence[Present]) -> str:
    """The avatars of everybody else who has the conversation open."""
    shown, more = others[:MOST_AVATARS], others[MOST_AVATARS:]
    html = str.__str__(render_to_string("members/_present.html", {"shown": shown, "more": more}))
    frame = {"type": "presence.changed", "conversation": conversation, "count": len(others), "html": html}
    return msgspec.json.encode(frame).decode()


def _render(template: str, viewer: User, **context: Any) -> str:
    return str.__str__(render_to_string(template, {"user": viewer, **context}))  # a plain str, for the encoder
