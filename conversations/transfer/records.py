"""What a file says of a conversation. Keys are the file's own names for things; nothing here is an id of this site.

Times are aware datetimes in UTC. JSON values (``parameters``, ``request``, …) hold only what JSON has.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

Role = Literal["user", "assistant", "tool"]
ROLES: Final = ("user", "assistant", "tool")
MESSAGE_STATUSES: Final = ("complete", "stopped", "interrupted", "failed")
"""An export never says "queued" or "running": what was still open then is "interrupted"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord:
    """A picture of a message: in the file, at an address, or (neither) one whose bytes the file doesn't have."""

    file: str = ""
    """Its name inside the archive; for ``Source.read_image``."""
    url: str = ""
    """An http(s) address; never loaded by us."""
    data: bytes = field(default=b"", repr=False)
    """The bytes, where they stood inside the conversation's text itself."""
    name: str = ""
    """What its owner called it."""
    sha256: str = ""
    """Of the bytes, 64 hexadecimal digits; "" where the file doesn't say."""
    detail: str = "auto"
    """"auto", "low" or "high"."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run for an answer: the lasting columns of a Generation, under the same names."""

    status: str = "complete"
    is_continuation: bool = False
    model: str = ""
    """The model's name."""
    request_format: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)
    prices: dict[str, Any] = field(default_factory=dict)
    length: int = 0
    started_at: datetime | None = None
    first_token_at: datetime | None = None
    reasoned_at: datetime | None = None
    finished_at: datetime | None = None
    stop_requested_at: datetime | None = None
    finish_reason: str = ""
    error_code: str = ""
    error_message: str = ""
    error_detail: str = ""
    error_parameter: str = ""
    request_id: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    is_estimated: bool = False
    cost: str | None = None
    """US dollars as a decimal text ("0.00012300"), so that no digit is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """One node of the tree. ``parent`` names a message that stands earlier in the list, None for a first message."""

    key: str
    parent: str | None
    role: Role
    created_at: datetime
    text: str = ""
    reasoning: str = ""
    status: str = "complete"
    author: str = ""
    """The name of the person who wrote it."""
    model_name: str = ""
    branch_name: str = ""
    is_refusal: bool = False
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    tool_call_id: str = ""
    citations: list[dict[str, Any]] = field(default_factory=list)
    provider_items: list[Any] = field(default_factory=list)
    images: list[ImageRecord] = field(default_factory=list)
    runs: list[RunRecord] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRecord:
    """A tree of messages, parents before children, siblings in order of time."""

    key: str
    """The same conversation of the same source has the same key in each of its exports: by it nothing is imported
    twice. At most 100 characters."""
    title: str
    created_at: datetime
    active_at: datetime
    messages: list[MessageRecord]
    selected: str | None = None
    """The key of the last message of the branch that is shown."""
    has_own_title: bool = False
    is_pinned: bool = False
    is_archived: bool = False
    folder: tuple[str, ...] = ()
    """Names from the outermost folder inwards."""
    tags: tuple[str, ...] = ()
    model: str = ""
    request_format: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    system_text: str = ""
    """Instructions to the model that another program kept apart from its parameters; "" in our own format."""
    source: str = "chatsite"
    """The format it was read from."""
