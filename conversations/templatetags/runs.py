"""What a message's foot says: its place among its siblings, and the figures of its run."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django import template

from conversations.models import Generation, Message
from conversations.templatetags.amounts import money, seconds, tokens

register = template.Library()

FINISH_REASONS = {
    "stop": "the model had finished",
    "length": "the limit of tokens was reached",
    "content_filter": "the provider's content filter",
    "tool_calls": "the model wanted to use a tool",
}
SOURCES = {
    "schema": "the model's default",
    "site": "the site's",
    "model": "the model's, by the admin",
    "group": "the group's",
    "own": "own default",
    "conversation": "chosen here",
}
FOLD_CHARACTERS = 1800
FOLD_LINES = 18


@dataclass(frozen=True)
class Place:
    """Where a message stands among its siblings; ``index`` counts from 1."""

    index: int
    count: int
    previous: uuid.UUID | None
    next: uuid.UUID | None


@register.filter
def place(message: Message) -> Place:
    siblings: list[uuid.UUID] = getattr(message, "siblings", None) or [message.pk]
    index = siblings.index(message.pk)
    return Place(
        index=index + 1,
        count=len(siblings),
        previous=siblings[index - 1] if index else None,
        next=siblings[index + 1] if index + 1 < len(siblings) else None,
    )


@register.filter
def is_long(message: Message) -> bool:
    """Whether a person's message is folded at first."""
    return len(message.text) > FOLD_CHARACTERS or message.text.count("\n") >= FOLD_LINES


@register.simple_tag
def fold_from() -> str:
    """The characters and the line feeds from which a person's message is folded, for the script."""
    return f"{FOLD_CHARACTERS} {FOLD_LINES}"


@register.filter
def meta(run: Generation | None) -> str:
    """One line: tokens, cost, time to the first token, speed; only what is known."""
    if run is None or run.output_tokens is None:
        return ""
    total = (run.input_tokens or 0) + run.output_tokens
    mark = "≈ " if run.is_estimated else ""
    parts = [f"{mark}{tokens(total)} tokens" if total else "", money(run.cost), seconds(_first_token(run)), _speed(run)]
    return " · ".join(part for part in parts if part)


@register.filter
def thinking_seconds(run: Generation | None) -> int | None:
    """Whole seconds of reasoning, at least 1; None while it lasts or where there was none."""
    if run is None or run.reasoned_at is None:
        return None
    return max(round(_between(run.first_token_at or run.started_at, run.reasoned_at) or 0), 1)


@register.filter
def details(run: Generation) -> list[tuple[str, str]]:
    """Label and value of everything known about a run, in order of reading."""
    estimated = " (estimated)" if run.is_estimated else ""
    rows = [
        ("Provider", run.model.provider.name if run.model else ""),
        ("Model", run.model.wire_name if run.model else ""),
        *_sent(run),
        ("Input tokens", _count(run.input_tokens, estimated)),
        ("of which cached", _count(run.cached_tokens or None, "")),
        ("Output tokens", _count(run.output_tokens, estimated)),
        ("of which reasoning", _count(run.reasoning_tokens or None, "")),
        ("Cost", money(run.cost)),
        ("First token after", seconds(_first_token(run))),
        ("Whole answer", seconds(_between(run.started_at, run.finished_at))),
        ("Speed", _speed(run)),
        ("Ended because", FINISH_REASONS.get(run.finish_reason, run.finish_reason)),
        ("Request id", run.request_id),
    ]
    return [(label, value) for label, value in rows if value]


@register.filter
def figures(run: Generation | None) -> dict[str, str]:
    """What a run took: tokens, cost, first and whole time, each ready to read; "" where it is not known."""
    if run is None:
        return {}
    mark = "≈ " if run.is_estimated else ""
    counted = run.input_tokens is not None and run.output_tokens is not None
    return {
        "tokens": f"{mark}{tokens(run.input_tokens)} / {tokens(run.output_tokens)}" if counted else "",
        "cost": money(run.cost),
        "first": seconds(_first_token(run)),
        "whole": seconds(_between(run.started_at, run.finished_at)),
    }


@register.filter
def at(values: dict[str, Any], name: str) -> str:
    """The value under a name, short; "" without one."""
    return _short(values[name]) if name in values else ""


def _sent(run: Generation) -> list[tuple[str, str]]:
    """The parameters that were sent and where each came from; ``Message.objects.shown`` lays them beside the run."""
    sent: dict[str, dict[str, Any]] = getattr(run, "sent_parameters", None) or {}
    return [
        (name, f"{_short(each['value'])} ({SOURCES.get(each['source'], each['source'])})")
        for name, each in sent.items()
    ]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else text[:59] + "…"


def _count(count: int | None, suffix: str) -> str:
    return "" if count is None else tokens(count) + suffix


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


def _first_token(run: Generation) -> float | None:
    return _between(run.started_at, run.first_token_at)


def _speed(run: Generation) -> str:
    """Output tokens per second after the first token; nothing said about answers too short to measure."""
    duration = _between(run.first_token_at, run.finished_at)
    if not duration or duration < 0.2 or not run.output_tokens or run.output_tokens < 5:
        return ""
    speed = run.output_tokens / duration
    return f"{speed:.0f} tok/s" if speed >= 1 else ""
