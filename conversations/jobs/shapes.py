"""What of an imported file's JSON is taken as it stands: only what has the shape that this site writes itself.

Pages and requests read these columns without looking twice. Whatever has another shape is left out; the texts, the
tree and the files of a conversation are never touched by that.
"""

import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal

import msgspec

from conversations.pricing import Prices
from conversations.transfer.pictures import web_address

_Length = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class _Sent(msgspec.Struct, forbid_unknown_fields=True):
    value: Any
    source: str


class _Place(msgspec.Struct, forbid_unknown_fields=True):
    id: uuid.UUID
    length: _Length


class _Before(msgspec.Struct, forbid_unknown_fields=True):
    text: _Length
    reasoning: _Length


class _Endpoint(msgspec.Struct, forbid_unknown_fields=True):
    kind: str = ""
    route: str = ""
    system_role: Literal["system", "developer"] = "system"
    sends_stream_options: bool = True
    returns_reasoning: bool = False
    base_url: str = ""


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    """As ``generation.context.build_request`` records it."""

    model: str = ""
    provider: str = ""
    endpoint: _Endpoint = msgspec.field(default_factory=_Endpoint)
    sees: bool = True
    format: Literal["", "chat_completions", "responses", "form"] = ""
    system_text: str = ""
    messages: list[_Place] = []
    dropped: _Length = 0
    parameters: dict[str, _Sent] = {}
    estimate: _Length = 0
    before: _Before | None = None


_ITEMS: Final = frozenset({
    "message", "function_call", "reasoning", "reasoning_details", "thinking_blocks", "extra_content",
    "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "custom_tool_call",
})  # fmt: skip
"""Kinds of what a model gave and gets back inside a tool loop. An item that speaks (as the system, say), answers a
call or refers to something else that the provider keeps is none of them."""


def request_record(value: Mapping[str, Any]) -> dict[str, Any]:
    """The record of what was sent for a run, or nothing."""
    try:
        found = msgspec.convert(value, _Request)
    except msgspec.ValidationError:
        return {}
    address = found.endpoint.base_url
    return dict(value) if not address or address.startswith("demo:") or web_address(address) else {}


def prices(value: Mapping[str, Any]) -> dict[str, Any]:
    """The prices of a run, or nothing."""
    try:
        Prices.of_texts(value)
    except (InvalidOperation, TypeError, ValueError):
        return {}
    return dict(value) if all(_is_amount(each) for each in value.values()) else {}


def provider_items(values: Iterable[Any]) -> list[dict[str, Any]]:
    """Those that a model could have given."""
    return [value for value in values if isinstance(value, dict) and _is_item(value)]


def _is_item(value: dict[str, Any]) -> bool:
    return isinstance(value.get("type"), str) and value["type"] in _ITEMS and "role" not in value


def _is_amount(value: Any) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and 0 <= value < 10**12
    amount = Decimal(value)
    return amount.is_finite() and 0 <= amount < 10**9
