"""From the branch above an answer to the request that is sent for it, and back from its record."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import takewhile
from typing import Any

from conversations.exceptions import ContextOverflowError
from conversations.generation.branches import Branches, Pictures, pictures_of
from conversations.generation.parameters import Policies
from conversations.models import Generation, LanguageModel, Message, MessageImage, Overflow, Role
from conversations.providers.base import (
    CONTINUE_INSTRUCTION,
    ChatMessage,
    ChatRequest,
    Endpoint,
    ToolCall,
)
from conversations.schemas.resolving import Resolution
from conversations.tokens import Counter, counter_for

ESTIMATE = Counter()
SHAPING = ("kind", "route", "system_role", "sends_stream_options", "returns_reasoning")
"""What of an endpoint decides, beside its address, how a request looks."""
TOKENS_OF_A_MESSAGE = 4
TOKENS_OF_AN_IMAGE = 1000
"""A guess for the gauge: what one picture costs differs by model and size."""
MOST_IMAGE_BYTES = 40_000_000
"""Of the pictures in one request, before they become text; no provider takes more than 50 MB of that."""


def build_request(
    generation: Generation, model: LanguageModel, endpoint: Endpoint, policies: Policies, branches: Branches
) -> tuple[ChatRequest, dict[str, Any]]:
    """The request, and the record of it that is kept: texts by message id and length, so that it stays small.

    ``estimate`` in it is about how many tokens that is, and ``before`` how long the answer was that is continued, for a
    run whose end nobody counts.

    The rules of now are applied to what was chosen when it was sent. Answers without text are left out (many servers
    refuse empty ones). A continuation ends with what the answer says so far and the instruction to go on from there.
    Raises ParameterError or ContextOverflowError.
    """
    owner, chosen = generation.owner, generation.parameters
    in_force = policies.require_in_force(owner, model, generation.request_format, chosen)
    branch = branches.of(generation.message_id)
    earlier = branch if generation.is_continuation else branch[:-1]
    spoken = _without_orphans(earlier)
    sees = _sees(model)
    messages = _chat_messages(spoken, branches.pictures if sees else {})
    dropped = _too_many(messages, model, in_force.system_text)
    spoken, messages = spoken[dropped:], messages[dropped:]
    request_format = model.format_for(generation.request_format)
    record = {
        "model": model.wire_name,
        "provider": model.provider.name,
        "endpoint": {name: getattr(endpoint, name) for name in SHAPING} | {"base_url": _address(endpoint)},
        "sees": sees,
        "format": request_format,
        "system_text": in_force.system_text,
        "messages": [{"id": str(message.pk), "length": len(message.text)} for message in spoken],
        "dropped": dropped,
        "parameters": _sent(in_force),
    }
    request = _request(record, messages, is_continuation=generation.is_continuation)
    record["estimate"] = tokens_of(request.messages)
    if generation.is_continuation:
        answer = branch[-1]
        record["before"] = {"text": len(answer.text), "reasoning": len(answer.reasoning)}
    return request, record


def _sent(in_force: Resolution) -> dict[str, dict[str, Any]]:
    """The values that are sent, each with where it comes from."""
    sources = {each.parameter.name: each.source for each in in_force.parameters}
    return {name: {"value": value, "source": sources[name]} for name, value in in_force.values.items()}


def request_of(generation: Generation) -> tuple[Endpoint, ChatRequest]:
    """What was sent for this run, put together again from its record and the messages, which never change.

    Where messages are gone, so are their texts. Raises ConflictError's kin only for keys that can't be read.
    """
    record = generation.request
    lengths = {uuid.UUID(each["id"]): each["length"] for each in record.get("messages", ())}
    rows = Message.objects.live().filter(conversation=generation.conversation_id).in_bulk(list(lengths))
    there = [rows[pk] for pk in lengths if pk in rows]
    for message in there:
        message.text = message.text[: lengths[message.pk]]
    spoken = _without_orphans(there)
    model = generation.model
    sees = record.get("sees", model is None or _sees(model))
    messages = _chat_messages(spoken, pictures_of(spoken) if sees else {})
    request = _request(record, messages, is_continuation=generation.is_continuation)
    now = model.provider.endpoint() if model else Endpoint(id="", kind="openai_compatible", base_url="")
    return _as_it_was(now, record.get("endpoint", {})), request


def _as_it_was(now: Endpoint, then: Mapping[str, Any]) -> Endpoint:
    """Today's endpoint with what shaped the request at the time of the run."""
    is_same_address = then.get("base_url") == _address(now)
    return replace(now, **{**then, "base_url": now.base_url} if is_same_address else then)


def _address(endpoint: Endpoint) -> str:
    """Without the query, which may hold a key."""
    return endpoint.base_url.partition("?")[0]


def _request(record: dict[str, Any], messages: Sequence[ChatMessage], *, is_continuation: bool) -> ChatRequest:
    system = [ChatMessage("system", record["system_text"])] if record.get("system_text") else []
    last = [ChatMessage("user", CONTINUE_INSTRUCTION)] if is_continuation else []
    values = {name: each["value"] for name, each in record.get("parameters", {}).items()}
    return ChatRequest(record.get("model", ""), (*system, *messages, *last), record.get("format", ""), values)


