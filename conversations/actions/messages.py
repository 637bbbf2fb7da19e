"""Say something, say it differently, ask for another answer, let one go on."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.actions.texts import require_message_text
from conversations.events import ConversationChanged, MessageAdded, conversation_topic, publish, user_topic
from conversations.exceptions import ChatError, ConflictError, InvalidInputError, LimitError
from conversations.generation import runner
from conversations.models import Conversation, Generation, LanguageModel, Message, MessageStatus, Role, User
from conversations.models.conversations import title_from

CONTINUABLE = (MessageStatus.INTERRUPTED, MessageStatus.STOPPED, MessageStatus.FAILED)


@dataclass(frozen=True)
class Sent:
    """What a deed made; ``question`` is None where only an answer was asked for."""

    conversation: Conversation
    question: Message | None
    answer: Message
    generation: Generation


@dataclass(frozen=True)
class _Asked:
    """Who asked, by which order, from which socket."""

    author: User
    client_id: uuid.UUID
    origin: str


def send_message(
    author: User,
    *,
    conversation: Conversation | None,
    parent: Message | None,
    text: str,
    model: LanguageModel | None,
    client_id: uuid.UUID,
    origin: str = "",
) -> Sent:
    """Append a message below ``parent`` and queue the answer to it; without a conversation, begin one.

    Done once per ``client_id``: the same order again returns what the first one made.
    Raises InvalidInputError, ConflictError (the answer above is still being written) or LimitError.
    """
    text = require_message_text(text)

    def write() -> Sent:
        _require_parent(conversation, parent)
        chosen = _model_for(conversation, model)
        target = conversation or _begin(author, text, client_id)
        return _append(_Asked(author, client_id, origin), target, parent, text, chosen)

    return _once(author, conversation, client_id, write)


def edit_message(author: User, message: Message, *, text: str, client_id: uuid.UUID, origin: str = "") -> Sent:
    """Say a person's message differently: a sibling of it, with an answer of its own."""
    if message.is_answer:
        raise InvalidInputError("Only your own messages can be edited.")
    text = require_message_text(text)

    def write() -> Sent:
        chosen = _model_for(message.conversation, None)
        return _append(_Asked(author, client_id, origin), message.conversation, message.parent, text, chosen)

    return _once(author, message.conversation, client_id, write)


def regenerate_answer(
    author: User, message: Message, *, model: LanguageModel | None, client_id: uuid.UUID, origin: str = ""
) -> Sent:
    """Ask for another answer to the same question, by the same model if none is named: a sibling of ``message``."""
    if not message.is_answer or message.parent is None:
        raise InvalidInputError("Only an answer can be asked for again.")

    def write() -> Sent:
        if _is_open(message):
            raise ConflictError("This answer is still being written. Stop it first.")
        chosen = _model_for(message.conversation, model, message.model_id)
        answer = _answer(message.conversation, message.parent, chosen, client_id)
        answer.save(force_insert=True)
        return _queue(_Asked(author, client_id, origin), message.conversation, None, answer, chosen)

    return _once(author, message.conversation, client_id, write)


def continue_answer(author: User, message: Message, *, client_id: uuid.UUID, origin: str = "") -> Sent:
    """Let an answer that broke off, was stopped or cut at the limit go on where it ended."""

    def write() -> Sent:
        if not message.is_answer or not message.text.strip():
            raise ConflictError("There is nothing to continue yet. Try again instead.")
        return _rerun(_Asked(author, client_id, origin), message, is_continuation=True)

    return _once(author, message.conversation, client_id, write)


def retry_answer(author: User, message: Message, *, client_id: uuid.UUID, origin: str = "") -> Sent:
    """Run an answer again. One that has text already is kept, and a sibling is made."""
    done = _done_before(author, message.conversation, client_id)
    if done is not None:
        return done
    may_run_again = message.status in CONTINUABLE or message.is_open
    if message.is_answer and may_run_again and not message.text and not message.reasoning:
        rerun = partial(_rerun, _Asked(author, client_id, origin), message, is_continuation=False)
        return _once(author, message.conversation, client_id, rerun)
    return regenerate_answer(author, message, model=None, client_id=client_id, origin=origin)


def _once(author: User, conversation: Conversation | None, client_id: uuid.UUID, write: Callable[[], Sent]) -> Sent:
    try:
        with transaction.atomic():
            return write()
    except (IntegrityError, ChatError):  # what is refused now may have been done when it was asked first
        done = _done_before(author, conversation, client_id)
        if done is None:
            raise
        return done


def _done_before(author: User, conversation: Conversation | None, client_id: uuid.UUID) -> Sent | None:
    """What the same order made when it was given first."""
    if conversation is None:
        conversation = Conversation.objects.filter(owner=author, client_id=client_id).first()
    runs = Generation.objects.filter(conversation=conversation, client_id=client_id).select_related("message__parent")
    generation = runs.first()
    if conversation is None or generation is None:
        return None
    answer = generation.message
    question = answer.parent if answer.parent and answer.parent.client_id == client_id else None
    return Sent(conversation, question, answer, generation)


