"""Collects what an engine gives out, also when it ends with an error."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conversations.exceptions import ProviderError
from conversations.providers import engine
from conversations.providers.base import (
    ChatMessage,
    ChatRequest,
    Citation,
    Delta,
    Endpoint,
    Finished,
    ProviderItem,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    ToolStatus,
    UsageReport,
    Waiting,
)


@dataclass
class Heard:
    deltas: list[Delta] = field(default_factory=list)
    error: ProviderError | None = None

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.deltas if isinstance(delta, TextDelta))

    @property
    def reasoning(self) -> str:
        return "".join(delta.text for delta in self.deltas if isinstance(delta, ReasoningDelta))

    @property
    def refusal(self) -> str:
        return "".join(delta.text for delta in self.deltas if isinstance(delta, RefusalDelta))

    @property
    def citations(self) -> list[Citation]:
        return [delta for delta in self.deltas if isinstance(delta, Citation)]

    @property
    def items(self) -> list[Mapping[str, object]]:
        return [delta.item for delta in self.deltas if isinstance(delta, ProviderItem)]

    @property
    def statuses(self) -> list[tuple[str, str]]:
        return [(delta.tool, delta.status) for delta in self.deltas if isinstance(delta, ToolStatus)]

    @property
    def reason(self) -> str:
        return next((delta.reason for delta in self.deltas if isinstance(delta, Finished)), "")

    @property
    def usage(self) -> list[UsageReport]:
        return [delta for delta in self.deltas if isinstance(delta, UsageReport)]

    @property
    def waits(self) -> list[Waiting]:
        return [delta for delta in self.deltas if isinstance(delta, Waiting)]

    @property
    def calls(self) -> dict[int, tuple[str, str, str]]:
        """Index to id, name and arguments of the tool calls."""
        calls: dict[int, tuple[str, str, str]] = {}
        for delta in self.deltas:
            if isinstance(delta, ToolCallDelta):
                arguments = calls.get(delta.index, ("", "", ""))[2]
                calls[delta.index] = (delta.id, delta.name, arguments + delta.arguments)
        return calls


def ask(model: str = "m", text: str = "hi", **parameters: object) -> ChatRequest:
    return ChatRequest(model, (ChatMessage("user", text),), parameters=parameters)


def ask_in(format: str, *messages: ChatMessage, **parameters: object) -> ChatRequest:  # noqa: A002 (its name)
    return ChatRequest("m", messages or (ChatMessage("user", "hi"),), format, parameters)


async def hear(endpoint: Endpoint, request: ChatRequest | None = None) -> Heard:
    heard = Heard()
    try:
        async for delta in engine.stream(endpoint, request or ask()):
            heard.deltas.append(delta)
    except ProviderError as error:
        heard.error = error
    return heard
