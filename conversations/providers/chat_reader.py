"""The Chat Completions format, answers: chunks, or a whole completion, to deltas.

The reader tolerates what OpenAI-compatible servers are known to do differently; what it can't give a meaning it
refuses by a ProviderError rather than dropping text in silence.
"""

from typing import Any, Final

from conversations.exceptions import (
    AnswerTooLargeError,
    AnswerTruncatedError,
    ProviderError,
    ProviderProtocolError,
    ProviderServerError,
)
from conversations.providers.base import (
    Delta,
    Endpoint,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Started,
    UsageReport,
)
from conversations.providers.errors import provider_error, redacted, refusal_in
from conversations.providers.payloads import TextJoiner, count, mapping, sequence, spoken, string
from conversations.providers.thinking import ThinkSplitter
from conversations.providers.tool_calls import ToolCallGatherer

_REASONS: Final = {
    "stop": "stop", "eos": "stop", "end_turn": "stop", "stop_sequence": "stop", "complete": "stop", "completed": "stop",
    "length": "length", "max_tokens": "length", "max_output_tokens": "length", "model_length": "length",
    "tool_calls": "tool_calls", "function_call": "tool_calls", "tool_use": "tool_calls",
    "content_filter": "content_filter", "safety": "content_filter", "recitation": "content_filter",
}  # fmt: skip
_BROKEN_OFF: Final = frozenset({"abort", "aborted", "cancelled", "canceled"})


class ChatReader:
    """Turns the JSON values of one answer, chunks or a whole completion, into deltas.

    ``feed`` each value, then ``finish`` once. Both raise ProviderError; deltas given out before stay valid. The first
    delta is Started; UsageReport and Finished come from ``finish``.
    """

    def __init__(self, endpoint: Endpoint, request_id: str) -> None:
        self.has_finish_mark = False
        self._endpoint = endpoint
        self.request_id = request_id
        self.has_started = False
        self._usage: UsageReport | None = None
        self._reason = ""
        self._choice: object = None
        self._failure: ProviderError | None = None
        self._size = 0
        self._spoke = False
        self._text = TextJoiner()
        self._thoughts = TextJoiner()
        self._splitter = ThinkSplitter()
        self._tools = ToolCallGatherer()

    def feed(self, payload: Any, event: str = "") -> list[Delta]:
        if not isinstance(payload, dict):
            self._refuse_value(payload)
        if payload.get("error") or event == "error" or payload.get("object") == "error":
            raise provider_error(self._endpoint, refusal_in(payload), status=None, request_id=self.request_id)
        deltas: list[Delta] = []
        if not self.has_started:
            self.has_started = True
            deltas.append(Started(self.request_id, redacted(self._endpoint, string(payload.get("model")))))
        self._usage = _usage(payload.get("usage")) or self._usage
        for choice in sequence(payload.get("choices")):
            deltas += self._read(mapping(choice))
        return deltas

    def finish(self, *, done: bool) -> list[Delta]:
        """The end of the answer; ``done`` tells whether the server said so (``[DONE]``, or a whole JSON document).

        Raises AnswerTruncatedError without any sign of a proper end, ProviderServerError for an answer of nothing.
        """
        if self._failure:
            raise self._failure
        if not self.has_started:
            raise ProviderProtocolError("The provider's answer was empty. Try again; an admin may check its address.")
        if not (self.has_finish_mark or done):
            raise AnswerTruncatedError(request_id=self.request_id)
        if not self._spoke and self._reason in {"", "stop", "unknown"}:
            raise ProviderServerError(
                "The model ended its answer without writing anything. Try again or rephrase.",
                request_id=self.request_id,
            )
        return [*self.kept(), Finished(self._reason or "unknown")]

    def kept(self) -> list[Delta]:
        """What is known but not given out yet, also worth keeping when the answer broke off.

        Text is held back where a tag or a character may have been cut, usage until it is final.
        """
        last: list[Delta] = [ReasoningDelta(text) for text in [self._thoughts.finish()] if text]
        last += self._splitter.feed(self._text.finish())
        last += [*self._splitter.finish(), *self._tools.finish()]
        if self._usage:
            last.append(self._usage)
            self._usage = None
        return last

    def _refuse_value(self, payload: Any) -> None:
        if isinstance(payload, list) and refusal_in(payload).message:
            raise provider_error(self._endpoint, refusal_in(payload), status=None, request_id=self.request_id)
        raise ProviderProtocolError(request_id=self.request_id)

    def _read(self, choice: dict[str, Any]) -> list[Delta]:
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
        text, thoughts = _content(delta.get("content"))
        thoughts = _reasoning(delta) or thoughts
        refusal = string(delta.get("refusal"))
        deltas: list[Delta] = [ReasoningDelta(piece) for piece in [self._thoughts.feed(thoughts)] if piece]
        deltas += self._splitter.feed(self._text.feed(text))
        deltas += [RefusalDelta(refusal)] if refusal else []
        deltas += self._tools.feed(delta)
        self._measure(_size(text) + _size(thoughts) + _size(refusal), deltas)
        return deltas

    def _measure(self, size: int, deltas: list[Delta]) -> None:
        self._spoke = self._spoke or size > 0 or bool(deltas)
        self._size += size
        if self._size + self._tools.size > self._endpoint.limits.answer:
            raise AnswerTooLargeError(request_id=self.request_id)

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


def _content(value: Any) -> tuple[str, str]:
    """Text and reasoning of a content field: a string, a number, or a list of typed parts."""
    text = thoughts = ""
    for part in _parts(value):
        if isinstance(part, dict) and string(part.get("type")) in {"thinking", "reasoning"}:
            thoughts += "".join(map(_part_text, _parts(part.get("thinking") or part.get("text"))))
        else:
            text += _part_text(part)
    return text, thoughts


def _parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _part_text(part: Any) -> str:
    return spoken(part.get("text")) if isinstance(part, dict) else spoken(part)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _reasoning(delta: dict[str, Any]) -> str:
    """Reasoning under the names different servers give it; the same text under two names counts once."""
    plain = spoken(delta.get("reasoning_content")) or spoken(delta.get("reasoning"))
    if plain:
        return plain
    details = [mapping(detail) for detail in sequence(delta.get("reasoning_details"))]
    return "".join(spoken(detail.get("text")) or spoken(detail.get("summary")) for detail in details)


def _usage(value: Any) -> UsageReport | None:
    usage = mapping(value)
    given = _first(usage, "prompt_tokens", "input_tokens"), _first(usage, "completion_tokens", "output_tokens")
    if given == (None, None):
        return None
    inside, outside = mapping(usage.get("prompt_tokens_details")), mapping(usage.get("completion_tokens_details"))
    return UsageReport(
        input_tokens=given[0] or 0,
        output_tokens=given[1] or 0,
        cached_tokens=count(inside.get("cached_tokens")) or count(usage.get("prompt_cache_hit_tokens")) or 0,
        reasoning_tokens=count(outside.get("reasoning_tokens")) or 0,
    )


def _first(usage: dict[str, Any], *names: str) -> int | None:
    return next((number for number in (count(usage.get(name)) for name in names) if number is not None), None)
