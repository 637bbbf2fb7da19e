"""Going on from what somebody shared: a conversation of one's own with the same messages."""

import logging
import uuid
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction

from conversations import search
from conversations.actions.files import copy_file
from conversations.actions.snapshots import SharedMessage, SharedPicture, read_snapshot
from conversations.events import ConversationChanged
from conversations.exceptions import ConflictError
from conversations.generation.announcing import tell_people
from conversations.models import Conversation, File, LanguageModel, Message, MessageImage, ShareLink, User

security = logging.getLogger("chatsite.security")


def continue_as_own(link: ShareLink, viewer: User, *, client_id: uuid.UUID) -> Conversation:
    """A conversation of the viewer's own with the messages of a link that was opened to them, down to the last answer.

    Once for each ``client_id``. Its model is the last one the viewer may use, else the default. Raises ConflictError
    where there is no answer to go on from, and what ``copy_file`` raises.
    """
    made = Conversation.objects.filter(owner=viewer, client_id=client_id).first()
    if made is not None:
        return made
    shared = _down_to_answer(read_snapshot(link))
    files = {file.pk: copy_file(file, viewer) for file in link.files.all()}
    try:
        return _copy(link, viewer, shared, files, client_id)
    except IntegrityError:  # the same order, at the same moment
        made = Conversation.objects.filter(owner=viewer, client_id=client_id).first()
        if made is None:
            raise
        return made


def _down_to_answer(shared: Sequence[SharedMessage]) -> list[SharedMessage]:
    """Nothing can be said below a question: those at the end are left out."""
    last = max((place for place, message in enumerate(shared) if message.is_answer), default=-1)
    if last < 0:
        raise ConflictError("There is no answer in it to go on from.")
    return list(shared[: last + 1])


@transaction.atomic
def _copy(
    link: ShareLink,
    viewer: User,
    shared: Sequence[SharedMessage],
    files: Mapping[uuid.UUID, File],
    client_id: uuid.UUID,
) -> Conversation:
    models = {model.pk: model for model in LanguageModel.objects.available()}
    used = [models[message.model_id] for message in shared if message.model_id in models]
    model = used[-1] if used else LanguageModel.objects.default()
    conversation = Conversation.objects.create(
        owner=viewer, client_id=client_id, title=link.title, has_own_title=True, model=model
    )
    rows: list[Message] = []
    for message in shared:
        rows.append(_row(conversation, rows[-1] if rows else None, message, models))
    Message.objects.bulk_create(rows, batch_size=500)
    pairs = zip(rows, shared, strict=True)
    images = [_image(row, place, each, files) for row, one in pairs for place, each in enumerate(one.images)]
    MessageImage.objects.bulk_create(images, batch_size=500)
    conversation.touch(selected_leaf=rows[-1])
    conversation.selected_leaf = rows[-1]
    search.index_conversations([conversation.pk])
    tell_people(conversation, ConversationChanged(str(conversation.pk)))
    security.info("Shared conversation copied: link %s by user %s", link.pk, viewer.pk)
    return conversation


def _row(
    conversation: Conversation,
    parent: Message | None,
    shared: SharedMessage,
    models: Mapping[uuid.UUID, LanguageModel],
) -> Message:
    return Message(
        conversation=conversation,
        parent=parent,
        role=shared.role,
        status=shared.status,
        model=models.get(shared.model_id) if shared.model_id else None,
        model_name=shared.model,
        text=shared.text,
        html=shared.html,
        html_version=shared.html_version,
        reasoning=shared.reasoning,
        is_refusal=shared.is_refusal,
        tool_calls=shared.tool_calls,
        tool_call_id=shared.tool_call_id,
        citations=shared.citations,
        created_at=shared.created_at,
    )


def _image(message: Message, place: int, shared: SharedPicture, files: Mapping[uuid.UUID, File]) -> MessageImage:
    return MessageImage(
        message=message,
        position=place,
        file=files[shared.file] if shared.file else None,
        url=shared.url,
        detail=shared.detail,
        description=shared.description,
    )
