"""The Responses format, answers: events, or a whole response, to deltas.

What an event of a whole says is compared with the pieces before it: what they lack is given out, nothing twice.
The final list of items fills in what never came.
"""

from collections.abc import Callable
from typing import Any, Final

from conversations.exceptions import AnswerTruncatedError, ProviderError, ProviderProtocolError, ProviderRequestError
from conversations.providers.answer_reader import AnswerReader, usage_in
from conversations.providers.base import Delta, Endpoint, ProviderItem, ToolCallDelta, ToolStatus
from conversations.providers.citations import citations_in
from conversations.providers.errors import Refusal, refusal_in
from conversations.providers.payloads import clean, mapping, sequence, size_of, spoken, storable, string
from conversations.providers.provider_items import encoded_size
from conversations.providers.responses_errors import answer_error
from conversations.providers.responses_events import EVENTS, EventType, Meaning
from conversations.providers.responses_items import ItemRegister, OutputItem
from conversations.providers.tool_calls import arguments_text

_PARTS: Final = {
    "output_text": ("message", "text", "text"),
    "text": ("message", "text", "text"),
    "refusal": ("message", "refusal", "refusal"),
    "summary_text": ("reasoning", "summary", "text"),
    "reasoning_text": ("reasoning", "content", "text"),
}
_LIMITS: Final = {"max_output_tokens": "length", "max_tokens": "length", "content_filter": "content_filter"}
_OTHER_FORMAT: Final = "The provider answered in the format Chat Completions: choose that format for this model."
_BACKGROUND: Final = (
    "The provider works on this answer in the background, which this site can't wait for. Take the parameter "
    "“background” away."
)
_APPROVAL: Final = (
    "A tool server asked for an approval that this site can't give. Set “require_approval” of that tool to “never”, "
    "or take the tool away."
)


