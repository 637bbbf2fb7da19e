"""What the details of an answer say: everything known about its run, in groups, in the order of reading."""

from dataclasses import dataclass
from typing import Any

import msgspec
from django import template

from conversations.models import Generation, GenerationStatus
from conversations.models.language_models import RequestFormat
from conversations.models.usage import Spent
from conversations.pricing import Prices
from conversations.templatetags.amounts import money, price, seconds, tokens
from conversations.templatetags.runs import first_token, speed, took

register = template.Library()

FINISH_REASONS = {
    "stop": "the model had finished",
    "length": "the limit of tokens was reached",
    "content_filter": "the provider's content filter stepped in",
    "tool_calls": "the model wanted to use a tool",
    "unknown": "the provider gave no reason we know",
}
ENDINGS = {
    GenerationStatus.STOPPED: "it was stopped",
    GenerationStatus.INTERRUPTED: "it broke off",
    GenerationStatus.FAILED: "it failed",
}
SOURCES = {
    "schema": "the model's default",
    "site": "set for the whole site",
    "model": "set for this model",
    "group": "set for your group",
    "own": "your default",
    "conversation": "chosen here",
}
ESTIMATED = "estimated"
LONGEST_NAMED = 20


@dataclass(frozen=True)
class Row:
    """``note`` stands small beneath the value."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    rows: list[Row]


@register.filter
def details(run: Generation) -> list[Group]:
    """Only what is known; groups without rows are left out."""
    groups = [
        Group("", _model(run)),
        Group("Parameters", _parameters(run)),
        Group("Tokens and cost", [*_tokens(run), _cost(run)]),
        Group("How it went", [*_time(run), *_end(run)]),
        Group("This conversation so far", _so_far(getattr(run, "spent", None))),
    ]
    known = [Group(group.title, [row for row in group.rows if row.value]) for group in groups]
    return [group for group in known if group.rows]


@register.filter
def short(value: Any) -> str:
    """A parameter's value on one line."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else text[:59] + "…"


@register.filter
def at(values: dict[str, Any], name: str) -> str:
    """The value under a name, on one line; "" without one."""
    return short(values[name]) if name in values else ""


def _model(run: Generation) -> list[Row]:
    sent_format = getattr(run, "sent_format", None) or ""
    name, wire_name = (run.model.name, run.model.wire_name) if run.model else ("", "")
    return [
        Row("Model", name, "" if wire_name == name else wire_name),
        Row("Provider", run.model.provider.name if run.model else ""),
        Row("Format", str(dict(RequestFormat.choices).get(sent_format, sent_format))),
    ]


def _parameters(run: Generation) -> list[Row]:
    """Those that were sent, by their names on the wire; ``Message.objects.shown`` lays them beside the run."""
    sent: dict[str, dict[str, Any]] = getattr(run, "sent_parameters", None) or {}
    return [Row(name, short(each["value"]), SOURCES.get(each["source"], "")) for name, each in sent.items()]


def _tokens(run: Generation) -> list[Row]:
    note = f"{ESTIMATED}: the provider did not count" if run.is_estimated else ""
    return [
        Row("Input", tokens(run.input_tokens), note),
        Row("of which cached", tokens(run.cached_tokens or None)),
        Row("Output", tokens(run.output_tokens), note and ESTIMATED),
        Row("of which reasoning", tokens(run.reasoning_tokens or None)),
    ]


def _cost(run: Generation) -> Row:
    known = Prices.of_texts(run.prices)
    used = known.used_for(run.input_tokens or 0)
    parts = ((used.input, "in"), (used.cached, "cached"), (used.output, "out"))
    listed = " · ".join(f"{price(amount)} {word}" for amount, word in parts if amount is not None)
    is_above = known.step_tokens is not None and (run.input_tokens or 0) > known.step_tokens
    above = f", above {tokens(known.step_tokens)} tokens of input" if is_above else ""
    estimated = ESTIMATED if run.is_estimated else ""
    at_prices = f"at {listed} a million{above}" if listed else ""
    return Row("Cost", money(run.cost), ", ".join(note for note in (estimated, at_prices) if note))


def _time(run: Generation) -> list[Row]:
    return [
        Row("First token after", seconds(first_token(run))),
        Row("Whole answer", seconds(took(run))),
        Row("Speed", speed(run)),
    ]


def _end(run: Generation) -> list[Row]:
    by_status = ENDINGS.get(GenerationStatus(run.status), "")
    why = by_status or FINISH_REASONS.get(run.finish_reason, run.finish_reason)
    return [Row("Ended because", why), Row("Request id", run.request_id)]


@register.filter
def chosen(run: Generation) -> str:
    """The values chosen for this run on one line: by these versions of an answer differ."""
    sent: dict[str, dict[str, Any]] = getattr(run, "sent_parameters", None) or {}
    own = [(name, short(each["value"])) for name, each in sent.items() if each["source"] == "conversation"]
    return " · ".join(f"{name} {value}" for name, value in own if len(value) <= LONGEST_NAMED)


def _so_far(spent: Spent | None) -> list[Row]:
    if spent is None or not spent.tokens:
        return []
    notes = ["partly estimated"] if spent.is_estimated else []
    unpriced = ["without answers that have no price"] if spent.is_partly_unpriced else []
    return [
        Row("Tokens", tokens(spent.tokens), ", ".join([*notes, "all versions counted"])),
        Row("Cost", money(spent.cost), ", ".join([*notes, *unpriced])),
    ]