def tokens_of(messages: Iterable[ChatMessage]) -> int:
    """About how many tokens a request has."""
    return sum(_tokens_of_one(message, ESTIMATE) for message in messages)


def _tokens_of_one(message: ChatMessage, counter: Counter) -> int:
    """The texts as the counter says; what stands between them, and pictures, as a guess."""
    texts = counter.count(message.content) + sum(counter.count(call.arguments) for call in message.tool_calls)
    return TOKENS_OF_A_MESSAGE + texts + TOKENS_OF_AN_IMAGE * len(message.images)


def conversation_so_far(leaf: Message | None, model: LanguageModel) -> list[ChatMessage]:
    """The branch down to ``leaf`` as it would be sent to a model."""
    if leaf is None:
        return []
    branch = Message.objects.defer("html", "reasoning").branch(leaf.conversation_id, leaf.pk)
    spoken = _without_orphans(branch)
    return _chat_messages(spoken, pictures_of(spoken) if _sees(model) else {})


def _sees(model: LanguageModel) -> bool:
    return model.can("vision") or not model.knows_abilities


def _too_many(messages: Sequence[ChatMessage], model: LanguageModel, system_text: str) -> int:
    """How many of the oldest messages are left out; 0 where all fit or nobody knows the window."""
    window = model.context_window
    system = [ChatMessage("system", system_text)] if system_text else []
    if window is None or (rough := tokens_of([*system, *messages])) <= window // 2:
        return 0
    counter = counter_for(model.wire_name) if rough < 4 * window else ESTIMATE  # to count takes time
    room = window - sum(_tokens_of_one(message, counter) for message in system)
    sizes = [_tokens_of_one(message, counter) for message in messages]
    needed = sum(sizes)
    if needed <= room:
        return 0
    if model.overflow == Overflow.REFUSE:
        raise ContextOverflowError(
            f"The conversation is too long for {model.name}: it has about {needed + window - room:,} tokens, and the "
            f"model reads {window:,}. Start a new one, edit an earlier message, or choose a model with a larger window."
        )
    for place, message in enumerate(messages):
        if place and message.role == Role.USER and needed <= room:  # a request begins with what a person said
            return place
        needed -= sizes[place]
    raise ContextOverflowError(
        f"The last message alone is too long for {model.name}, which reads {window:,} tokens. Shorten it, or choose a "
        "model with a larger window."
    )


def _without_orphans(branch: Sequence[Message]) -> list[Message]:
    """What can be sent: no empty messages, no call without its result, no result without its call."""
    kept: list[Message] = []
    for place, message in enumerate(branch):
        if message.role == Role.TOOL:
            continue  # taken with the answer that called
        results = list(takewhile(lambda each: each.role == Role.TOOL, branch[place + 1 :]))
        answered = {result.tool_call_id for result in results}
        if message.tool_calls and {call["id"] for call in message.tool_calls} <= answered:
            kept += [message, *results]
        elif message.text or message.role == Role.USER:
            kept.append(_without_calls(message) if message.tool_calls else message)
    return kept


def _without_calls(message: Message) -> Message:
    """Another branch that goes through the same message may hold their results."""
    changed = copy(message)
    changed.tool_calls = []
    return changed


def _chat_messages(spoken: Sequence[Message], pictures: Pictures) -> list[ChatMessage]:
    _require_room_for(picture for message in spoken for picture in pictures.get(message.pk, ()))
    last_question = max((place for place, each in enumerate(spoken) if each.role == Role.USER), default=-1)
    return [
        _chat_message(message, pictures.get(message.pk, ()), is_in_loop=place > last_question)
        for place, message in enumerate(spoken)
    ]


def _require_room_for(images: Iterable[MessageImage]) -> None:
    """Raises ContextOverflowError, before any of them is read from the disk."""
    size = sum(image.file.size for image in images if image.file)
    if size > MOST_IMAGE_BYTES:
        raise ContextOverflowError(
            f"The pictures in this conversation are too large together: they have {size / 1_000_000:,.0f} MB, and "
            f"{MOST_IMAGE_BYTES / 1_000_000:,.0f} MB can be sent at once. Start a new conversation, or edit an earlier "
            "message without them."
        )


def _chat_message(message: Message, pictures: Iterable[MessageImage], *, is_in_loop: bool) -> ChatMessage:
    """Thoughts and opaque items go back with calls only, and on a new question no more."""
    calls = tuple(ToolCall(call["id"], call["name"], call["arguments"]) for call in message.tool_calls)
    return ChatMessage(
        role=message.role,
        content=message.text,
        images=tuple(picture.part() for picture in pictures),
        tool_calls=calls,
        tool_call_id=message.tool_call_id,
        reasoning=message.reasoning if calls and is_in_loop else "",
        items=tuple(message.provider_items) if calls and is_in_loop else (),
    )
