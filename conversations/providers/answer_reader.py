"""What the readers of both formats share: the state of one answer, its bounds, its end."""

from abc import ABC, abstractmethod
from typing import Any

from conversations.exceptions import (
    AnswerTooLargeError,
    AnswerTruncatedError,
    ProviderError,
    ProviderProtocolError,
    ProviderServerError,
)
from conversations.providers.base import (
    Citation,
    Delta,
    Endpoint,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Started,
    ToolCallDelta,
    UsageReport,
)
from conversations.providers.errors import provider_error, redacted, refusal_in
from conversations.providers.payloads import TextJoiner, count, mapping, size_of, string
from conversations.providers.thinking import ThinkSplitter


class AnswerReader(ABC):
    """Turns the JSON values of one answer, events or a whole document, into deltas.

    ``feed`` each value, then ``finish`` once. Both raise ProviderError; deltas given out before stay valid, ``kept``
    gives what was held back. The first delta is Started; UsageReport and Finished come from ``finish``.
    ``has_finish_mark``: the provider said how the answer ends, no text is missing. ``is_complete``: nothing can follow.
    """

    def __init__(self, endpoint: Endpoint, request_id: str) -> None:
        self.has_finish_mark = False
        self.has_started = False
        self.is_complete = False
        self.request_id = request_id
        self._endpoint = endpoint
        self._usage: UsageReport | None = None
        self._reason = ""
        self._failure: ProviderError | None = None
        self._spoke = False
        self._size = 0
        self._text = TextJoiner()
        self._thoughts = TextJoiner()
        self._splitter = ThinkSplitter()
        self._cited: set[Citation] = set()

    def feed(self, payload: Any, event: str = "") -> list[Delta]:
        if not isinstance(payload, dict):
            self._refuse_value(payload)
        self._refuse_error(payload, event)
        deltas: list[Delta] = []
        if not self.has_started:
            self.has_started = True
            deltas.append(Started(self.request_id, redacted(self._endpoint, string(self._model_in(payload)))))
        said = self._read(payload, event)
        self._spoke = self._spoke or any(isinstance(delta, ToolCallDelta) for delta in said)
        return deltas + said

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
        last += [*self._splitter.finish(), *self._calls_at_end()]
        if self._usage:
            last.append(self._usage)
            self._usage = None
        return last

    @abstractmethod
    def _read(self, payload: dict[str, Any], event: str) -> list[Delta]:
        """What one value says."""

    @abstractmethod
    def _model_in(self, payload: dict[str, Any]) -> Any:
        """What the first value calls the model."""

    @abstractmethod
    def _calls_at_end(self) -> list[Delta]:
        """What is left to say of tool calls, and what the provider wants back with them; only once."""

    def _refuse_value(self, payload: Any) -> None:
        if isinstance(payload, list) and refusal_in(payload).message:
            raise provider_error(self._endpoint, refusal_in(payload), status=None, request_id=self.request_id)
        raise ProviderProtocolError(request_id=self.request_id)

    def _refuse_error(self, payload: dict[str, Any], event: str) -> None:
        if payload.get("error") or "error" in {event, string(payload.get("object"))}:
            raise provider_error(self._endpoint, refusal_in(payload), status=None, request_id=self.request_id)

    def _say(self, text: str) -> list[Delta]:
        self._utter(text)
        return [*self._splitter.feed(self._text.feed(text))]

    def _think(self, text: str) -> list[Delta]:
        self._utter(text)
        return [ReasoningDelta(piece) for piece in [self._thoughts.feed(text)] if piece]

    def _decline(self, text: str) -> list[Delta]:
        self._utter(text)
        return [RefusalDelta(text)] if text else []

    def _cite(self, citations: list[Citation]) -> list[Delta]:
        """Each source once: some servers repeat them in every event."""
        new = [citation for citation in dict.fromkeys(citations) if citation not in self._cited]
        self._cited.update(new)
        self._grow(sum(size_of(citation.url + citation.title) for citation in new))
        return [*new]

    def _utter(self, text: str) -> None:
        self._spoke = self._spoke or bool(text)
        self._grow(size_of(text))

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._endpoint.limits.answer:
            raise AnswerTooLargeError(request_id=self.request_id)


def usage_in(value: Any) -> UsageReport | None:
    """Tokens by the names of either format; None where there are none."""
    usage = mapping(value)
    given = _first(usage, "prompt_tokens", "input_tokens"), _first(usage, "completion_tokens", "output_tokens")
    if given == (None, None):
        return None
    inside = mapping(usage.get("prompt_tokens_details")) or mapping(usage.get("input_tokens_details"))
    outside = mapping(usage.get("completion_tokens_details")) or mapping(usage.get("output_tokens_details"))
    return UsageReport(
        input_tokens=given[0] or 0,
        output_tokens=given[1] or 0,
        cached_tokens=count(inside.get("cached_tokens")) or count(usage.get("prompt_cache_hit_tokens")) or 0,
        reasoning_tokens=count(outside.get("reasoning_tokens")) or 0,
    )


def _first(usage: dict[str, Any], *names: str) -> int | None:
    return next((number for number in (count(usage.get(name)) for name in names) if number is not None), None)
