"""Say something, say it differently, ask for another answer, let one go on."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from conversations import search
from conversations.actions.images import ImageGiven, images_of, prepared
from conversations.actions.runs import (
    AS_IT_IS,
    Asked,
    Sent,
    Setting,
    Wanted,
    done_before,
    is_open,
    model_for,
    new_answer,
    once,
    queue,
    setting_for,
)
from conversations.actions.texts import require_message_text
from conversations.exceptions import ConflictError, InvalidInputError
from conversations.models import (
    Conversation,
    Generation,
    LanguageModel,
    Message,
    MessageImage,
    MessageStatus,
    Role,
    User,
)
from conversations.models.conversations import title_from

CONTINUABLE = (MessageStatus.INTERRUPTED, MessageStatus.STOPPED, MessageStatus.FAILED)


@dataclass(frozen=True)
class _Said:
    text: str
    images: list[MessageImage]


def send_message(  # noqa: PLR0913  # all that one order may say
    author: User,
    *,
    conversation: Conversation | None,
    parent: Message | None,
    text: str,
    model: LanguageModel | None,
    client_id: uuid.UUID,
    origin: str = "",
    wanted: Wanted = AS_IT_IS,
    images: Sequence[ImageGiven] = (),
    is_temporary: bool = False,
) -> Sent:
    """Append a message below ``parent`` and queue the answer to it; without a conversation, begin one.

    ``wanted`` values become the conversation's. Done once per ``client_id``: the same order again returns what the
    first one made. Raises InvalidInputError (ParameterError for a parameter), ConflictError (the answer above is
    still being written) or LimitError.
    """
    text = require_message_text(text, may_be_empty=bool(images))

    def write() -> Sent:
        _require_parent(conversation, parent)
        setting = setting_for(author, conversation, model_for(conversation, model), wanted)
        said = _Said(text, prepared(author, images, setting.model))
        target = conversation or _begin(author, text, client_id, is_temporary=is_temporary)
        if target is not conversation or wanted != AS_IT_IS:
            setting = replace(setting, is_kept=True)
        return _append(Asked(author, client_id, origin), target, parent, said, setting)

    return once(author, conversation, client_id, write, about=parent)


def edit_message(
    author: User,
    message: Message,
    *,
    text: str,
    client_id: uuid.UUID,
    origin: str = "",
    images: Sequence[ImageGiven] | None = None,
) -> Sent:
    """Say a person's message differently: a sibling of it, with an answer of its own.

    ``images`` None: the same ones.
    """
    if message.role != Role.USER:
        raise InvalidInputError("Only your own messages can be edited.")
    given = images_of(message) if images is None else images
    text = require_message_text(text, may_be_empty=bool(given))

    def write() -> Sent:
        conversation = message.conversation
        setting = setting_for(author, conversation, model_for(conversation, None), AS_IT_IS)
        said = _Said(text, prepared(author, given, setting.model))
        return _append(Asked(author, client_id, origin), conversation, message.parent, said, setting)

    return once(author, message.conversation, client_id, write, about=message)


def regenerate_answer(
    author: User,
    message: Message,
    *,
    model: LanguageModel | None,
    client_id: uuid.UUID,
    origin: str = "",
    wanted: Wanted = AS_IT_IS,
) -> Sent:
    """Ask for another answer to the same question, by the same model if none is named: a sibling of ``message``.

    ``wanted`` values hold for this run only; without any, those of the conversation.
    """
    if not message.is_answer:
        raise InvalidInputError("Only an answer can be asked for again.")

    def write() -> Sent:
        _require_question(message)
        if is_open(message):
            raise ConflictError("This answer is still being written. Stop it first.")
        chosen = model_for(message.conversation, model, message.model_id)
        setting = setting_for(author, message.conversation, chosen, wanted)
        another = new_answer(message.conversation, message.parent, setting.model, client_id)
        another.save(force_insert=True)
        return queue(Asked(author, client_id, origin), message.conversation, None, another, setting)

    return once(author, message.conversation, client_id, write, about=message)


def answer_tools(
    author: User, message: Message, *, results: Mapping[str, str], client_id: uuid.UUID, origin: str = ""
) -> Sent:
    """Hand in what the called tools gave, one text for each call of an answer, and let the model go on.

    Raises InvalidInputError for missing or foreign calls, ConflictError while the answer is still being written.
    """
    calls = [call["id"] for call in message.tool_calls]
    if not message.is_answer or not calls:
        raise InvalidInputError("This answer called no tool.")
    if set(results) != set(calls):
        raise InvalidInputError("Give one result for each call.", field="results")
    texts = {call: require_message_text(results[call], may_be_empty=True) for call in calls}

    def write() -> Sent:
        if is_open(message):
            raise ConflictError("This answer is still being written. Wait for it or stop it.")
        conversation = message.conversation
        setting = setting_for(author, conversation, model_for(conversation, None, message.model_id), AS_IT_IS)
        rows = _results(author, message, texts)
        another = new_answer(conversation, rows[-1], setting.model, client_id)
        Message.objects.bulk_create([*rows, another])
        return queue(Asked(author, client_id, origin), conversation, None, another, setting, before=rows)

    return once(author, message.conversation, client_id, write, about=message)


def _results(author: User, message: Message, texts: Mapping[str, str]) -> list[Message]:
    """Unsaved, a chain below the answer that called, in the order of its calls."""
    rows: list[Message] = []
    for call, text in texts.items():
        parent = rows[-1] if rows else message
        about = {"conversation": message.conversation, "parent": parent, "author": author}
        rows.append(Message(role=Role.TOOL, text=text, tool_call_id=call, **about))
    return rows


def continue_answer(author: User, message: Message, *, client_id: uuid.UUID, origin: str = "") -> Sent:
    """Let an answer that broke off, was stopped or cut at the limit go on where it ended."""

    def write() -> Sent:
        if not message.is_answer or not message.text.strip():
            raise ConflictError("There is nothing to continue yet. Try again instead.")
        return _rerun(Asked(author, client_id, origin), message, is_continuation=True)

    return once(author, message.conversation, client_id, write, about=message)


def retry_answer(author: User, message: Message, *, client_id: uuid.UUID, origin: str = "") -> Sent:
    """Run an answer again. One that has text already is kept, and a sibling is made."""
    done = done_before(author, message.conversation, client_id)
    if done is not None:
        return done
    may_run_again = message.status in CONTINUABLE or message.is_open
    if message.is_answer and may_run_again and not message.text and not message.reasoning:
        rerun = partial(_rerun, Asked(author, client_id, origin), message, is_continuation=False)
        return once(author, message.conversation, client_id, rerun, about=message)
    return regenerate_answer(author, message, model=None, client_id=client_id, origin=origin)


def _require_parent(conversation: Conversation | None, parent: Message | None) -> None:
    if parent is None:
        return
    is_there = conversation is not None and parent.conversation_id == conversation.pk
    if not is_there or not (parent.is_answer or _lost_its_answer(parent)):
        raise InvalidInputError("A message can only follow an answer of the same conversation.", field="parent")
    if is_open(parent):
        raise ConflictError("The answer above is still being written. Wait for it or stop it.")


def _lost_its_answer(message: Message) -> bool:
    """Whether what followed it was deleted: then the conversation goes on from here."""
    return not message.children.filter(deleted_at=None).exists()


def _begin(author: User, text: str, client_id: uuid.UUID, *, is_temporary: bool) -> Conversation:
    """Unsaved: it is written with its first messages."""
    return Conversation(owner=author, title=title_from(text), client_id=client_id, is_temporary=is_temporary)


def _append(asked: Asked, conversation: Conversation, parent: Message | None, said: _Said, setting: Setting) -> Sent:
    question = Message(
        conversation=conversation,
        parent=parent,
        role=Role.USER,
        text=said.text,
        author=asked.author,
        client_id=asked.client_id,
    )
    reply = new_answer(conversation, question, setting.model, None)
    Message.objects.bulk_create([question, reply])
    for image in said.images:
        image.message = question
    MessageImage.objects.bulk_create(said.images)
    if not conversation.is_temporary:
        _index(asked, conversation, question, has_image=bool(said.images))
    return queue(asked, conversation, question, reply, setting)


def _index(asked: Asked, conversation: Conversation, question: Message, *, has_image: bool) -> None:
    entries = [search.Entry.of_message(question, conversation.owner_id, has_image=has_image)]
    if conversation.client_id == asked.client_id:  # it begins with this question
        entries.append(search.Entry.of_title(conversation))
    search.index_new(entries)


def _rerun(asked: Asked, message: Message, *, is_continuation: bool) -> Sent:
    """Queue another run for the same answer; only one may be open, and nothing may hang below it."""
    model = model_for(message.conversation, None, message.model_id)
    if not is_continuation:
        _require_question(message)
    if message.children.filter(deleted_at=None).exists():
        raise ConflictError("The conversation has gone on from here. Regenerate this answer instead.")
    may_go_on = [*CONTINUABLE, MessageStatus.COMPLETE] if is_continuation and _was_cut(message) else CONTINUABLE
    waiting = Message.objects.filter(pk=message.pk, status__in=may_go_on)
    search.forget_messages([message.pk])  # its end puts it in again
    if waiting.update(status=MessageStatus.QUEUED, model=model, model_name=model.name) != 1:
        running = Generation.objects.unfinished().filter(message=message).first()
        if running is None:
            raise ConflictError("This answer is complete. Regenerate it instead.")
        return Sent(message.conversation, None, message, running)
    message.status, message.model, message.model_name = MessageStatus.QUEUED, model, model.name
    setting = setting_for(asked.author, message.conversation, model, AS_IT_IS)
    return queue(asked, message.conversation, None, message, setting, is_continuation=is_continuation)


def _require_question(message: Message) -> None:
    """An answer may have lost what it answers: that was deleted alone."""
    if message.parent is None or message.parent.is_answer:
        raise ConflictError("What this answers was deleted, so it can't be asked for again. Write a new message.")


def _was_cut(message: Message) -> bool:
    """Whether its newest run ended at the limit of tokens."""
    newest = message.generations.order_by("-id").first()
    return newest is not None and newest.finish_reason == "length"
