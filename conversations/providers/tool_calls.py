"""Tool calls arrive in fragments that servers number and name each in their own way."""

import json
from collections.abc import Sequence
from typing import Any

from conversations.exceptions import ProviderProtocolError
from conversations.providers.base import ChatMessage, Delta, ProviderItem, ToolCallDelta
from conversations.providers.payloads import clean, mapping, sequence, spoken, storable, string
from conversations.providers.provider_items import encoded_size


def tool_loop_start(messages: Sequence[ChatMessage]) -> int:
    """Where the tool loop begins that the request goes on with: behind the last thing a person said."""
    return max((place + 1 for place, message in enumerate(messages) if message.role == "user"), default=0)


class _Call:
    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.signature: object = None


class ToolCallGatherer:
    """Finds the call that each fragment belongs to. ``size`` counts the bytes of all arguments and signatures."""

    def __init__(self) -> None:
        self.size = 0
        self._calls: list[_Call] = []
        self._by_wire_index: dict[int, int] = {}

    @property
    def has_calls(self) -> bool:
        return bool(self._calls)

    def feed(self, delta: dict[str, Any]) -> list[Delta]:
        fragments = [mapping(fragment) for fragment in sequence(delta.get("tool_calls"))]
        if isinstance(delta.get("function_call"), dict):  # the predecessor of tools
            fragments.append({"index": 0, "function": delta["function_call"]})
        return [self._read(fragment) for fragment in fragments if fragment]

    def finish(self) -> list[Delta]:
        """Calls that never got an id get one: an answer to the call needs it."""
        nameless = [(index, call) for index, call in enumerate(self._calls) if not call.id]
        for index, call in nameless:
            call.id = f"call_{index}"
        return [ToolCallDelta(index, call.id, call.name, "") for index, call in nameless]

    def signatures(self) -> list[Delta]:
        """What came beside the calls and has to go back with them; after ``finish``, and only once."""
        signed = [call for call in self._calls if call.signature]
        made: list[Delta] = [
            ProviderItem({"type": "extra_content", "tool_call_id": call.id, "value": call.signature}) for call in signed
        ]
        for call in signed:
            call.signature = None
        return made

    def _read(self, fragment: dict[str, Any]) -> Delta:
        function = mapping(fragment.get("function")) or mapping(fragment.get("custom"))
        call_id, name = string(fragment.get("id")), string(function.get("name"))
        index = self._index(fragment.get("index"), call_id, name)
        call = self._calls[index]
        call.id, call.name = call.id or call_id, call.name or name
        arguments = arguments_text(function.get("arguments", function.get("input")))
        self.size += len(arguments.encode())
        if mapping(fragment.get("extra_content")):
            call.signature = storable(fragment["extra_content"])
            self.size += encoded_size(call.signature)
        return ToolCallDelta(index, call.id, call.name, arguments)

    def _index(self, wire_index: Any, call_id: str, name: str) -> int:
        if isinstance(wire_index, int):
            index = self._by_wire_index.get(wire_index)
            if index is None or (call_id and self._calls[index].id not in {"", call_id}):
                index = self._known(call_id) if call_id else None
                self._by_wire_index[wire_index] = index = self._new() if index is None else index
            return index
        known = self._known(call_id) if call_id else self._last_without(name)
        return self._new() if known is None else known

    def _known(self, call_id: str) -> int | None:
        return next((index for index, call in enumerate(self._calls) if call.id == call_id), None)

    def _last_without(self, name: str) -> int | None:
        """The call that a fragment without id continues; one with a name of its own begins another."""
        last = len(self._calls) - 1
        return None if last < 0 or (name and self._calls[last].name) else last

    def _new(self) -> int:
        self._calls.append(_Call())
        return len(self._calls) - 1


def arguments_text(value: Any) -> str:
    """Arguments are a string of JSON; some servers send the object itself."""
    if isinstance(value, (dict, list)):
        try:
            return clean(json.dumps(value, ensure_ascii=False))
        except RecursionError as error:
            raise ProviderProtocolError("The model called a tool in a way that can't be read.") from error
    return clean(spoken(value))
