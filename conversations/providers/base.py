"""What goes into the engines and what comes out of them: frozen dataclasses, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conversations.outbound import Limits

CONTINUE_INSTRUCTION = (
    "Your last answer broke off. Continue it exactly where it stopped, even in the middle of a word or a code block. "
    "Repeat nothing that is already there and add no comment about the interruption."
)


@dataclass(frozen=True)
class Endpoint:
    """One provider as the engines see it; ``kind`` is "openai_compatible" or "demo".

    ``id`` names the connection pool: give a changed address or setting a new one. ``key``, ``headers`` and the query of
    ``base_url`` may hold secrets and stay out of ``repr``; headers that belong to the connection (Host, Content-Length,
    …) are not taken from ``headers``. Timeouts are seconds; ``pace`` scales the demo's delays only (0: none at all).
    """

    id: str
    kind: str
    base_url: str = field(repr=False)
    key: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    length_field: str = "max_tokens"
    sends_stream_options: bool = True
    connect_timeout: float = 10
    first_event_timeout: float = 60
    idle_timeout: float = 60
    total_timeout: float = 1800
    limits: Limits = field(default_factory=Limits, repr=False)
    pace: float = 1.0


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: str
    content: str = field(repr=False)


@dataclass(frozen=True)
class ChatRequest:
    """What is asked of a model. ``extra`` goes into the body as it is, below the named fields."""

    model: str
    messages: tuple[ChatMessage, ...]
    temperature: float | None = None
    max_output_tokens: int | None = None
    stop: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """The first event arrived. ``model`` is what the provider says it runs; both may be empty."""

    request_id: str
    model: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of the call ``index``: ``id`` and ``name`` as far as known by now, ``arguments`` to be appended."""

    index: int
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Tokens as the provider counted them, once per answer. Output includes reasoning, input includes cached."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """The engine waits ``seconds`` before it tries again; ``why`` is a plain sentence."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last delta. ``reason``: stop, length, tool_calls, content_filter or unknown."""

    reason: str


Delta = Started | TextDelta | ReasoningDelta | RefusalDelta | ToolCallDelta | UsageReport | Waiting | Finished


@dataclass(frozen=True)
class Completion:
    """A whole answer. ``usage`` is None where the provider did not say."""

    text: str
    usage: UsageReport | None
    finish_reason: str


@dataclass(frozen=True)
class ModelInfo:
    """One entry of a provider's list; numbers are tokens, None where it does not say. ``is_chat`` is a guess."""

    id: str
    context_window: int | None
    max_output_tokens: int | None
    is_chat: bool
