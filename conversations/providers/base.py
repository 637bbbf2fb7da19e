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
    """One provider as the engines see it; ``kind`` is one of ``conversations.providers.kinds``.

    ``id`` names the connection pool: give a changed address or setting a new one. ``key``, ``headers``, ``query`` and
    the query of ``base_url`` may hold secrets and stay out of ``repr``; headers that belong to the connection (Host,
    Content-Length, …) are not taken from ``headers``. Timeouts are seconds; ``pace`` scales the demo's delays only (0:
    none at all).
    """

    id: str
    kind: str
    base_url: str = field(repr=False)
    key: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    route: str = ""
    """Which of the kind's ways in is used, where it has several; "" is its first."""
    system_role: str = "system"
    """What a system message is called here: system or developer."""
    sends_stream_options: bool = True
    returns_reasoning: bool = False
    """Whether reasoning is sent back inside a tool loop."""
    connect_timeout: float = 10
    first_event_timeout: float = 60
    idle_timeout: float = 60
    total_timeout: float = 1800
    limits: Limits = field(default_factory=Limits, repr=False)
    pace: float = 1.0


CHAT_COMPLETIONS, RESPONSES, FORM = "chat_completions", "responses", "form"
"""The request formats: §2, §3 and §1.5 of the notes on model APIs."""


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture: a data URL, or an address that the provider fetches. ``detail``: low, high, auto, original or ""."""

    url: str = field(repr=False)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model made; ``arguments`` is a string that should be JSON, and may not be."""

    id: str
    name: str
    arguments: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """``role`` is system, user, assistant or tool; a tool's message answers ``tool_call_id`` by its content.

    ``items`` are what the provider wants back unchanged with this answer, inside a tool loop only (encrypted reasoning,
    signatures); ``reasoning`` goes back where ``Endpoint.returns_reasoning`` says so.
    """

    role: str
    content: str = field(repr=False)
    images: tuple[ImagePart, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    reasoning: str = field(default="", repr=False)
    items: tuple[Mapping[str, object], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ChatRequest:
    """What is asked of a model, in one of the formats.

    ``parameters`` are the effective values by the names of the format's schema; a dotted name is a nested one
    ("reasoning.effort"). They hold no system text: that is the first message. ``stream`` among them is obeyed: False
    asks for the answer in one piece (the deltas are the same).
    """

    model: str
    messages: tuple[ChatMessage, ...]
    format: str = CHAT_COMPLETIONS
    parameters: Mapping[str, object] = field(default_factory=dict)


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
class Citation:
    """A source the answer names; only http and https addresses. Untrusted text.

    ``start`` and ``end`` count characters of the answer's text, None where the provider does not say.
    """

    url: str
    title: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class ToolStatus:
    """What a tool run by the provider does now: ``tool`` is web_search, file_search, code_interpreter,
    image_generation, mcp, …; ``status`` in_progress, searching, completed, failed, …"""

    tool: str
    status: str


@dataclass(frozen=True, slots=True)
class ProviderItem:
    """Something opaque to keep with the answer and send back unchanged inside a tool loop."""

    item: Mapping[str, object] = field(repr=False)


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


Delta = (
    Started
    | TextDelta
    | ReasoningDelta
    | RefusalDelta
    | ToolCallDelta
    | Citation
    | ToolStatus
    | ProviderItem
    | UsageReport
    | Waiting
    | Finished
)


@dataclass(frozen=True)
class Completion:
    """A whole answer. ``usage`` is None where the provider did not say."""

    text: str
    usage: UsageReport | None
    finish_reason: str


@dataclass(frozen=True)
class ModelInfo:
    """One entry of a provider's list; numbers are tokens, None where it does not say. ``is_chat`` is a guess.

    ``abilities`` (vision, tools, structured, reasoning, …) are empty where the list does not tell them all.
    """

    id: str
    context_window: int | None
    max_output_tokens: int | None
    is_chat: bool
    abilities: tuple[str, ...] = ()
