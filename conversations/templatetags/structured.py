"""JSON as people read it: arguments of calls, results of tools, and answers that were asked for as JSON."""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Final

from django import template

from conversations.generation.structured import asked_of
from conversations.models import Message, MessageStatus, Role
from conversations.models.ids import new_id
from conversations.rendering.json_trees import Tree, tree_of
from conversations.schemas.outputs import Wanted, judge

register = template.Library()

SHOWN_CHARACTERS: Final = 20_000
"""Of a tool's result; the whole is a copy away."""


@dataclass(frozen=True)
class Call:
    """One call of an answer; ``number`` counts from 1."""

    number: int
    id: str
    name: str
    arguments: str

    @property
    def has_arguments(self) -> bool:
        return self.arguments.strip() not in {"", "{}", "null"}

    @property
    def tree(self) -> Tree:
        return tree_of(self.arguments)


@register.filter
def calls(message: Message) -> list[Call]:
    return [
        Call(number, call["id"], call["name"] or "a tool without a name", call["arguments"])
        for number, call in enumerate(message.tool_calls, 1)
    ]


@register.filter
def is_result(message: Message) -> bool:
    return message.role == Role.TOOL


@register.filter
def called_name(message: Message) -> str:
    """The tool that a result is from."""
    call = getattr(message, "call", None)
    return (call["name"] if call else "") or "a tool"


@register.filter
def result_tree(message: Message) -> Tree | None:
    """Of a result that is an object or a list; None for any other text."""
    text = message.text.lstrip()
    tree = tree_of(text) if text[:1] in {"{", "["} else Tree()
    return tree if tree.parts else None


@register.filter
def result_text(message: Message) -> str:
    """So much of a result as is shown."""
    return message.text[:SHOWN_CHARACTERS]


@register.filter
def left_out(message: Message) -> int:
    """How many characters of a result are not shown."""
    return max(0, len(message.text) - SHOWN_CHARACTERS)


@register.filter
def brief(text: str) -> str:
    """One short line of a text."""
    return " ".join(text[:400].split())[:120]


@register.simple_tag
def fresh_id() -> str:
    """So that the same form sent twice is done once."""
    return str(new_id())


@register.filter
def needs_tools_sheet(messages: list[Message]) -> bool:
    """Whether any of them shows what ``tools.css`` is for."""
    return any(
        message.role == Role.TOOL or message.tool_calls or message.citations or asked_of(message) is not None
        for message in messages
    )


# ---- answers asked for as JSON ----


@dataclass(frozen=True)
class Judged:
    """``state`` is good, bad or unknown; ``words`` say it, ``more`` what is wrong or was not checked."""

    state: str
    words: str
    more: tuple[str, ...]
    tree: Tree


@register.filter
def structured(message: Message) -> Judged | None:
    """What became of an answer that was asked for as JSON; None where nothing was, or nothing can be said."""
    asked = asked_of(message)
    if asked is None or not message.text or message.is_refusal or message.status != MessageStatus.COMPLETE:
        return None
    if message.generation.finish_reason == "length":
        return Judged("bad", "This is not whole: the answer was cut at the limit of tokens.", (), Tree())
    verdict = _verdict(message.text, asked)
    tree = tree_of(_unfenced(message.text)) if verdict.is_json else Tree()
    more = (*verdict.problems, *verdict.notes, *([tree.problem] if tree.problem else []))
    return Judged(*_in_words(verdict, asked), more, tree)


def _unfenced(text: str) -> str:
    """Without the code block that some models put around their JSON."""
    lines = text.strip().split("\n")
    return "\n".join(lines[1:-1]) if lines[0].startswith("```") and lines[-1].startswith("```") else text


@dataclass(frozen=True)
class _Verdict:
    is_json: bool
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def _in_words(verdict: _Verdict, asked: Wanted) -> tuple[str, str]:
    schema = f"the schema “{asked.name}”" if asked.name else "the schema"
    if not verdict.is_json:
        return "bad", "This is not JSON, though JSON was asked for."
    if verdict.problems:
        return "bad", f"This does not fit {schema}." if asked.schema is not None else "This is not what was asked for."
    if asked.schema is None:
        return "good", "This is valid JSON."
    if verdict.notes:
        return "unknown", f"Nothing here is against {schema}, but:"
    return "good", f"This fits {schema}."


_MOST_KEPT: Final = 500
_kept: OrderedDict[bytes, _Verdict] = OrderedDict()
_keeping = Lock()


def _verdict(text: str, asked: Wanted) -> _Verdict:
    """Checking takes time, and pages are looked at again and again: the latest verdicts are remembered."""
    key = blake2b(f"{asked!r}\0{text}".encode("utf-8", "replace"), digest_size=16).digest()
    with _keeping:
        found = _kept.get(key)
    if found is None:
        outcome = judge(text, asked)
        found = _Verdict(outcome.is_json, outcome.problems, outcome.notes)
        with _keeping:
            _kept[key] = found
            while len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
    return found
