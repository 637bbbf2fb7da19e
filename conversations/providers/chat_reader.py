"""The Chat Completions format, answers: chunks, or a whole completion, to deltas.

The reader tolerates what OpenAI-compatible servers are known to do differently; what it can't give a meaning it
refuses by a ProviderError rather than dropping text in silence.
"""

from typing import Any, Final

from conversations.exceptions import AnswerTruncatedError, ProviderProtocolError, ProviderServerError
from conversations.providers.answer_reader import AnswerReader, usage_in
from conversations.providers.base import Delta, Endpoint
from conversations.providers.citations import citations_in, cited_urls
from conversations.providers.payloads import mapping, sequence, spoken, string
from conversations.providers.provider_items import ItemGatherer
from conversations.providers.tool_calls import ToolCallGatherer

_REASONS: Final = {
    "stop": "stop", "eos": "stop", "end_turn": "stop", "stop_sequence": "stop", "complete": "stop", "completed": "stop",
    "length": "length", "max_tokens": "length", "max_output_tokens": "length", "model_length": "length",
    "tool_calls": "tool_calls", "function_call": "tool_calls", "tool_use": "tool_calls",
    "content_filter": "content_filter", "safety": "content_filter", "recitation": "content_filter",
}  # fmt: skip
_ONLY_TEXT: Final = frozenset({"role", "content"})
_OTHER_FORMAT: Final = "The provider answered in the format Responses: choose that format for this model."
_BROKEN_OFF: Final = frozenset({"abort", "aborted", "cancelled", "canceled"})


class ChatReader(AnswerReader):
    def __init__(self, endpoint: Endpoint, request_id: str) -> None:
        super().__init__(endpoint, request_id)
        self._choice: object = None
        self._tools = ToolCallGatherer()
        self._items = ItemGatherer()

    def _model_in(self, payload: dict[str, Any]) -> Any:
        return payload.get("model")

    def _read(self, payload: dict[str, Any], event: str) -> list[Delta]:
        if "choices" not in payload and (payload.get("object") == "response" or "output" in payload):
            raise ProviderProtocolError(_OTHER_FORMAT, request_id=self.request_id)
        if usage := payload.get("usage"):
            self._usage = usage_in(usage) or self._usage
        deltas: list[Delta] = []
        for choice in sequence(payload.get("choices")):
            deltas += self._read_choice(mapping(choice))
        if citations := payload.get("citations"):
            deltas += self._cite(cited_urls(citations))
        return deltas

    def _read_choice(self, choice: dict[str, Any]) -> list[Delta]:
        index = choice.get("index")
        if self._choice is None:
            self._choice = index
        if index != self._choice:
            return []
        deltas = self._pieces(self._delta_of(choice))
        self._note_reason(choice.get("finish_reason"))
        return deltas

    def _delta_of(self, choice: dict[str, Any]) -> dict[str, Any]:
        """The new part: some servers send whole messages, or the older format's bare text."""
        if isinstance(choice.get("delta"), dict):
            return mapping(choice["delta"])
        if self._spoke:
            return {}
        return mapping(choice.get("message")) or {"content": choice.get("text")}

    def _pieces(self, delta: dict[str, Any]) -> list[Delta]:
        if delta.keys() <= _ONLY_TEXT and isinstance(delta.get("content"), str):  # as nearly all are
            return self._say(delta["content"])
        text, thoughts, refusal = _content(delta.get("content"))
        thoughts = _reasoning(delta) or thoughts
        deltas = [*self._think(thoughts), *self._say(text), *self._decline(string(delta.get("refusal")) or refusal)]
        before = self._tools.size + self._items.size
        deltas += self._tools.feed(delta)
        self._items.feed(delta)
        self._grow(self._tools.size + self._items.size - before)
        offset = None if self._splitter.has_split else 0
        return deltas + self._cite(citations_in(delta.get("annotations"), offset=offset))

    def _calls_at_end(self) -> list[Delta]:
        if not self._tools.has_calls:
            return []
        if self._reason in {"", "stop"}:  # some servers finish so though they wait for results
            self._reason = "tool_calls"
        return [*self._tools.finish(), *self._items.finish(), *self._tools.signatures()]

    def _note_reason(self, value: Any) -> None:
        if not value:
            return
        name = spoken(value).lower()[:100]
        if name == "error":
            self._failure = ProviderServerError(
                "The provider reported an error in its answer. What had arrived is kept; try again.",
                request_id=self.request_id,
            )
        if name in _BROKEN_OFF:
            self._failure = AnswerTruncatedError(request_id=self.request_id)
        self.has_finish_mark = True
        self._reason = _REASONS.get(name, "unknown")


def _content(value: Any) -> tuple[str, str, str]:
    """Text, reasoning and refusal of a content field: a string, a number, or a list of typed parts."""
    said = {"text": "", "thinking": "", "refusal": ""}
    for part in _parts(value):
        kind = string(mapping(part).get("type"))
        if kind in {"thinking", "reasoning"}:
            said["thinking"] += "".join(map(_part_text, _parts(part.get("thinking") or part.get("text"))))
        elif kind == "refusal":
            said["refusal"] += string(part.get("refusal"))
        else:
            said["text"] += _part_text(part)
    return said["text"], said["thinking"], said["refusal"]


def _parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _part_text(part: Any) -> str:
    return spoken(part.get("text")) if isinstance(part, dict) else spoken(part)


def _reasoning(delta: dict[str, Any]) -> str:
    """Reasoning under the names different servers give it; the same text under two names counts once."""
    plain = spoken(delta.get("reasoning_content")) or spoken(delta.get("reasoning"))
    if plain:
        return plain
    details = [mapping(detail) for detail in sequence(delta.get("reasoning_details"))]
    return "".join(spoken(detail.get("text")) or spoken(detail.get("summary")) for detail in details)
