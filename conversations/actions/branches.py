"""Name a branch; copy one, or a whole tree, to a conversation of one's own."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations import search
from conversations.actions.deletions import announce_branch
from conversations.actions.files import copy_file
from conversations.actions.runs import AS_IT_IS, setting_for
from conversations.actions.texts import clean_text
from conversations.events import ConversationChanged
from conversations.exceptions import ConflictError, InvalidInputError
from conversations.generation.announcing import tell_people
from conversations.models import (
    Conversation,
    File,
    Generation,
    GenerationStatus,
    LanguageModel,
    Message,
    MessageImage,
    MessageStatus,
    User,
)
from conversations.models.conversations import TITLE_LENGTH
from conversations.models.generations import UNFINISHED
from conversations.models.ids import new_id

NAME_LENGTH: Final = 100
COPY: Final = " (copy)"
UNFINISHED_SENTENCE: Final = "This answer was still being written when the copy was made. What had arrived is kept."
_AT_ONCE: Final = 500
_OF_MESSAGES: Final = (
    "role", "status", "author_id", "model_id", "model_name", "text", "reasoning", "is_refusal", "tool_calls",
    "tool_call_id", "citations", "provider_items", "html", "html_version", "branch_name", "created_at",
)  # fmt: skip
_OF_RUNS: Final = (
    "model_id", "status", "is_continuation", "request_format", "parameters", "prices", "seq", "length", "started_at",
    "first_token_at", "reasoned_at", "finished_at", "finish_reason", "error_code", "error_message", "error_detail",
    "error_parameter", "request_id", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens",
    "is_estimated", "cost",
)  # fmt: skip


@transaction.atomic
def name_branch(message: Message, name: str) -> None:
    """Call the branches through a message something; an empty name removes it. Raises InvalidInputError."""
    line = " ".join(clean_text(name).split())
    if len(line) > NAME_LENGTH:
        sentence = f"The name of a branch has at most {NAME_LENGTH} characters; this one has {len(line)}."
        raise InvalidInputError(sentence, field="name")
    conversation = message.conversation
    conversation.lock()
    if not Message.objects.live().filter(pk=message.pk).update(branch_name=line):
        raise ConflictError("This message was deleted meanwhile.")
    message.branch_name = line
    conversation.touch()
    conversation.refresh_from_db(fields=["revision", "selected_leaf"])
    announce_branch(conversation)


def fork(
    user: User, conversation: Conversation, upto: Message | None = None, *, client_id: uuid.UUID | None = None
) -> Conversation:
    """A conversation of ``user``'s own with the path down to ``upto``, or with the whole tree.

    ``user`` may read the other one. Once for each ``client_id``. Raises ConflictError where there is nothing to copy,
    and what ``copy_file`` raises. Not inside a transaction: it may copy files.
    """
    made = _made(user, client_id)
    if made is not None:
        return made
    rows = _path(conversation, upto) if upto else list(Message.objects.live().filter(conversation=conversation))
    if not rows:
        raise ConflictError("There is nothing to copy yet.")
    files = {file.pk: copy_file(file, user) for file in _files(rows)}
    try:
        return _fork(user, conversation, rows, files, client_id or new_id())
    except IntegrityError:  # the same order, at the same moment
        made = _made(user, client_id)
        if made is None:
            raise
        return made


def copy_messages(
    rows: Sequence[Message], target: Conversation, files: Mapping[uuid.UUID, File]
) -> dict[uuid.UUID, uuid.UUID]:
    """Put copies of messages, with their runs and pictures, into ``target``; their new ids by the old ones.

    Whoever's parent is not among them becomes a root. ``files`` are those of ``target``'s owner by the ids of those in
    use now. Inside a transaction; new ids are in the order of the old ones.
    """
    rows = sorted(rows, key=lambda row: row.pk)
    ids = {row.pk: new_id() for row in rows}
    copies = [_copy(row, target, ids) for row in rows]
    Message.objects.bulk_create(copies, batch_size=_AT_ONCE)
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        runs = Generation.objects.filter(message__in=part).order_by("id")
        Generation.objects.bulk_create([_copy_run(run, target, ids) for run in runs])
        images = MessageImage.objects.filter(message__in=part).order_by("id")
        MessageImage.objects.bulk_create([_copy_image(image, ids, files) for image in images])
    return ids


def _made(user: User, client_id: uuid.UUID | None) -> Conversation | None:
    return Conversation.objects.filter(owner=user, client_id=client_id).first() if client_id else None


def _path(conversation: Conversation, upto: Message) -> list[Message]:
    if upto.conversation_id != conversation.pk:
        raise InvalidInputError("This message belongs to another conversation.")
    return Message.objects.live().branch(conversation.pk, upto.pk)


def _files(rows: Sequence[Message]) -> list[File]:
    found: dict[uuid.UUID, File] = {}
    for start in range(0, len(rows), _AT_ONCE):
        uses = MessageImage.objects.filter(message__in=rows[start : start + _AT_ONCE]).select_related("file")
        found |= {use.file.pk: use.file for use in uses if use.file}
    return list(found.values())


@transaction.atomic
def _fork(
    user: User,
    source: Conversation,
    rows: Sequence[Message],
    files: Mapping[uuid.UUID, File],
    client_id: uuid.UUID,
) -> Conversation:
    is_own = source.owner_id == user.pk
    target = Conversation.objects.create(
        owner=user,
        client_id=client_id,
        title=source.title.removesuffix(COPY)[: TITLE_LENGTH - len(COPY)] + COPY,
        has_own_title=True,
        folder=source.folder if is_own else None,
        is_temporary=source.is_temporary,
        forked_from=source,
        **_setting(user, source),
    )
    ids = copy_messages(rows, target, files)
    shown = ids.get(source.selected_leaf_id) if source.selected_leaf_id else None
    # what was selected when the source was read may have got an answer since, which is copied with it
    target.touch(selected_leaf=Message.objects.newest_leaf_below(shown or ids[rows[-1].pk]))
    target.refresh_from_db(fields=["revision", "selected_leaf"])
    search.index_conversations([target.pk])
    tell_people(target, ConversationChanged(str(target.pk)))
    return target


def _setting(user: User, source: Conversation) -> dict[str, Any]:
    """The model, and the parameters that still fit; nothing where no model is left."""
    available = LanguageModel.objects.available()
    model = (
        available.filter(pk=source.model_id).first() if source.model_id else None
    ) or LanguageModel.objects.default()
    if model is None:
        return {}
    setting = setting_for(user, source, model, AS_IT_IS)
    return {"model": model, "request_format": setting.request_format, "parameters": setting.parameters}


def _copy(row: Message, target: Conversation, ids: Mapping[uuid.UUID, uuid.UUID]) -> Message:
    copy = Message(id=ids[row.pk], conversation=target, **{name: getattr(row, name) for name in _OF_MESSAGES})
    copy.parent_id = ids.get(row.parent_id) if row.parent_id else None
    if row.is_open:
        copy.status = MessageStatus.INTERRUPTED
    return copy


def _copy_run(run: Generation, target: Conversation, ids: Mapping[uuid.UUID, uuid.UUID]) -> Generation:
    """Its lasting facts. What it cost was spent once and stands in the ledger once."""
    facts = {name: getattr(run, name) for name in _OF_RUNS}
    if run.status in UNFINISHED:
        ended = {"error_code": "interrupted", "error_message": UNFINISHED_SENTENCE, "finished_at": timezone.now()}
        facts |= {"status": GenerationStatus.INTERRUPTED, **ended}
    sent = [each | {"id": str(ids[uuid.UUID(each["id"])])} for each in _sent(run) if uuid.UUID(each["id"]) in ids]
    request = run.request | {"messages": sent} if run.request else {}
    return Generation(
        message_id=ids[run.message_id], conversation=target, owner_id=target.owner_id, request=request, **facts
    )


def _sent(run: Generation) -> list[dict[str, Any]]:
    """The record of the messages in its request."""
    found: list[dict[str, Any]] = run.request.get("messages", []) if run.request else []
    return found


def _copy_image(
    image: MessageImage, ids: Mapping[uuid.UUID, uuid.UUID], files: Mapping[uuid.UUID, File]
) -> MessageImage:
    return MessageImage(
        message_id=ids[image.message_id],
        position=image.position,
        file=files[image.file_id] if image.file_id else None,
        url=image.url,
        detail=image.detail,
        description=image.description,
    )
