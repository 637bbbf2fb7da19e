"""What an upstream's error body says, whatever its shape.

Shapes differ between servers: ``{"error": {…}}``, ``{"error": "text"}``, ``{"error": […]}``, ``{"errors": […]}``,
``{"message": …}``, ``{"detail": …}``, an array of one of these, HTML, or nothing.
"""

import re
from dataclasses import dataclass
from typing import Any

from conversations.exceptions import ProviderProtocolError
from conversations.providers.payloads import clean, count, mapping, parsed, sequence, spoken

_NAMED_IN_TEXT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"unrecognized request arguments? supplied: ([A-Za-z][\w.]{0,40})",
        r"un(?:known|supported) (?:parameter|value):? ['\"`]([A-Za-z][\w.]{0,40})['\"`]",
        r"unknown name [\\]?['\"`]([A-Za-z][\w.]{0,40})",
        r"does not support parameters: \[?['\"{]+([A-Za-z][\w.]{0,40})",
        r"['\"`]([A-Za-z][\w.]{0,40})['\"`] is not (?:supported|a supported|permitted)",
    )
)
"""Servers that name the parameter only in the text of their refusal."""
_LONGEST_TEXT = 8000


@dataclass(frozen=True)
class Refusal:
    """What an error body says, each part as text; all may be empty. ``parameter`` is what it complains of;
    ``requested`` and ``limit`` are tokens."""

    message: str = ""
    code: str = ""
    kind: str = ""
    parameter: str = ""
    requested: int | None = None
    limit: int | None = None

    def matches(self, pattern: re.Pattern[str]) -> bool:
        return any(pattern.search(part) for part in (self.code, self.kind, self.message[:4000]))


def refusal_in(payload: Any) -> Refusal:
    """The refusal that a JSON value of any known shape describes."""
    if isinstance(payload, list):
        payload = payload[0] if payload else None
    if isinstance(payload, str):
        return Refusal(message=clean(payload))
    outer = mapping(payload)
    inner = outer.get("error") or next(iter(sequence(outer.get("errors"))), None) or outer
    if isinstance(inner, list):
        inner = inner[0] if inner else None
    if isinstance(inner, str):
        return Refusal(message=clean(inner), parameter=_named_in(inner))
    return _refusal_of(mapping(inner))


def _refusal_of(fields: dict[str, Any]) -> Refusal:
    given = fields.get("message") or fields.get("detail") or fields.get("msg")
    message = "; ".join(filter(None, [_as_text(given), _as_text(mapping(fields.get("metadata")).get("raw"))]))
    inside = mapping(fields.get("innererror"))
    return Refusal(
        message=message[:_LONGEST_TEXT],
        code=_as_text(fields.get("code")),
        kind=_as_text(fields.get("type") or fields.get("status") or inside.get("code")),
        parameter=_as_text(fields.get("param")) or _located(given) or _named_in(message),
        requested=count(fields.get("n_prompt_tokens")),
        limit=count(fields.get("n_ctx")),
    )


def _as_text(value: Any) -> str:
    """Text of a field that should be a string: a number, or a list of strings and complaints, will do too."""
    items = [mapping(item).get("msg", item) for item in value[:20]] if isinstance(value, list) else [value]
    return clean("; ".join(filter(None, map(spoken, items))))[:_LONGEST_TEXT]


def _located(value: Any) -> str:
    """The field of the body that a validation of FastAPI's kind points to."""
    places = sequence(mapping(next(iter(sequence(value)), None)).get("loc"))
    is_field = len(places) > 1 and places[0] == "body" and isinstance(places[1], str)
    return clean(places[1]) if is_field else ""


def _named_in(text: str) -> str:
    found = (pattern.search(text[:4000]) for pattern in _NAMED_IN_TEXT)
    return next((match[1].rstrip(".") for match in found if match), "")


def refusal_of_body(body: bytes) -> Refusal:
    """The same for the bytes of an error answer: JSON, a page of a proxy, plain text or nothing."""
    try:
        return refusal_in(parsed(body))
    except ProviderProtocolError:
        text = clean(body.decode("utf-8", "replace")).strip()
        if text.startswith("<"):
            text = re.sub(r"\s+", " ", re.sub(r"<[^>]{0,2000}>", " ", text)).strip()
        return Refusal(message=text)
