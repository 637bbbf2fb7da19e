"""What a message's foot says: its place among its siblings, and the figures of its run in one line."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django import template

from conversations.models import Generation, Message
from conversations.templatetags.amounts import money, seconds, tokens

register = template.Library()

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
    cost = money(run.cost)
    counted = [f"{mark}{tokens(total)} tokens" if total else "", f"{mark}{cost}" if cost and total else ""]
    parts = [*counted, seconds(first_token(run)), speed(run)]
    return " · ".join(part for part in parts if part)


@register.filter
def thinking_seconds(run: Generation | None) -> int | None:
    """Whole seconds of reasoning, at least 1; None while it lasts or where there was none."""
    if run is None or run.reasoned_at is None:
        return None
    return max(round(_between(run.first_token_at or run.started_at, run.reasoned_at) or 0), 1)


@register.filter
def figures(run: Generation | None) -> dict[str, str]:
    """What a run took: tokens, cost, first and whole time, each ready to read; "" where it is not known."""
    if run is None:
        return {}
    mark = "≈ " if run.is_estimated else ""
    counted = run.input_tokens is not None and run.output_tokens is not None
    return {
        "tokens": f"{mark}{tokens(run.input_tokens)} / {tokens(run.output_tokens)}" if counted else "",
        "cost": money(run.cost) and mark + money(run.cost),
        "first": seconds(first_token(run)),
        "whole": seconds(took(run)),
    }


@register.filter
def load(run: Generation | None) -> int | None:
    """How many tokens the next request has before anything is written: thoughts do not go back. None: unknown."""
    if run is None or not run.input_tokens or run.output_tokens is None:
        return None
    return run.input_tokens + max(run.output_tokens - (run.reasoning_tokens or 0), 0)


def first_token(run: Generation) -> float | None:
    """Seconds."""
    return _between(run.started_at, run.first_token_at)


def took(run: Generation) -> float | None:
    """Seconds from its start to its end."""
    return _between(run.started_at, run.finished_at)


def speed(run: Generation) -> str:
    """Output tokens per second after the first token; nothing said about answers too short to measure."""
    duration = _between(run.first_token_at, run.finished_at)
    if not duration or duration < 0.2 or not run.output_tokens or run.output_tokens < 5:
        return ""
    found = run.output_tokens / duration
    return f"{found:.0f} tok/s" if found >= 1 else ""


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
