"""What a provider wants back unchanged inside a tool loop, gathered from the pieces of a Chat Completions answer.

Each becomes a ProviderItem ``{"type": name of the field, "value": …}``: ``reasoning_details`` (OpenRouter),
``thinking_blocks`` (LiteLLM before Anthropic) and ``extra_content`` (Google), the last one also with the
``tool_call_id`` of the call that carried it.
"""

from typing import Any, Final

import msgspec

from conversations.providers.base import ProviderItem
from conversations.providers.payloads import mapping, sequence, storable

_LISTS: Final = ("reasoning_details", "thinking_blocks")
_GROWING: Final = ("text", "summary", "thinking", "data")


class ItemGatherer:
    """Puts pieces together that continue one another. ``size`` counts bytes."""

    def __init__(self) -> None:
        self.size = 0
        self._lists: dict[str, list[dict[str, Any]]] = {}
        self._extra: Any = None

    def feed(self, delta: dict[str, Any]) -> None:
        for name in _LISTS:
            for value in sequence(delta.get(name)):
                self._take(self._lists.setdefault(name, []), mapping(storable(value)))
        if mapping(delta.get("extra_content")):
            self._extra = storable(delta["extra_content"])
            self.size += encoded_size(self._extra)

    def finish(self) -> list[ProviderItem]:
        made = [ProviderItem({"type": name, "value": value}) for name, value in self._lists.items() if value]
        if self._extra:
            made.append(ProviderItem({"type": "extra_content", "value": self._extra}))
        self._lists, self._extra = {}, None
        return made

    def _take(self, taken: list[dict[str, Any]], piece: dict[str, Any]) -> None:
        if not piece:
            return
        self.size += encoded_size(piece)
        if not (taken and _continues(taken[-1], piece)):
            taken.append(dict(piece))
            return
        last = taken[-1]
        for name, value in piece.items():
            if name in _GROWING and isinstance(value, str) and isinstance(last.get(name), str):
                last[name] += value
            elif last.get(name) in (None, ""):
                last[name] = value


def _continues(last: dict[str, Any], piece: dict[str, Any]) -> bool:
    """Whether a piece goes on with the entry before it; one that was signed is complete."""
    if last.get("signature") or any(piece.get(name) != last.get(name) for name in ("type", "index")):
        return False
    return piece.get("id") in (None, "", last.get("id")) or not last.get("id")


def encoded_size(value: Any) -> int:
    return len(msgspec.json.encode(value))
