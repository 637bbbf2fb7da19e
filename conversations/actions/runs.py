"""What all deeds with answers share: done once, on a model that may be used, queued and announced.

For the actions beside it only; what people do stands in ``messages``.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.actions.parameters import carried_over, fitting, require_parameters
from conversations.events import ConversationChanged, MessageAdded
from conversations.exceptions import ChatError, ConflictError, InvalidInputError, LimitError
from conversations.generation import runner
from conversations.generation.announcing import tell_people, tell_readers
from conversations.models import Conversation, Generation, LanguageModel, Message, MessageStatus, Role, User
from conversations.models.prepared import Prepared

_UNFINISHED_OF = Prepared(lambda owner: Generation.objects.unfinished().filter(owner=owner).values_list("pk"), int)


@dataclass(frozen=True)
class Sent:
    """What a deed made; ``question`` is None where only an answer was asked for."""

    conversation: Conversation
    question: Message | None
    answer: Message
    generation: Generation


@dataclass(frozen=True)
class Asked:
    """Who asked, by which order, from which socket."""

    author: User
    client_id: uuid.UUID
    origin: str


@dataclass(frozen=True)
class Wanted:
    """What a person chose for the answer besides the model; "" and None: as it is in the conversation."""

    request_format: str = ""
    parameters: Mapping[str, Any] | None = None


AS_IT_IS = Wanted()


@dataclass(frozen=True)
class Setting:
    """The model of a run, and what the person chose for it. ``is_kept``: so it is in the conversation from now on."""

    model: LanguageModel
    request_format: str
    parameters: dict[str, Any]
    is_kept: bool = False


def once(
    author: User,
    conversation: Conversation | None,
    client_id: uuid.UUID,
    write: Callable[[], Sent],
    about: Message | None = None,
) -> Sent:
    """Do it while nobody else changes the tree; ``about``, which it hangs on, is as it is at that moment.

    Raises ConflictError if that was deleted.
    """
    try:
        with transaction.atomic():
            if conversation is not None:
                conversation.lock()
            if about is not None:
                _require_live(about)
            return write()
    except (IntegrityError, ChatError):  # what is refused now may have been done when it was asked first
        done = done_before(author, conversation, client_id)
        if done is not None:
            return done
        if conversation and conversation.generations.filter(client_id=client_id).exists():  # somebody else's
            raise ConflictError("This was sent under an id that is taken. Send it again.") from None
        raise


def _require_live(message: Message) -> None:
    if not Message.objects.live().filter(pk=message.pk).exists():
        raise ConflictError("This message was deleted meanwhile.")
    message.refresh_from_db(fields=["parent"])


def done_before(author: User, conversation: Conversation | None, client_id: uuid.UUID) -> Sent | None:
    """What the same order made when it was given first. Raises ConflictError if that was deleted since."""
    if conversation is None:
        conversation = Conversation.objects.filter(owner=author, client_id=client_id).first()
    runs = Generation.objects.filter(conversation=conversation, client_id=client_id, owner=author)
    generation = runs.select_related("message__parent").first()
    if conversation is None or generation is None:
        return None
    answer = generation.message
    if answer.deleted_at is not None:
        raise ConflictError("This was sent already, and deleted since.")
    question = answer.parent if answer.parent and answer.parent.client_id == client_id else None
    return Sent(conversation, question, answer, generation)


def setting_for(author: User, conversation: Conversation | None, model: LanguageModel, wanted: Wanted) -> Setting:
    """What holds for a run. Raises ParameterError for values that were just given and may not be sent.

    Those of the conversation that do not fit any more (another model, other rules) are left out: the inspector
    lists them.
    """
    if wanted.request_format and wanted.request_format not in model.formats:
        raise InvalidInputError(f"{model.name} isn't offered in that request format.", field="format")
    request_format = model.format_for(wanted.request_format or (conversation.request_format if conversation else ""))
    if wanted.parameters is not None:
        require_parameters(author, model, request_format=request_format, chosen=wanted.parameters)
        return Setting(model, request_format, dict(wanted.parameters))
    chosen = carried_over(conversation, model, request_format) if conversation else {}
    kept = fitting(author, model, request_format=request_format, chosen=chosen) if chosen else {}
    return Setting(model, request_format, kept)


def model_for(
    conversation: Conversation | None, wanted: LanguageModel | None, usual: uuid.UUID | None = None
) -> LanguageModel:
    """The model asked for, else the usual one here, else the conversation's, else the default; only enabled ones."""
    if wanted is not None:
        if not wanted.is_available:
            raise InvalidInputError("This model isn't available any more. Choose another one.", field="model")
        if wanted.is_shut_down:
            message = f"{wanted.name} was shut down on {wanted.shutdown_on:%d %B %Y}. Choose another model."
            raise InvalidInputError(message, field="model")
        return wanted
    candidates = (usual, conversation.model_id if conversation else None)
    known = LanguageModel.objects.to_send().in_bulk([pk for pk in candidates if pk])
    found = next((known[pk] for pk in candidates if pk in known), None) or LanguageModel.objects.default()
    if found is None:
        raise ConflictError("No model is set up yet. An admin can add one under Admin, Providers.")
    return found


