"""What the orders do: find what they name, among what this person may change, and call one action. Sync."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse

from conversations.actions import messages
from conversations.actions.conversations import select_branch
from conversations.actions.generations import stop_generation
from conversations.actions.images import ImageGiven
from conversations.actions.members import look_at as look_at_conversation
from conversations.actions.runs import AS_IT_IS, Sent, Wanted
from conversations.consumers.orders import (
    BranchSelect,
    ConversationOpen,
    GenerationStop,
    Image,
    MessageAnswerTools,
    MessageContinue,
    MessageEdit,
    MessageRegenerate,
    MessageRetry,
    MessageSend,
)
from conversations.exceptions import ConflictError, NotFoundError
from conversations.models import Conversation, Generation, LanguageModel, Message, User
from conversations.models.prepared import Prepared

Reply = dict[str, Any]
_MODEL_TO_SEND = Prepared(lambda pk: LanguageModel.objects.to_send().filter(pk=pk), uuid.UUID)


@transaction.atomic
def do(deed: Callable[..., Reply], user: User, order: Any, origin: str, join: Callable[[str], object]) -> Reply:
    """Do one deed. ``join`` gets its conversation before anybody hears of it, so that its tab misses nothing."""
    reply: Reply = {}
    transaction.on_commit(lambda: join(reply["conversation"]))
    reply |= deed(user, order, origin)
    return reply


@dataclass(frozen=True)
class Opened:
    """Where a conversation stands, the ids of its unfinished generations, and what the reader may do."""

    reply: Reply
    generations: list[str]
    is_shared: bool
    may_edit: bool


def open_conversation(user: User, order: ConversationOpen) -> Opened:
    conversation = _readable(user, order.conversation)
    look_at_conversation(user, conversation)
    open_ones = Generation.objects.unfinished().filter(conversation=conversation).order_by("id")
    leaf = conversation.selected_leaf_id
    reply = {"leaf": str(leaf) if leaf else None, "revision": conversation.revision}
    running = [str(pk) for pk in open_ones.values_list("pk", flat=True)]
    return Opened(reply, running, conversation.has_members, conversation.may_be_edited_by(user))


def require_visible(user: User, conversation: uuid.UUID) -> None:
    _readable(user, conversation)


def require_editable(user: User, conversation: uuid.UUID) -> None:
    _conversation(user, conversation)


def look_at(user: User, pk: uuid.UUID) -> None:
    """Note that somebody sees what was answered, if it is still theirs to read."""
    conversation = Conversation.objects.visible_to(user).filter(pk=pk).first()
    if conversation is not None:
        look_at_conversation(user, conversation)


def send(user: User, order: MessageSend, origin: str) -> Reply:
    conversation = _conversation(user, order.conversation) if order.conversation else None
    parent = _message(user, order.parent) if order.parent else None
    sent = messages.send_message(
        user,
        conversation=conversation,
        parent=parent,
        text=order.text,
        model=_model(order.model),
        client_id=order.client_id,
        origin=origin,
        wanted=_wanted(order),
        images=_images(order.images),
        is_temporary=order.temporary,
    )
    return _reply(sent)


def edit(user: User, order: MessageEdit, origin: str) -> Reply:
    message = _message(user, order.message)
    images = None if order.images is None else _images(order.images)
    sent = messages.edit_message(
        user, message, text=order.text, client_id=order.client_id, origin=origin, images=images
    )  # fmt: skip
    return _reply(sent)


def answer_tools(user: User, order: MessageAnswerTools, origin: str) -> Reply:
    message = _message(user, order.message)
    results = {result.call: result.text for result in order.results}
    return _reply(messages.answer_tools(user, message, results=results, client_id=order.client_id, origin=origin))


def regenerate(user: User, order: MessageRegenerate, origin: str) -> Reply:
    message, model = _message(user, order.message), _model(order.model)
    sent = messages.regenerate_answer(
        user, message, model=model, client_id=order.client_id, origin=origin, wanted=_wanted(order)
    )  # fmt: skip
    return _reply(sent)


def go_on(user: User, order: MessageContinue, origin: str) -> Reply:
    message = _message(user, order.message)
    return _reply(messages.continue_answer(user, message, client_id=order.client_id, origin=origin))


def retry(user: User, order: MessageRetry, origin: str) -> Reply:
    message = _message(user, order.message)
    return _reply(messages.retry_answer(user, message, client_id=order.client_id, origin=origin))


def select(user: User, order: BranchSelect, origin: str) -> Reply:
    message = _message(user, order.message)
    leaf = select_branch(message.conversation, message, origin)
    conversation = message.conversation
    return {"conversation": str(conversation.pk), "leaf": str(leaf.pk), "revision": conversation.revision}


def stop(user: User, order: GenerationStop) -> Reply:
    generation = Generation.objects.editable_by(user).filter(pk=order.generation).first()
    if generation is None:
        raise NotFoundError
    stop_generation(generation)
    return {}


def _wanted(order: MessageSend | MessageRegenerate) -> Wanted:
    """Names and values are checked against the model's schema by the action."""
    if order.parameters is None and not order.format:
        return AS_IT_IS
    return Wanted(order.format, order.parameters)


def _images(given: list[Image]) -> list[ImageGiven]:
    return [ImageGiven(image.file, image.url, image.detail, image.description) for image in given]


def _reply(sent: Sent) -> Reply:
    conversation, question = sent.conversation, sent.question
    return {
        "conversation": str(conversation.pk),
        "url": reverse("conversation-detail", args=[conversation.pk]),
        "title": conversation.title,
        "question": str(question.pk) if question else None,
        "answer": str(sent.answer.pk),
        "generation": str(sent.generation.pk),
        "revision": conversation.revision,
        "model_name": sent.answer.model_name,
    }


def _readable(user: User, pk: uuid.UUID) -> Conversation:
    conversation = Conversation.objects.visible_to(user).filter(pk=pk).first()
    if conversation is None:
        raise NotFoundError
    return conversation


def _conversation(user: User, pk: uuid.UUID) -> Conversation:
    conversation = Conversation.objects.editable_by(user).filter(pk=pk).first()
    if conversation is None:
        raise NotFoundError
    return conversation


def _message(user: User, pk: uuid.UUID) -> Message:
    rows = Message.objects.filter(conversation__in=Conversation.objects.editable_by(user))
    message = rows.select_related("conversation", "parent").filter(pk=pk).first()
    if message is None:
        raise NotFoundError
    if message.deleted_at is not None:
        raise ConflictError("This message was deleted meanwhile.")
    return message


def _model(pk: uuid.UUID | None) -> LanguageModel | None:
    """The model asked for, among those a person may choose: a hidden one is as unknown as any."""
    if pk is None:
        return None
    model = _MODEL_TO_SEND.first(pk)
    if model is None:
        raise NotFoundError("This model isn't available. Choose another one.")
    return model
