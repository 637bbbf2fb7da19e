"""The catalogue of models that comes with the product: facts from ``catalogue/*.toml``, each with source and date."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from conversations.pricing import Prices
from conversations.schemas.aliases import present
from conversations.schemas.documents import document
from conversations.schemas.parameters import Schema
from conversations.schemas.shapes import schema_of

_FILES: Final = ("models", "more_models")
_SNAPSHOT: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Example:
    """A prompt to try a model with. ``kind``: plain, system_message, multi_turn, creative_writing or streaming.

    ``messages`` are objects with role and content, ``parameters`` values by the names of the model's usual format.
    """

    kind: str
    title: str
    messages: tuple[Mapping[str, str], ...]
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """A model as one kind of provider serves it; prices in USD per million tokens, windows and limits in tokens.

    ``abilities``: vision, original_detail (pictures), tools, parallel_tools, structured, reasoning, caching, files,
    web_search. ``formats``: the usual one first; ``schemas`` are by format. ``zero_data_retention`` None: not stated.
    """

    key: str
    kind: str
    wire_name: str
    name: str
    vendor: str
    description: str
    context_window: int
    output_limit: int
    abilities: tuple[str, ...]
    formats: tuple[str, ...]
    schemas: Mapping[str, Schema]
    prices: Prices
    zero_data_retention: bool | None
    terms_url: str
    information_url: str
    deprecated_on: dt.date | None
    shutdown_on: dt.date | None
    examples: tuple[Example, ...]
    source: str
    as_of: dt.date

    def row(self) -> dict[str, Any]:
        """The values of the LanguageModel fields it stands for, as JSON: prices and dates are text."""
        return {
            "name": self.name,
            "description": self.description,
            "request_format": self.formats[0],
            "other_formats": list(self.formats[1:]),
            "schemas": dict(self.schemas),
            "abilities": list(self.abilities),
            "context_window": self.context_window,
            "output_limit": self.output_limit,
            "input_price": _text(self.prices.input),
            "cached_price": _text(self.prices.cached),
            "output_price": _text(self.prices.output),
            "step_tokens": self.prices.step_tokens,
            "step_input_price": _text(self.prices.step_input),
            "step_cached_price": _text(self.prices.step_cached),
            "step_output_price": _text(self.prices.step_output),
            "information_url": self.information_url,
            "terms_url": self.terms_url,
            "has_zero_retention": self.zero_data_retention,
            "deprecated_on": _text(self.deprecated_on),
            "shutdown_on": _text(self.shutdown_on),
        }


@cache
def entries() -> tuple[Entry, ...]:
    """All of them, in the order of the files."""
    return tuple(
        _entry(kind, {**model, **served}, found["as_of"])
        for found in map(document, _FILES)
        for model in found["models"]
        for kind, served in model["served"].items()
    )


def entry(key: str) -> Entry | None:
    """The one of that key, "<kind>/<wire name>"."""
    return next((e for e in entries() if e.key == key), None)


def matching(kind: str, wire_name: str) -> Entry | None:
    """The entry for what a provider of ``kind`` calls ``wire_name``; a dated snapshot is like its model."""
    return entry(f"{kind}/{wire_name}") or entry(f"{kind}/{_SNAPSHOT.sub('', wire_name)}")


def _entry(kind: str, facts: Mapping[str, Any], as_of: dt.date) -> Entry:
    schemas = {request_format: schema_of(name) for request_format, name in facts["schemas"].items()}
    return Entry(
        key=f"{kind}/{facts['wire_name']}",
        kind=kind,
        wire_name=facts["wire_name"],
        name=facts["name"],
        vendor=facts["vendor"],
        description=facts["description"],
        context_window=facts["context_window"],
        output_limit=facts["output_limit"],
        abilities=tuple(facts["abilities"]),
        formats=tuple(schemas),
        schemas=schemas,
        prices=_prices(facts["prices"]),
        zero_data_retention=facts.get("has_zero_retention"),
        terms_url=facts.get("terms_url", ""),
        information_url=facts.get("information_url", ""),
        deprecated_on=facts.get("deprecated_on"),
        shutdown_on=facts.get("shutdown_on"),
        examples=_examples(next(iter(schemas.values())), facts.get("example_length")),
        source=facts["source"],
        as_of=facts.get("as_of", as_of),
    )


def _prices(table: Mapping[str, Any]) -> Prices:
    """A name that Prices does not have is an error of ours, and raises TypeError."""
    values: dict[str, Any] = {n: Decimal(value) if isinstance(value, str) else value for n, value in table.items()}
    return Prices(**values)


def _examples(schema: Schema, length: int | None) -> tuple[Example, ...]:
    found = document("examples")
    bound = present("max_completion_tokens", schema["properties"])[0]
    return tuple(
        Example(
            kind=example["kind"],
            title=example["title"],
            messages=tuple(example["messages"]),
            parameters={
                **({bound: length or found["length"]} if example.get("is_bounded") else {}),
                **({"stream": True} if example.get("stream") else {}),
            },
        )
        for example in found["examples"]
    )


def _text(value: Decimal | dt.date | None) -> str | None:
    return None if value is None else str(value)