def is_open(message: Message) -> bool:
    """Whether its text may still grow, as the database has it now."""
    return Generation.objects.unfinished().filter(message=message).exists()


def new_answer(
    conversation: Conversation, parent: Message | None, model: LanguageModel, client_id: uuid.UUID | None
) -> Message:
    return Message(
        conversation=conversation,
        parent=parent,
        role=Role.ASSISTANT,
        status=MessageStatus.QUEUED,
        model=model,
        model_name=model.name,
        client_id=client_id,
    )


def queue(
    asked: Asked,
    conversation: Conversation,
    question: Message | None,
    answer: Message,
    setting: Setting,
    *,
    is_continuation: bool = False,
    before: Sequence[Message] = (),
) -> Sent:
    """Queue a run for ``answer``, select its branch, and tell everybody once it is committed.

    A conversation that is not in the database yet is written with it.
    """
    if len(_UNFINISHED_OF(asked.author.pk)) >= settings.LIMIT_QUEUE_PER_USER:
        raise LimitError("Too many of your answers are waiting already. Stop some, or wait a little.")
    generation = Generation.objects.create(
        message=answer,
        conversation=conversation,
        owner=asked.author,
        model=setting.model,
        request_format=setting.request_format,
        parameters=setting.parameters,
        client_id=asked.client_id,
        is_continuation=is_continuation,
    )
    news: dict[str, object] = {"active_at": timezone.now(), "archived_at": None}
    if asked.author.pk == conversation.owner_id:
        news["has_unseen_answer"] = False
    if setting.is_kept:
        news |= {"request_format": setting.request_format, "parameters": setting.parameters}
    _write(conversation, {"selected_leaf": answer, "model": setting.model, **news})
    _announce(conversation, [*before, *([question] if question else []), answer], asked.origin)
    return Sent(conversation, question, answer, generation)


def _write(conversation: Conversation, changes: Mapping[str, object]) -> None:
    """Foreign keys are checked at the commit, so that a new conversation may come after its messages."""
    for name, value in changes.items():
        setattr(conversation, name, value)
    if conversation._state.adding:  # noqa: SLF001  # Django's documented way to ask
        conversation.revision = 1
        conversation.save(force_insert=True)
    else:
        conversation.touch(**changes)


def _announce(conversation: Conversation, messages: list[Message], origin: str) -> None:
    event = MessageAdded(
        conversation=str(conversation.pk),
        messages=[str(message.pk) for message in messages],
        parent=str(messages[0].parent_id) if messages[0].parent_id else None,
        revision=conversation.revision,
        origin=origin,
    )
    tell_readers(conversation, event)
    tell_people(conversation, ConversationChanged(str(conversation.pk)))
    transaction.on_commit(runner.wake)
