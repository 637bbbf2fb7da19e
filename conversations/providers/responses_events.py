"""All events of a Responses stream and what each means to us. Those not named here are ignored: the list grows.

Source: the union ``ResponseStreamEvent`` of the ``openai`` package 3.51.0 (59 types); a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Meaning(Enum):
    PIECE = "the next piece of a text"
    WHOLE = "the whole of a text, to be compared with its pieces"
    PART = "the whole of a part"
    ITEM_BEGINS = "an item, its text still to come"
    ITEM = "a whole item: its texts, and what is kept of it"
    SOURCE = "a source that the text names"
    STATUS = "what a tool run by the provider does now"
    TRANSCRIPT = "a piece of spoken words"
    END = "the whole answer"
    FAILURE = "an error"
    IGNORED = "nothing"


@dataclass(frozen=True)
class EventType:
    """``item`` is the type of the output item it belongs to, ``text`` which of its texts, ``field`` where that is."""

    meaning: Meaning
    item: str = ""
    text: str = ""
    field: str = ""


_TEXTS: Final = {
    "output_text": ("message", "text", "text"),
    "refusal": ("message", "refusal", "refusal"),
    "function_call_arguments": ("function_call", "arguments", "arguments"),
    "custom_tool_call_input": ("custom_tool_call", "arguments", "input"),
    "reasoning_summary_text": ("reasoning", "summary", "text"),
    "reasoning_text": ("reasoning", "content", "text"),
}
_STATUSES: Final = {
    "web_search_call": ("in_progress", "searching", "completed"),
    "file_search_call": ("in_progress", "searching", "completed"),
    "code_interpreter_call": ("in_progress", "interpreting", "completed"),
    "image_generation_call": ("in_progress", "generating", "completed"),
    "mcp_list_tools": ("in_progress", "completed", "failed"),
    "mcp_call": ("in_progress", "completed", "failed"),
    "compaction": ("compacting",),
}
_IGNORED: Final = (
    # the item or the final answer says the same again, and better
    "response.queued", "response.created", "response.in_progress",
    "response.content_part.added", "response.reasoning_summary_part.added",
    # the work of a tool that the provider runs: its status is shown, its innards are not
    "response.code_interpreter_call_code.delta", "response.code_interpreter_call_code.done",
    "response.mcp_call_arguments.delta", "response.mcp_call_arguments.done",
    "response.shell_call_command.added", "response.shell_call_command.delta", "response.shell_call_command.done",
    "response.shell_call_output_content.delta", "response.shell_call_output_content.done",
    # an unfinished picture, and sound: neither is asked for
    "response.image_generation_call.partial_image",
    "response.audio.delta", "response.audio.done", "response.audio.transcript.done",
)  # fmt: skip


def _table() -> dict[str, EventType]:
    table = {name: EventType(Meaning.IGNORED) for name in _IGNORED}
    for name, (item, text, field) in _TEXTS.items():
        table[f"response.{name}.delta"] = EventType(Meaning.PIECE, item, text, "delta")
        table[f"response.{name}.done"] = EventType(Meaning.WHOLE, item, text, field)
    for item, statuses in _STATUSES.items():
        for status in statuses:
            table[f"response.{item}.{status}"] = EventType(Meaning.STATUS, item, field=status)
    return table


EVENTS: Final[Mapping[str, EventType]] = {
    **_table(),
    "response.content_part.done": EventType(Meaning.PART, "message"),
    "response.reasoning_summary_part.done": EventType(Meaning.PART, "reasoning"),
    "response.output_item.added": EventType(Meaning.ITEM_BEGINS),
    "response.output_item.done": EventType(Meaning.ITEM),
    "response.output_text.annotation.added": EventType(Meaning.SOURCE, "message"),
    "response.audio.transcript.delta": EventType(Meaning.TRANSCRIPT, "message", field="delta"),
    "response.completed": EventType(Meaning.END),
    "response.incomplete": EventType(Meaning.END),
    "response.failed": EventType(Meaning.END),
    "error": EventType(Meaning.FAILURE),
}
