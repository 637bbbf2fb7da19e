"""What a browser may ask for over the socket, and how a frame becomes a typed order.

A frame is one JSON object (RFC 8259) whose ``type`` is one of the tags below; the protocol as a whole stands in
``conversations.events``. Fields not named here are ignored, those named are checked, so that nothing untyped goes on.
"""

from __future__ import annotations

import json
import uuid
from typing import Annotated, Any, NoReturn

import msgspec
from django.conf import settings

from conversations.exceptions import InvalidInputError, TooLargeError, UnknownOrderError

OrderId = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class _Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    id: OrderId = ""


class ConversationOpen(_Order, frozen=True, kw_only=True, tag="conversation.open"):
    conversation: uuid.UUID
    have: dict[uuid.UUID, Seq] = {}


class ConversationClose(_Order, frozen=True, kw_only=True, tag="conversation.close"):
    conversation: uuid.UUID


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """A picture: a file handed over before, or an address that the provider fetches."""

    file: uuid.UUID | None = None
    url: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    detail: Annotated[str, msgspec.Meta(max_length=10)] = ""
    description: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class ToolResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one call gave; ``call`` is its id."""

    call: Annotated[str, msgspec.Meta(max_length=200)]
    text: str


RequestFormat = Annotated[str, msgspec.Meta(max_length=30)]


class MessageSend(_Order, frozen=True, kw_only=True, tag="message.send"):
    client_id: uuid.UUID
    text: str
    conversation: uuid.UUID | None = None
    parent: uuid.UUID | None = None
    model: uuid.UUID | None = None
    format: RequestFormat = ""
    parameters: dict[str, Any] | None = None
    """The values of the conversation from now on; None: as they are."""
    images: list[Image] = []
    temporary: bool = False
    """Of a conversation that begins with it."""


class MessageEdit(_Order, frozen=True, kw_only=True, tag="message.edit"):
    client_id: uuid.UUID
    message: uuid.UUID
    text: str
    images: list[Image] | None = None
    """None: those of the edited message."""


class MessageAnswerTools(_Order, frozen=True, kw_only=True, tag="message.answer_tools"):
    client_id: uuid.UUID
    message: uuid.UUID
    results: list[ToolResult]


class MessageRegenerate(_Order, frozen=True, kw_only=True, tag="message.regenerate"):
    client_id: uuid.UUID
    message: uuid.UUID
    model: uuid.UUID | None = None
    format: RequestFormat = ""
    parameters: dict[str, Any] | None = None
    """For this run only; None: as in the conversation."""


class MessageContinue(_Order, frozen=True, kw_only=True, tag="message.continue"):
    client_id: uuid.UUID
    message: uuid.UUID


class MessageRetry(_Order, frozen=True, kw_only=True, tag="message.retry"):
    client_id: uuid.UUID
    message: uuid.UUID


class BranchSelect(_Order, frozen=True, kw_only=True, tag="branch.select"):
    message: uuid.UUID


class GenerationStop(_Order, frozen=True, kw_only=True, tag="generation.stop"):
    generation: uuid.UUID


class PresenceTyping(_Order, frozen=True, kw_only=True, tag="presence.typing"):
    conversation: uuid.UUID


class Ack(_Order, frozen=True, kw_only=True, tag="ack"):
    generation: uuid.UUID
    seq: Seq


class Ping(_Order, frozen=True, kw_only=True, tag="ping"):
    pass


Order = (
    ConversationOpen
    | ConversationClose
    | MessageSend
    | MessageEdit
    | MessageAnswerTools
    | MessageRegenerate
    | MessageContinue
    | MessageRetry
    | BranchSelect
    | GenerationStop
    | PresenceTyping
    | Ack
    | Ping
)
TYPES = frozenset(
    str(each.__struct_config__.tag)
    for each in (
        ConversationOpen,
        ConversationClose,
        MessageSend,
        MessageEdit,
        MessageAnswerTools,
        MessageRegenerate,
        MessageContinue,
        MessageRetry,
        BranchSelect,
        GenerationStop,
        PresenceTyping,
        Ack,
        Ping,
    )
)


def parse_frame(frame: str) -> dict[str, Any]:
    """The object in a frame. Raises TooLargeError or InvalidInputError for all that is not one plain JSON object."""
    if len(frame) > settings.LIMIT_FRAME_BYTES or len(frame.encode()) > settings.LIMIT_FRAME_BYTES:
        raise TooLargeError(f"A frame may have at most {settings.LIMIT_FRAME_BYTES:,} bytes.")
    counter = _KeyCounter()
    try:
        value = json.loads(frame, object_pairs_hook=counter.object, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidInputError("The frame is not valid JSON.") from None
    if not isinstance(value, dict):
        raise InvalidInputError("A frame is one JSON object.")
    if _depth(value) > settings.LIMIT_JSON_DEPTH:
        raise InvalidInputError("The frame is nested too deeply.")
    return value


def read_order(value: dict[str, Any]) -> Order:
    """The typed order. Raises UnknownOrderError, or InvalidInputError naming the field that is wrong."""
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise UnknownOrderError
    try:
        order: Order = msgspec.convert(value, type=Order)
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"The order can't be read: {error}.") from None
    except UnicodeEncodeError:
        raise InvalidInputError("The order can't be read: an id in it is no text.") from None
    return order


class _KeyCounter:
    """Counts the keys of all objects in a frame and refuses one that stands twice in the same object."""

    def __init__(self) -> None:
        self.count = 0

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self.count += len(pairs)
        value = dict(pairs)
        if len(value) != len(pairs) or self.count > settings.LIMIT_JSON_KEYS:
            raise ValueError
        return value


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


def _depth(value: Any) -> int:
    deepest, open_values = 0, [(value, 1)]
    while open_values:
        current, level = open_values.pop()
        deepest = max(deepest, level)
        children = current.values() if isinstance(current, dict) else current if isinstance(current, list) else ()
        open_values.extend((child, level + 1) for child in children if isinstance(child, dict | list))
    return deepest
