"""Snapshots: a branch as it is now, written down so that nothing that happens later shows in it.

What is in one: texts, their HTML, who said them and when, models' names, sources, calls of tools and their results,
pictures; thoughts if they are wanted. What is never in one: system prompts, parameters, costs, requests, errors, ids
and whatever else providers send, other branches.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

import msgspec

from conversations.exceptions import ConflictError, TooLargeError
from conversations.generation.structured import asked_of
from conversations.models import Conversation, File, Message, MessageImage, Role, ShareLink, User
from conversations.rendering import markdown
from conversations.rendering.raw import JSON_OPENING

MOST_CHARACTERS: Final = 20_000_000
"""Of all texts and their HTML."""
_AT_ONCE: Final = 500


class SharedPicture(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file of the snapshot, or an address that is named and never loaded."""

    file: uuid.UUID | None = None
    name: str = ""
    width: int = 0
    height: int = 0
    url: str = ""
    host: str = ""
    detail: str = "auto"
    description: str = ""


class SharedMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message. ``author`` is "" where nobody is named; ``model_id`` is for copies and never shown.

    ``called`` is the tool that a result is from. Calls and results are joined by ids of our own.
    """

    role: str
    created_at: datetime
    text: str = ""
    html: str = ""
    html_version: int = 0
    is_json: bool = False
    author: str = ""
    model: str = ""
    model_id: uuid.UUID | None = None
    status: str = "complete"
    is_cut: bool = False
    is_refusal: bool = False
    reasoning: str = ""
    tool_calls: list[dict[str, str]] = []
    tool_call_id: str = ""
    called: str = ""
    citations: list[dict[str, Any]] = []
    images: list[SharedPicture] = []

    is_open: ClassVar[bool] = False

    @property
    def is_answer(self) -> bool:
        return self.role == Role.ASSISTANT

    @property
    def is_result(self) -> bool:
        return self.role == Role.TOOL

    @property
    def call(self) -> dict[str, str]:
        return {"name": self.called}

    @property
    def is_current(self) -> bool:
        """Whether its HTML is what the renderer makes today."""
        return not self.is_answer or self.html_version == markdown.VERSION

    def rendered(self) -> "SharedMessage":
        source = JSON_OPENING + self.text if self.is_json else self.text
        return msgspec.structs.replace(self, html=markdown.render(source), html_version=markdown.VERSION)


@dataclass(frozen=True)
class Snapshot:
    """What a link will show; ``files`` are the pictures in it."""

    messages: list[SharedMessage]
    files: list[File]

    def as_stored(self) -> list[Any]:
        return stored(self.messages)


def take_snapshot(
    conversation: Conversation, leaf: Message, *, with_names: bool, with_reasoning: bool = False
) -> Snapshot:
    """The branch down to ``leaf``, but for an answer that is still being written.

    Raises ConflictError where nothing is left, TooLargeError past MOST_CHARACTERS.
    """
    rows = [message for message in _rows(conversation, leaf) if not message.is_open]
    if not rows:
        raise ConflictError("There is nothing to share yet.")
    if sum(len(row.text) + len(row.html) + len(row.reasoning) for row in rows) > MOST_CHARACTERS:
        raise TooLargeError("This branch is too long to be shared. Export it instead.")
    names = _names(rows) if with_names else {}
    calls: dict[str, tuple[str, str]] = {}
    messages: list[SharedMessage] = []
    for row in rows:
        if row.tool_calls:
            calls = {call["id"]: (f"call_{len(messages)}_{at}", call["name"]) for at, call in enumerate(row.tool_calls)}
        messages.append(_written(row, names, calls, with_reasoning=with_reasoning))
    files = {image.file for row in rows for image in _images(row) if image.file}
    return Snapshot(messages, list(files))


def read_snapshot(link: ShareLink) -> list[SharedMessage]:
    """What a link shows. HTML from an older renderer is made anew, once."""
    messages = msgspec.convert(link.messages, list[SharedMessage])
    if all(message.is_current for message in messages):
        return messages
    fresh = [message if message.is_current else message.rendered() for message in messages]
    ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(messages=stored(fresh))
    return fresh


def stored(messages: list[SharedMessage]) -> list[Any]:
    """As JSON takes it."""
    rows: list[Any] = msgspec.to_builtins(messages)
    return rows


def _rows(conversation: Conversation, leaf: Message) -> list[Message]:
    """From the root to the leaf, ready to show; a few queries for each 500."""
    ids = [message.pk for message in Message.objects.only("id").branch(conversation.pk, leaf.pk)]
    rows: dict[uuid.UUID, Message] = {}
    for start in range(0, len(ids), _AT_ONCE):
        part = Message.objects.shown_by_ids(conversation, ids[start : start + _AT_ONCE])
        rows |= {message.pk: message for message in part}
    return [rows[pk] for pk in ids]


def _names(rows: list[Message]) -> dict[int, str]:
    people = User.objects.in_bulk({row.author_id for row in rows if row.author_id})
    return {pk: person.name for pk, person in people.items()}


def _images(row: Message) -> list[MessageImage]:
    return list(row.images.all()) if row.role == Role.USER else []


def _written(
    row: Message, names: Mapping[int, str], calls: Mapping[str, tuple[str, str]], *, with_reasoning: bool
) -> SharedMessage:
    call_id, called = calls.get(row.tool_call_id, ("", "")) if row.role == Role.TOOL else ("", "")
    return SharedMessage(
        role=row.role,
        created_at=row.created_at,
        text=row.text,
        html=row.html,
        html_version=row.html_version,
        is_json=bool(row.text) and not row.is_refusal and asked_of(row) is not None,
        author=names.get(row.author_id or 0, ""),
        model=row.model_name,
        model_id=row.model_id,
        status=row.status,
        is_cut=getattr(row.generation, "finish_reason", "") == "length",
        is_refusal=row.is_refusal,
        reasoning=row.reasoning if with_reasoning else "",
        tool_calls=[
            {"id": calls[call["id"]][0], "name": call["name"], "arguments": call["arguments"]}
            for call in row.tool_calls
        ],
        tool_call_id=call_id,
        called=called,
        citations=[{name: each.get(name) for name in ("url", "title", "start", "end")} for each in row.citations],
        images=[_picture(image) for image in _images(row)],
    )


def _picture(image: MessageImage) -> SharedPicture:
    if image.file is None:
        return SharedPicture(url=image.url, host=image.host, detail=image.detail, description=image.description)
    return SharedPicture(
        file=image.file.pk,
        name=image.file.name,
        width=image.file.width,
        height=image.file.height,
        detail=image.detail,
        description=image.description,
    )