class ResponsesReader(AnswerReader):
    def __init__(self, endpoint: Endpoint, request_id: str) -> None:
        super().__init__(endpoint, request_id)
        self._register = ItemRegister()
        self._length = 0
        self._has_thought = False
        self._deeds: dict[Meaning, Callable[[dict[str, Any], EventType], list[Delta]]] = {
            Meaning.PIECE: self._piece,
            Meaning.WHOLE: self._whole,
            Meaning.PART: self._part,
            Meaning.ITEM_BEGINS: self._item_begins,
            Meaning.ITEM: self._item,
            Meaning.SOURCE: self._source,
            Meaning.STATUS: self._status,
            Meaning.TRANSCRIPT: self._transcript,
        }

    def _model_in(self, payload: dict[str, Any]) -> Any:
        return mapping(payload.get("response")).get("model") or payload.get("model")

    def _error(self, refusal: Refusal) -> ProviderError:
        return answer_error(self._endpoint, refusal, self.request_id)

    def _refuse_error(self, payload: dict[str, Any], event: str) -> None:
        if _is_document(payload):  # its items are worth reading, also where it failed
            return
        if payload.get("error") or "error" in {event, string(payload.get("type")), string(payload.get("object"))}:
            raise self._error(refusal_in(payload))

    def _read(self, payload: dict[str, Any], event: str) -> list[Delta]:
        if _is_document(payload):
            return self._close(payload, string(payload.get("status")) or "completed")
        if "choices" in payload:
            raise ProviderProtocolError(_OTHER_FORMAT, request_id=self.request_id)
        name = string(payload.get("type")) or event
        kind = EVENTS.get(name, EventType(Meaning.IGNORED))
        if kind.meaning is Meaning.END:
            return self._close(mapping(payload.get("response")), name.removeprefix("response."))
        deed = self._deeds.get(kind.meaning)
        return deed(payload, kind) if deed else []

    # pieces and wholes of texts

    def _piece(self, event: dict[str, Any], kind: EventType) -> list[Delta]:
        return self._add(self._find(event, kind.item), kind.text, _number(event), _text(event.get("delta")))

    def _whole(self, event: dict[str, Any], kind: EventType) -> list[Delta]:
        return self._settle(self._find(event, kind.item), kind.text, _number(event), _text(event.get(kind.field)))

    def _part(self, event: dict[str, Any], kind: EventType) -> list[Delta]:
        part = mapping(event.get("part"))
        item, _, _ = _PARTS.get(string(part.get("type")), (kind.item, "", ""))
        return self._take_part(self._find(event, item), _number(event), part)

    def _transcript(self, event: dict[str, Any], kind: EventType) -> list[Delta]:
        return self._add(self._find(event, kind.item), "text", 0, _text(event.get("delta")))

    def _find(self, event: dict[str, Any], kind: str) -> OutputItem:
        return self._register.find(kind, event.get("item_id"), event.get("output_index"))

    def _take_part(self, item: OutputItem, number: int, part: dict[str, Any]) -> list[Delta]:
        _, text, field = _PARTS.get(string(part.get("type")), ("", "", ""))
        deltas = self._settle(item, text, number, _text(part.get(field))) if text else []
        return deltas + self._cite(citations_in(part.get("annotations"), offset=self._start(item, number)))

    def _settle(self, item: OutputItem, text: str, number: int, whole: str) -> list[Delta]:
        return self._add(item, text, number, item.rest_of(text, number, whole))

    def _add(self, item: OutputItem, text: str, number: int, piece: str) -> list[Delta]:
        if not piece:
            return []
        begins = (text, number) not in item.texts
        if text == "text":
            deltas = self._add_text(item, number, piece)
        elif text == "refusal":
            deltas = self._decline(clean(piece))
        elif text == "arguments":
            self._grow(size_of(piece))
            deltas = [self._call(item, clean(piece))]
        else:
            deltas = self._add_reasoning(item, text, piece, begins=begins)
        item.texts.setdefault((text, number), []).append(piece)
        return deltas

    def _add_text(self, item: OutputItem, number: int, piece: str) -> list[Delta]:
        """Each message is a paragraph of its own; the parts of one message follow one another."""
        gap = "\n\n" if self._length and not item.starts else ""
        item.starts.setdefault(number, self._length + len(gap))
        self._length += len(gap + piece)
        return self._say(gap + piece)

    def _add_reasoning(self, item: OutputItem, form: str, piece: str, *, begins: bool) -> list[Delta]:
        """Summaries are parted by a blank line. Of an item that has a summary and a content the first is shown."""
        item.reasoning_form = item.reasoning_form or form
        if form != item.reasoning_form:
            return []
        gap = "\n\n" if begins and self._has_thought else ""
        self._has_thought = True
        return self._think(gap + piece)

    def _start(self, item: OutputItem, number: int) -> int | None:
        return None if self._splitter.has_split else item.starts.get(number)

    def _source(self, event: dict[str, Any], kind: EventType) -> list[Delta]:
        """A source of a text that has not come yet waits: the item names it again, when its place is known."""
        item, number = self._find(event, kind.item), _number(event)
        if number not in item.starts:
            return []
        return self._cite(citations_in([event.get("annotation")], offset=self._start(item, number)))

    # items

    def _item_begins(self, event: dict[str, Any], _kind: EventType) -> list[Delta]:
        value = mapping(event.get("item"))
        item = self._register.begin(string(value.get("type")), value, event.get("output_index"))
        item.phase = string(value.get("phase")) or item.phase
        if item.is_call:
            return self._name_call(item, value)
        return self._note_status(item, string(value.get("status")))

    def _item(self, event: dict[str, Any], _kind: EventType) -> list[Delta]:
        value = mapping(event.get("item"))
        found = self._register.find(string(value.get("type")), value.get("id"), event.get("output_index"))
        return self._take(found, value)

    def _take(self, item: OutputItem, value: dict[str, Any]) -> list[Delta]:
        """All that a whole item says and did not say before."""
        if item.type == "message":
            item.phase = string(value.get("phase")) or item.phase
            return self._take_parts(item, value.get("content"), "output_text")
        if item.type == "reasoning":
            self._keep(item, value if value.get("encrypted_content") else None)
            deltas = self._take_parts(item, value.get("content"), "reasoning_text")
            return deltas + self._take_parts(item, value.get("summary"), "summary_text")
        if item.is_call:
            deltas = self._name_call(item, value)
            return deltas + self._settle(item, "arguments", 0, _text(value.get("arguments", value.get("input"))))
        if item.type == "mcp_approval_request":
            self._failure = ProviderRequestError(_APPROVAL, request_id=self.request_id)
        self._keep(item, {name: part for name, part in value.items() if name != "result"})
        return self._note_status(item, string(value.get("status")))

    def _take_parts(self, item: OutputItem, parts: Any, usual: str) -> list[Delta]:
        """The parts of an item; a string stands for a single one."""
        values = [{"type": usual, "text": parts}] if isinstance(parts, str) else sequence(parts)
        deltas: list[Delta] = []
        for number, part in enumerate(values):
            deltas += self._take_part(item, number, mapping(part))
        return deltas

    def _keep(self, item: OutputItem, value: dict[str, Any] | None) -> None:
        if value and item.kept is None:
            item.kept = mapping(storable(value))
            self._grow(encoded_size(item.kept))

    def _name_call(self, item: OutputItem, value: dict[str, Any]) -> list[Delta]:
        before = item.call_id, item.name
        item.call_id = item.call_id or string(value.get("call_id"))
        item.own_id = item.own_id or string(value.get("id"))
        item.name = item.name or string(value.get("name"))
        return [self._call(item, "")] if (item.call_id, item.name) != before else []

    def _call(self, item: OutputItem, arguments: str) -> Delta:
        return ToolCallDelta(item.call_index or 0, item.call_id, item.name, arguments)

    def _status(self, event: dict[str, Any], kind: EventType) -> list[Delta]:
        return self._note_status(self._find(event, kind.item), kind.field)

    def _note_status(self, item: OutputItem, status: str) -> list[Delta]:
        if item.type in {"", "message", "reasoning"} or not status or status == item.status:
            return []
        item.status = status
        return [ToolStatus(item.type.removesuffix("_call"), status[:30])]

    # the end

    def _close(self, response: dict[str, Any], status: str) -> list[Delta]:
        """``status`` is what the event is called, or what a document says of itself."""
        self.has_finish_mark = self.is_complete = True
        self._usage = usage_in(response.get("usage")) or self._usage
        deltas: list[Delta] = []
        for item, value in self._register.matched([mapping(value) for value in sequence(response.get("output"))]):
            deltas += self._take(item, value)
        if not self._register.items:  # the text as a convenience, beside or instead of the items
            deltas += self._say(string(response.get("output_text")))
        self._note_end(response, status)
        return deltas

    def _note_end(self, response: dict[str, Any], status: str) -> None:
        if status == "failed" or response.get("error"):
            self._failure = self._error(refusal_in({"error": response.get("error") or {}}))
        elif status == "cancelled":
            self._failure = AnswerTruncatedError(request_id=self.request_id)
        elif status in {"queued", "in_progress"}:
            self._failure = ProviderProtocolError(_BACKGROUND, request_id=self.request_id)
        elif status == "incomplete":
            reason = string(mapping(response.get("incomplete_details")).get("reason"))
            self._reason = _LIMITS.get(reason, "unknown")
        else:
            self._reason = "tool_calls" if any(item.is_call for item in self._register.items) else "stop"

    def finish(self, *, done: bool) -> list[Delta]:
        """As for every reader, but only the final event ends an answer: ``[DONE]`` belongs to the other format."""
        return super().finish(done=done and (self.has_finish_mark or not self.has_started))

    def _calls_at_end(self) -> list[Delta]:
        """Ids for calls without one, and the items to send back in their order, if a tool loop follows."""
        items, self._register = self._register.items, ItemRegister()
        calls = [item for item in items if item.is_call]
        deltas: list[Delta] = []
        for item in calls:
            if not item.call_id:
                item.call_id = item.own_id or f"call_{item.call_index}"
                deltas.append(self._call(item, ""))
        if calls and any(item.kept or item.phase for item in items):
            deltas += [ProviderItem(kept) for kept in map(_kept, items) if kept]
        return deltas


def _kept(item: OutputItem) -> dict[str, object]:
    """What goes back in the place of an item: itself, or the name of the place."""
    if item.is_call:
        return {"type": "function_call", "call_id": item.call_id}
    if item.type == "message":
        return {"type": "message", **({"phase": item.phase} if item.phase else {})}
    return dict(item.kept or {})


def _is_document(payload: dict[str, Any]) -> bool:
    return "type" not in payload and (payload.get("object") == "response" or "output" in payload)


def _number(event: dict[str, Any]) -> int:
    """Which of several texts of the item it is."""
    given = (event.get(name) for name in ("summary_index", "content_index"))
    return next((number for number in given if isinstance(number, int)), 0)


def _text(value: Any) -> str:
    """Text as it came; arguments that came as an object are written as JSON."""
    return arguments_text(value) if isinstance(value, (dict, list)) else spoken(value)