def _require_parent(conversation: Conversation | None, parent: Message | None) -> None:
    if parent is None:
        return
    if conversation is None or parent.conversation_id != conversation.pk or not parent.is_answer:
        raise InvalidInputError("A message can only follow an answer of the same conversation.", field="parent")
    if _is_open(parent):
        raise ConflictError("The answer above is still being written. Wait for it or stop it.")


def _is_open(message: Message) -> bool:
    """Whether its text may still grow, as the database has it now."""
    return Generation.objects.unfinished().filter(message=message).exists()


def _model_for(
    conversation: Conversation | None, wanted: LanguageModel | None, usual: uuid.UUID | None = None
) -> LanguageModel:
    """The model asked for, else the usual one here, else the conversation's, else the default; only enabled ones."""
    available = LanguageModel.objects.available()
    if wanted is not None:
        found = available.filter(pk=wanted.pk).first()
        if found is None:
            raise InvalidInputError("This model isn't available any more. Choose another one.", field="model")
        return found
    candidates = (usual, conversation.model_id if conversation else None)
    known = available.in_bulk([pk for pk in candidates if pk])
    found = next((known[pk] for pk in candidates if pk in known), None) or LanguageModel.objects.default()
    if found is None:
        raise ConflictError("No model is set up yet. An admin can add one under Admin, Providers.")
    return found


def _begin(author: User, text: str, client_id: uuid.UUID) -> Conversation:
    return Conversation.objects.create(owner=author, title=title_from(text), client_id=client_id)


def _append(asked: _Asked, conversation: Conversation, parent: Message | None, text: str, model: LanguageModel) -> Sent:
    question = Message(
        conversation=conversation,
        parent=parent,
        role=Role.USER,
        text=text,
        author=asked.author,
        client_id=asked.client_id,
    )
    answer = _answer(conversation, question, model, None)
    Message.objects.bulk_create([question, answer])
    return _queue(asked, conversation, question, answer, model)


def _answer(
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


def _queue(
    asked: _Asked,
    conversation: Conversation,
    question: Message | None,
    answer: Message,
    model: LanguageModel,
    *,
    is_continuation: bool = False,
) -> Sent:
    """Queue a run for ``answer``, select its branch, and tell everybody once it is committed."""
    if Generation.objects.unfinished().filter(owner=asked.author).count() >= settings.LIMIT_QUEUE_PER_USER:
        raise LimitError("Too many of your answers are waiting already. Stop some, or wait a little.")
    generation = Generation.objects.create(
        message=answer,
        conversation=conversation,
        owner=asked.author,
        model=model,
        client_id=asked.client_id,
        is_continuation=is_continuation,
    )
    conversation.touch(selected_leaf=answer, model=model, active_at=timezone.now(), has_unseen_answer=False)
    conversation.refresh_from_db(fields=["revision"])
    conversation.selected_leaf, conversation.model = answer, model
    _announce(conversation, [question, answer] if question else [answer], asked.origin)
    return Sent(conversation, question, answer, generation)


def _announce(conversation: Conversation, messages: list[Message], origin: str) -> None:
    event = MessageAdded(
        conversation=str(conversation.pk),
        messages=[str(message.pk) for message in messages],
        parent=str(messages[0].parent_id) if messages[0].parent_id else None,
        revision=conversation.revision,
        origin=origin,
    )
    changed = ConversationChanged(str(conversation.pk))
    transaction.on_commit(partial(publish, conversation_topic(conversation.pk), event))
    transaction.on_commit(partial(publish, user_topic(conversation.owner_id), changed))
    transaction.on_commit(runner.wake)


def _rerun(asked: _Asked, message: Message, *, is_continuation: bool) -> Sent:
    """Queue another run for the same answer; only one may be open, and nothing may hang below it."""
    model = _model_for(message.conversation, None, message.model_id)
    if message.children.exists():
        raise ConflictError("The conversation has gone on from here. Regenerate this answer instead.")
    may_go_on = [*CONTINUABLE, MessageStatus.COMPLETE] if is_continuation and _was_cut(message) else CONTINUABLE
    waiting = Message.objects.filter(pk=message.pk, status__in=may_go_on)
    if waiting.update(status=MessageStatus.QUEUED, model=model, model_name=model.name) != 1:
        running = Generation.objects.unfinished().filter(message=message).first()
        if running is None:
            raise ConflictError("This answer is complete. Regenerate it instead.")
        return Sent(message.conversation, None, message, running)
    message.status, message.model, message.model_name = MessageStatus.QUEUED, model, model.name
    return _queue(asked, message.conversation, None, message, model, is_continuation=is_continuation)


def _was_cut(message: Message) -> bool:
    """Whether its newest run ended at the limit of tokens."""
    newest = message.generations.order_by("-id").first()
    return newest is not None and newest.finish_reason == "length"
