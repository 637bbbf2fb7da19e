"""From the records of a file to rows: one conversation in one transaction, wholly or not at all, and never twice.

Of the file nothing is taken for an id, an owner or a right: who imports owns what is made (security.md, B7).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations import search
from conversations.actions.files import store_image
from conversations.actions.texts import clean_text
from conversations.exceptions import ChatError
from conversations.jobs import shapes
from conversations.jobs.claims import Write
from conversations.models import (
    Conversation,
    File,
    Folder,
    Generation,
    LanguageModel,
    Message,
    MessageImage,
    Tag,
    User,
)
from conversations.models.conversations import GONE, MOST_PINNED, TITLE_LENGTH, UNTITLED
from conversations.models.folders import DEEPEST, MOST_FOLDERS, MOST_TAGS, NAME_LENGTH
from conversations.models.ids import new_id
from conversations.schemas.parameters import SYSTEM_TEXTS
from conversations.schemas.parameters import parameters as parameters_of
from conversations.transfer.hashes import hash_of
from conversations.transfer.records import ConversationRecord, ImageRecord, MessageRecord, RunRecord

logger = logging.getLogger(__name__)

ReadImage = Callable[[ImageRecord], bytes | None]
_MOST_COUNT: Final = 2**31 - 1


@dataclass(frozen=True)
class Outcome:
    """What became of one conversation of the file; ``notes`` are sentences."""

    title: str
    result: Literal["made", "again", "refused"]
    notes: tuple[str, ...] = ()


class Importer:
    """Imports for one person. Not for several threads."""

    def __init__(self, person: User) -> None:
        self._person = person
        self._models: dict[str, LanguageModel] = {}
        for model in LanguageModel.objects.available():
            self._models.setdefault(model.wire_name, model)
            self._models.setdefault(model.name, model)

    def known(self, record: ConversationRecord) -> str:
        """Why nothing would be made of it, in words; "" if something would."""
        mine = Conversation.objects.filter(owner=self._person).exclude(deleted_at=GONE)
        found = mine.filter(import_key=_key(record)).first()
        if found is None and record.source == "chatsite":
            with suppress(ValueError):
                found = mine.filter(pk=uuid.UUID(record.key)).first()
        if found is None:
            return ""
        return "It is in your bin." if found.deleted_at else "You have it already."

    def take(self, record: ConversationRecord, read_image: ReadImage, write: Write) -> Outcome:
        """Make the conversation, or say why not. Pictures are stored first: that takes a while."""
        title = _line(record.title, TITLE_LENGTH) or UNTITLED
        if known := self.known(record):
            return Outcome(title, "again", (known,))
        notes: list[str] = []
        try:
            files = self._store(record, read_image, notes)
            write(lambda: self._conversation(record, title, files))
        except IntegrityError:
            if not self.known(record):
                logger.exception("A conversation could not be imported")
                return Outcome(title, "refused", ("Something changed while it was imported. Import the file again.",))
            return Outcome(title, "again", ("It was imported a moment ago.",))
        except ChatError as error:
            return Outcome(title, "refused", (error.message,))
        return Outcome(title, "made", tuple(notes))

    def _store(self, record: ConversationRecord, read_image: ReadImage, notes: list[str]) -> dict[int, File]:
        """The pictures of a conversation by the identity of their records."""
        found: dict[int, File] = {}
        for image in (image for message in record.messages for image in message.images if not image.url):
            try:
                data = image.data or read_image(image)
                if data is None:
                    notes.append(f"The picture {image.name or image.file or 'without a name'} is not in the file.")
                else:
                    found[id(image)], _ = store_image(self._person, image.name, data)
            except ChatError as error:
                notes.append(f"The picture {image.name or image.file} was left out: {error.message}")
        return found

    @transaction.atomic
    def _conversation(self, record: ConversationRecord, title: str, files: dict[int, File]) -> None:
        now = timezone.now()
        conversation = Conversation.objects.create(
            owner=self._person,
            title=title,
            has_own_title=record.has_own_title or record.source != "chatsite",
            import_key=_key(record),
            model=self._models.get(record.model),
            request_format=record.request_format[:30],
            parameters=self._parameters(record),
            folder=self._folder(record.folder),
            pinned_at=now if record.is_pinned and self._may_pin() else None,
            archived_at=now if record.is_archived else None,
            created_at=min(record.created_at, now),
            active_at=min(record.active_at, now),
        )
        conversation.tags.set(self._tags(record.tags))
        made = self._messages(conversation, record.messages, files)
        leaf = made.get(record.selected or "") or (list(made.values())[-1] if made else None)
        if leaf is not None:
            conversation.selected_leaf_id = Message.objects.newest_leaf_below(leaf.pk)
            conversation.save(update_fields=["selected_leaf"])
        search.index_conversations([conversation.pk])

    def _parameters(self, record: ConversationRecord) -> dict[str, Any]:
        """What was chosen there; the rules of this site decide about each value whenever it would be sent."""
        if record.parameters or not record.system_text.strip():
            return record.parameters
        model = self._models.get(record.model) or LanguageModel.objects.default()
        known = parameters_of(model.schema(model.request_format)) if model else []
        name = next((each.name for each in known if each.is_system_text), SYSTEM_TEXTS[0])
        return {name: clean_text(record.system_text)}

    def _messages(
        self, conversation: Conversation, records: list[MessageRecord], files: dict[int, File]
    ) -> dict[str, Message]:
        """New ids in the order of the file, for ids are what siblings are sorted by."""
        made: dict[str, Message] = {}
        images: list[MessageImage] = []
        runs: list[Generation] = []
        people = {record.author for record in records if record.role == "user"}
        for record in records:
            message = self._message(conversation, record, made.get(record.parent or ""))
            if record.role == "user" and (len(people) == 1 or record.author in {"", self._person.name}):
                message.author = self._person  # of several people's, only one's own can be told
            made[record.key] = message
            images += _images(message, record, files)
            runs += [self._run(conversation, message, run) for run in record.runs]
        Message.objects.bulk_create(made.values(), batch_size=500)
        MessageImage.objects.bulk_create(images, batch_size=500)
        Generation.objects.bulk_create(runs, batch_size=200)
        return made

    def _message(self, conversation: Conversation, record: MessageRecord, parent: Message | None) -> Message:
        return Message(
            id=new_id(),
            conversation=conversation,
            parent=parent,
            role=record.role,
            status=record.status,
            model=self._models.get(record.model_name),
            model_name=clean_text(record.model_name)[:100],
            text=clean_text(record.text),
            reasoning=clean_text(record.reasoning),
            branch_name=_line(record.branch_name, 100),
            is_refusal=record.is_refusal,
            tool_calls=record.tool_calls,
            tool_call_id=clean_text(record.tool_call_id)[:200],
            citations=record.citations,
            provider_items=shapes.provider_items(record.provider_items),
            created_at=record.created_at,
        )

    def _run(self, conversation: Conversation, message: Message, record: RunRecord) -> Generation:
        return Generation(
            id=new_id(),
            message=message,
            conversation=conversation,
            owner=self._person,
            model=self._models.get(record.model),
            status=record.status,
            is_continuation=record.is_continuation,
            request_format=record.request_format[:30],
            parameters=record.parameters,
            request=shapes.request_record(record.request),
            prices=shapes.prices(record.prices),
            length=_count(record.length) or 0,
            started_at=record.started_at,
            first_token_at=record.first_token_at,
            reasoned_at=record.reasoned_at,
            finished_at=record.finished_at,
            stop_requested_at=record.stop_requested_at,
            finish_reason=clean_text(record.finish_reason)[:30],
            error_code=clean_text(record.error_code)[:50],
            error_message=clean_text(record.error_message)[:500],
            error_detail=clean_text(record.error_detail),
            error_parameter=clean_text(record.error_parameter)[:100],
            request_id=clean_text(record.request_id)[:200],
            input_tokens=_count(record.input_tokens),
            output_tokens=_count(record.output_tokens),
            cached_tokens=_count(record.cached_tokens),
            reasoning_tokens=_count(record.reasoning_tokens),
            is_estimated=record.is_estimated,
            cost=_cost(record.cost),
        )

    def _may_pin(self) -> bool:
        return Conversation.objects.owned_by(self._person).pinned().count() < MOST_PINNED

    def _folder(self, path: tuple[str, ...]) -> Folder | None:
        """The folder of these names, made where it is missing; as deep as folders may be, and as many."""
        folder: Folder | None = None
        for name in [line for part in path[:DEEPEST] if (line := _line(part, NAME_LENGTH))]:
            mine = Folder.objects.visible_to(self._person)
            found = mine.filter(parent=folder, name=name).first()
            if found is None and mine.count() >= MOST_FOLDERS:
                return folder
            folder = found or Folder.objects.create(owner=self._person, parent=folder, name=name)
        return folder

    def _tags(self, names: tuple[str, ...]) -> list[Tag]:
        found = []
        for name in dict.fromkeys(line for part in names[:50] if (line := _line(part, NAME_LENGTH))):
            tag = Tag.objects.visible_to(self._person).filter(name__iexact=name).first()
            if tag is None and Tag.objects.visible_to(self._person).count() < MOST_TAGS:
                tag = Tag.objects.create(owner=self._person, name=name)
            found += [tag] if tag else []
        return found


def _key(record: ConversationRecord) -> str:
    """The same conversation, as far as it had got in that file: an export made later, which has more, is another."""
    return clean_text(f"{record.source}:{record.key}")[:130] + f":{hash_of(record)[:32]}"


def _images(message: Message, record: MessageRecord, files: dict[int, File]) -> list[MessageImage]:
    kept = [image for image in record.images if image.url or id(image) in files]
    return [
        MessageImage(
            message=message,
            position=position,
            file=files.get(id(image)),
            url="" if id(image) in files else clean_text(image.url)[:2000],
            detail=image.detail,
            description=clean_text(image.description)[:1000],
        )
        for position, image in enumerate(kept)
    ]


def _line(text: str, most: int) -> str:
    return " ".join(clean_text(text).split())[:most]


def _count(value: int | None) -> int | None:
    return None if value is None else max(0, min(value, _MOST_COUNT))


def _cost(text: str | None) -> Decimal | None:
    """As the column holds it."""
    with suppress(InvalidOperation, TypeError):
        cost = Decimal(text or "")
        if cost.is_finite() and 0 <= cost < 10**6:
            return round(cost, 8)
    return None
