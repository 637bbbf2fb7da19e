"""From rows to the records that a file is written from, some conversations at a time with a fixed number of queries."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import PurePath
from typing import Any, BinaryIO, Final

from django.db.models import F

from conversations.models import Conversation, File, Folder, Generation, Message, MessageImage, MessageStatus, User
from conversations.transfer.records import (
    MESSAGE_STATUSES,
    ConversationRecord,
    ImageRecord,
    MessageRecord,
    RunRecord,
)

STEP: Final = 20
"""Conversations read at once."""
_RUN_COLUMNS: Final = {field.name for field in fields(RunRecord)} - {"status", "model", "cost"}


class Exporter:
    """Reads what one person may take along: all of their own conversations, or those asked for that they may read."""

    def __init__(self, person: User, ids: Iterable[uuid.UUID] | None = None) -> None:
        if ids is None:
            self._rows = Conversation.objects.owned_by(person).filter(is_temporary=False)
        else:
            self._rows = Conversation.objects.visible_to(person).filter(pk__in=list(ids))
        self._person = person
        self._folders = {row.pk: row for row in Folder.objects.visible_to(person)}
        self._files: dict[str, File] = {}

    def count(self) -> int:
        return self._rows.count()

    def records(self) -> Iterator[ConversationRecord]:
        """One at a time, oldest first."""
        last = uuid.UUID(int=0)
        while some := list(self._after(last)):
            last = some[-1].pk
            messages = self._messages(some)
            for conversation in some:
                yield self._conversation(conversation, messages[conversation.pk])

    def open_image(self, image: ImageRecord) -> BinaryIO | None:
        """The bytes of a picture of the records given last; None where they are gone from the disk."""
        file = self._files.get(image.sha256)
        try:
            return file.place.open("rb") if file else None
        except OSError:
            return None

    def _after(self, last: uuid.UUID) -> Iterable[Conversation]:
        rows = self._rows.filter(pk__gt=last).order_by("pk").select_related("model")
        return rows.prefetch_related("tags")[:STEP]

    def _messages(self, conversations: list[Conversation]) -> dict[uuid.UUID, list[MessageRecord]]:
        rows = Message.objects.live().filter(conversation__in=conversations).order_by("id").select_related("author")
        runs: dict[uuid.UUID, list[RunRecord]] = defaultdict(list)
        finished = Generation.objects.filter(conversation__in=conversations, status__in=MESSAGE_STATUSES)
        for run in finished.order_by("id").annotate(model_name=F("model__name")):
            runs[run.message_id].append(_run(run))
        images: dict[uuid.UUID, list[ImageRecord]] = defaultdict(list)
        for image in MessageImage.objects.filter(message__conversation__in=conversations).select_related("file"):
            images[image.message_id].append(self._image(image))
        found: dict[uuid.UUID, list[MessageRecord]] = defaultdict(list)
        for row in rows:
            found[row.conversation_id].append(_message(row, images[row.pk], runs[row.pk]))
        return found

    def _image(self, image: MessageImage) -> ImageRecord:
        file = image.file
        if file is None:
            return ImageRecord(url=image.url, detail=image.detail, description=image.description)
        self._files[file.sha256] = file
        name = f"files/{file.sha256}{PurePath(file.path).suffix}"
        return ImageRecord(
            file=name, name=file.name, sha256=file.sha256, detail=image.detail, description=image.description
        )

    def _conversation(self, row: Conversation, messages: list[MessageRecord]) -> ConversationRecord:
        is_own = row.owner_id == self._person.pk
        return ConversationRecord(
            key=str(row.pk),
            title=row.title,
            created_at=row.created_at,
            active_at=row.active_at,
            messages=messages,
            selected=str(row.selected_leaf_id) if row.selected_leaf_id else None,
            has_own_title=row.has_own_title,
            is_pinned=is_own and row.is_pinned,
            is_archived=is_own and row.is_archived,
            folder=self._path(row.folder_id) if is_own else (),
            tags=tuple(sorted(tag.name for tag in row.tags.all())) if is_own else (),
            model=row.model.name if row.model else "",
            request_format=row.request_format,
            parameters=row.parameters,
        )

    def _path(self, folder: uuid.UUID | None) -> tuple[str, ...]:
        names: list[str] = []
        while folder in self._folders and len(names) < len(self._folders):
            names.insert(0, self._folders[folder].name)
            folder = self._folders[folder].parent_id
        return tuple(names)


def _message(row: Message, images: list[ImageRecord], runs: list[RunRecord]) -> MessageRecord:
    return MessageRecord(
        key=str(row.pk),
        parent=str(row.parent_id) if row.parent_id else None,
        role=row.role,  # type: ignore[arg-type]  # the choices of the column are those of the record
        created_at=row.created_at,
        text=row.text,
        reasoning=row.reasoning,
        status=MessageStatus.INTERRUPTED if row.is_open else row.status,
        author=row.author.name if row.author else "",
        model_name=row.model_name,
        branch_name=row.branch_name,
        is_refusal=row.is_refusal,
        tool_calls=row.tool_calls,
        tool_call_id=row.tool_call_id,
        citations=row.citations,
        provider_items=row.provider_items,
        images=images,
        runs=runs,
    )


def _run(row: Any) -> RunRecord:
    """``row`` is a Generation with the name of its model."""
    values = {name: getattr(row, name) for name in _RUN_COLUMNS}
    cost = None if row.cost is None else str(row.cost)
    return RunRecord(status=row.status, model=row.model_name or "", cost=cost, **values)
