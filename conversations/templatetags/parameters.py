"""Words of the inspector and the picker: where a value comes from, what a model can, costs, and how long it lives."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import date_format

from conversations.forms.parameters import KINDS_OF_ANSWER, Field, said
from conversations.models import LanguageModel
from conversations.models.language_models import RequestFormat
from conversations.schemas import outputs
from conversations.schemas.catalogue import Entry
from conversations.schemas.effective import Effective
from conversations.templatetags.amounts import tokens

register = template.Library()

SOURCES = {
    "schema": "The model's default",
    "site": "Set for the whole site",
    "model": "Set for this model",
    "group": "Set for your group",
    "own": "Your default",
}
ABILITIES = {
    "vision": "Images",
    "tools": "Tools",
    "reasoning": "Reasoning",
    "structured": "Structured",
    "web_search": "Web search",
    "files": "Files",
    "caching": "Caching",
}
SHORT = ("vision", "tools", "reasoning", "structured")
"""What the picker names; the card has all of them."""
TOOLS = (
    (
        "Look something up",
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "description": "The weather at a place, now.",
                "parameters": {
                    "type": "object",
                    "properties": {"place": {"type": "string", "description": "Town and country"}},
                    "required": ["place"],
                    "additionalProperties": False,
                },
                "strict": True,
            },
        },
    ),
    (
        "Search with a filter",
        {
            "type": "function",
            "function": {
                "name": "search_documents",
                "description": "Finds documents that match some words.",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "words": {"type": "string"},
                        "most": {"type": "integer", "description": "How many at most, 1 to 20"},
                    },
                    "required": ["words", "most"],
                    "additionalProperties": False,
                },
                "strict": True,
            },
        },
    ),
)


@register.filter
def source_words(field: Field) -> str:
    """Where the value in force comes from."""
    is_own = field.is_set and not field.effective.is_locked
    source = field.whose if is_own else SOURCES.get(field.effective.source, "")
    bounds = "" if field.effective.is_locked else _bounds(field)
    return " · ".join(part for part in (source, bounds) if part)


@register.filter
def value_words(effective: Effective) -> str:
    return said(effective)


@register.filter
def bare(number: float | None) -> str:
    """A number as HTML and JSON write it, whatever the language: ``1``, ``0.05``."""
    if number is None:
        return ""
    return str(int(number)) if float(number).is_integer() else repr(float(number))


@register.simple_tag
def answer_kinds() -> tuple[tuple[str, str], ...]:
    return KINDS_OF_ANSWER


@register.simple_tag
def schema_templates() -> Iterator[dict[str, str]]:
    """Schemas to start from, as text."""
    for each in outputs.templates():
        yield {"name": each.name, "title": each.title, "text": json.dumps(each.schema, indent=2, ensure_ascii=False)}


@register.simple_tag
def tool_templates() -> list[tuple[str, str]]:
    """Declarations to start from: title, and JSON as text."""
    return [(title, json.dumps(tool, indent=2)) for title, tool in TOOLS]


@register.filter
def abilities(model: LanguageModel) -> list[str]:
    """All that is known of what a model can, in words."""
    return [label for name, label in ABILITIES.items() if model.can(name)]


@register.filter
def short_abilities(model: LanguageModel) -> list[str]:
    return [ABILITIES[name] for name in SHORT if model.can(name)]


@register.filter
def model_state(model: LanguageModel) -> str:
    """What one should know before choosing it: "" for a model in good health."""
    if model.is_shut_down:
        return f"Shut down since {_day(model.shutdown_on)}. It does not answer any more."
    if model.shutdown_on:
        return f"Deprecated: it is shut down on {_day(model.shutdown_on)}."
    return f"Deprecated since {_day(model.deprecated_on)}." if model.deprecated_on else ""


@register.filter
def short_state(model: LanguageModel) -> str:
    """The same for the picker."""
    if model.is_shut_down:
        return f"Shut down since {_day(model.shutdown_on)}"
    if model.shutdown_on:
        return f"Deprecated, until {_day(model.shutdown_on)}"
    return "Deprecated" if model.deprecated_on else ""


@register.filter
def facts(model: LanguageModel, entry: Entry | None) -> list[tuple[str, str]]:
    """Label and value of what is known about a model, in order of reading."""
    retention = {True: "Yes", False: "No", None: "Not stated"}[model.has_zero_retention]
    rows = [
        ("Provider", f"{model.provider.name} ({model.provider.get_kind_display()})"),
        ("Model id", model.wire_name),
        ("Made by", entry.vendor if entry else ""),
        ("Context window", _tokens(model.context_window)),
        ("Longest answer", _tokens(model.output_limit)),
        ("Reads", "Text, images" if model.can("vision") else "Text" if model.knows_abilities else ""),
        ("Request formats", ", ".join(RequestFormat(name).label for name in model.formats)),
        ("Zero data retention", retention),
        ("Deprecated on", _day(model.deprecated_on)),
        ("Shut down on", _day(model.shutdown_on)),
    ]
    return [(label, value) for label, value in rows if value]


@dataclass(frozen=True)
class PriceRow:
    label: str
    input: Decimal | None
    cached: Decimal | None
    output: Decimal | None


@register.filter
def price_rows(model: LanguageModel) -> list[PriceRow]:
    """The prices, and those above a step of input; nothing where none is known."""
    known = model.prices
    if known.input is None and known.output is None:
        return []
    first = PriceRow("Price", known.input, known.cached, known.output)
    if not known.step_tokens:
        return [first]
    step = f"{known.step_tokens:,}"
    above = PriceRow(f"Above {step}", known.step_input, known.step_cached, known.step_output)
    return [PriceRow(f"Up to {step}", known.input, known.cached, known.output), above]


@register.filter
def prompts(entry: Entry | None) -> list[tuple[str, str]]:
    """Titles and texts of the catalogue's examples; of a conversation its beginning."""
    return [(each.title, _first_question(each.messages)) for each in entry.examples] if entry else []


def _first_question(messages: Any) -> str:
    return next((str(message["content"]) for message in messages if message["role"] == "user"), "")


def _bounds(field: Field) -> str:
    about = field.parameter
    if about.maximum is not None and field.lowest is not None:
        return f"{bare(field.lowest)} to {bare(about.maximum)}"
    return ""


def _tokens(count: int | None) -> str:
    return f"{tokens(count)} tokens" if count else ""


def _day(day: Any) -> str:
    return str(date_format(day, "j F Y")) if day else ""
