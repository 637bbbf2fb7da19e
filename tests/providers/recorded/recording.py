"""One answer in the shape a server sends it, and what it means. The words are our own."""

import json
from dataclasses import dataclass
from typing import Any

from conversations.providers.base import CHAT_COMPLETIONS, RESPONSES, UsageReport

Call = tuple[str, str, str]


@dataclass(frozen=True)
class Recording:
    """``text`` is what the official client makes of it; ``shown`` what we show, where reasoning stood in the text."""

    server: str
    name: str
    format: str
    body: str
    text: str = ""
    reason: str = "stop"
    reasoning: str = ""
    calls: tuple[Call, ...] = ()
    usage: UsageReport | None = None
    shown: str | None = None
    refusal: str = ""
    citations: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    """The types of what goes back in a tool loop."""
    statuses: tuple[tuple[str, str], ...] = ()

    @property
    def is_stream(self) -> bool:
        return not self.body.startswith("{")

    def __str__(self) -> str:
        return f"{self.server}: {self.name}"


def chat(server: str, name: str, *events: Any, **meaning: Any) -> Recording:
    """A stream of Chat Completions; a string among the events goes as it is."""
    body = "".join(event if isinstance(event, str) else f"data: {_json(event)}\n\n" for event in events)
    return Recording(server, name, CHAT_COMPLETIONS, body, **meaning)


def responses(server: str, name: str, *events: dict[str, Any], **meaning: Any) -> Recording:
    """A stream of Responses; the events are numbered here."""
    numbered = [{**event, "sequence_number": number} for number, event in enumerate(events)]
    body = "".join(f"event: {event['type']}\ndata: {_json(event)}\n\n" for event in numbered)
    return Recording(server, name, RESPONSES, body, **meaning)


def document(server: str, name: str, made_for: str, value: dict[str, Any], **meaning: Any) -> Recording:
    """A whole answer without a stream."""
    return Recording(server, name, made_for, _json(value), **meaning)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
