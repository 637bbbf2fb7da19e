"""What a JSON Schema objects to, in plain sentences."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from jsonschema.exceptions import ValidationError, best_match

MOST_DEPTH: Final = 64
MOST_NODES: Final = 50_000
_UNFIT: Final = frozenset("\0") | {chr(code) for code in range(0xD800, 0xE000)}
"""NUL and halves of characters: databases and JSON readers refuse them."""
_TYPES: Final = {
    "object": "an object", "array": "a list", "string": "text", "number": "a number",
    "integer": "a whole number", "boolean": "true or false", "null": "null",
}  # fmt: skip


def within(minimum: float | None, maximum: float | None, above: float | None) -> str:
    """ " between 0 and 2", " at least 1", " greater than 0 and at most 9", or "" where there is no bound."""
    if above is not None and (minimum is None or above >= minimum):
        return f" greater than {above:g}" + ("" if maximum is None else f" and at most {plain(maximum)}")
    if minimum is not None and maximum is not None:
        return f" between {plain(minimum)} and {plain(maximum)}"
    if minimum is not None:
        return f" at least {plain(minimum)}"
    return "" if maximum is None else f" at most {plain(maximum)}"


def plain(value: Any) -> str:
    """A value as it stands in a sentence: short."""
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"


def shape_problem(value: Any, most: int = MOST_NODES) -> str:
    """Why a value can't go over the wire as JSON at all; "" if it can. ``most``: values inside it. Never recurses."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    seen = 0
    while waiting:
        item, depth = waiting.pop()
        seen += 1
        if seen > most:
            return "holds too much"
        if depth > MOST_DEPTH:
            return "is nested too deeply"
        problem = _leaf_problem(item)
        if problem:
            return problem
        waiting.extend((inner, depth + 1) for inner in _inner(item))
    return ""


def explain(errors: Iterable[ValidationError]) -> str:
    """The most telling of some errors, with its place: ``json_schema.name is missing.``"""
    error = best_match(errors)
    if error is None:
        return ""
    return f"{place(error)} {reason(error)}."


def place(error: ValidationError) -> str:
    """Where in the value an error is: ``items[3].price``, or "it" for the whole."""
    path = ""
    for step in error.absolute_path:
        path += f"[{step}]" if isinstance(step, int) else f".{str(step)[:60]}" if path else str(step)[:60]
    return path or "it"


def reason(error: ValidationError) -> str:
    """What is wrong there, without a full stop."""
    by_keyword: Mapping[str, Callable[[ValidationError], str]] = {
        "type": _type,
        "enum": _enum,
        "const": lambda e: f"must be {plain(e.validator_value)}",
        "required": _required,
        "additionalProperties": _further,
        "minLength": lambda e: "must not be empty" if e.validator_value == 1 else "is too short",
        "maxLength": lambda e: f"is longer than {e.validator_value} characters",
        "minItems": lambda e: (
            "must not be empty" if e.validator_value == 1 else f"must have at least {e.validator_value} entries"
        ),
        "maxItems": lambda e: f"must have at most {e.validator_value} entries",
        "maxProperties": lambda e: f"must have at most {e.validator_value} entries",
        "minimum": lambda e: f"must be at least {plain(e.validator_value)}",
        "maximum": lambda e: f"must be at most {plain(e.validator_value)}",
        "exclusiveMinimum": lambda e: f"must be greater than {plain(e.validator_value)}",
        "exclusiveMaximum": lambda e: f"must be less than {plain(e.validator_value)}",
        "pattern": lambda e: f"must match {plain(e.validator_value)}",
        "uniqueItems": lambda _: "has the same entry twice",
    }
    known = by_keyword.get(str(error.validator))
    return known(error) if known else "does not fit the schema"


def _leaf_problem(item: Any) -> str:
    if isinstance(item, float) and not math.isfinite(item):
        return "must be a real number, neither infinite nor NaN"
    if isinstance(item, int) and item.bit_length() > 63:
        return "holds a number that is too large"
    if isinstance(item, Mapping) and not all(isinstance(key, str) for key in item):
        return "has a name that is not text"
    if not all(_UNFIT.isdisjoint(text) for text in _texts(item)):
        return "holds characters that are not text"
    if item is None or isinstance(item, (str, bool, int, float, list, tuple, Mapping)):
        return ""
    return "is not JSON"


def _texts(item: Any) -> Iterable[str]:
    return (item,) if isinstance(item, str) else item if isinstance(item, Mapping) else ()


def _inner(item: Any) -> Iterable[Any]:
    if isinstance(item, Mapping):
        return item.values()
    return item if isinstance(item, (list, tuple)) else ()


def _type(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    names = [wanted] if isinstance(wanted, str) else wanted
    return f"must be {' or '.join(_TYPES.get(name, str(name)) for name in names)}"


def _enum(error: ValidationError) -> str:
    allowed: Any = error.validator_value
    return f"must be one of {', '.join(plain(value) for value in allowed[:20])}"


def _required(error: ValidationError) -> str:
    instance: Any = error.instance
    required: Any = error.validator_value
    missing = [name for name in required if name not in instance]
    return f"lacks {', '.join(missing[:5])}"


def _further(error: ValidationError) -> str:
    known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    instance: Any = error.instance
    extra = [str(name)[:60] for name in instance if name not in known]
    return f"has {', '.join(extra[:5])}, which is not known there"
