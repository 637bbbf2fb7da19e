"""Structured outputs: what was asked for, whether an answer is that, and templates to start from."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from conversations.schemas.bounded_validation import misfits
from conversations.schemas.checked_schemas import schema_problems
from conversations.schemas.documents import document
from conversations.schemas.sentences import MOST_DEPTH, shape_problem

__all__ = ["Outcome", "Template", "Wanted", "format_problems", "judge", "schema_problems", "templates", "wanted"]

LONGEST: Final = 1_000_000
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FENCE: Final = re.compile(r"\s*```(?:json)?[ \t]*\n(.*)\n```\s*", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """``kind`` is json_object (any object) or json_schema (one that fits ``schema``)."""

    kind: str
    name: str = ""
    schema: Mapping[str, Any] | None = None
    is_strict: bool = False


@dataclass(frozen=True)
class Outcome:
    """``value`` is what the text says as JSON; ``problems`` where it is not what was wanted; ``notes`` what could not
    be checked or was tolerated. All are plain sentences."""

    is_json: bool
    value: Any
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """A schema to start from, good for strict outputs. ``name`` is the wire's, ``title`` what people read."""

    name: str
    title: str
    description: str
    schema: Mapping[str, Any]


def wanted(values: Mapping[str, Any]) -> Wanted | None:
    """What the parameters of a request ask for; None: text. Knows both formats' shapes and the aggregator's word."""
    asked = values.get("response_format", values.get("text.format"))
    if isinstance(asked, str):
        asked = {"type": asked}
    if not isinstance(asked, Mapping):
        return None
    if asked.get("type") == "json_object":
        schema = asked.get("schema")  # llama.cpp takes one here
        return Wanted("json_object", schema=schema if isinstance(schema, Mapping) else None)
    inner = asked.get("json_schema", asked)
    if asked.get("type") != "json_schema" or not isinstance(inner, Mapping):
        return None
    schema = inner.get("schema")
    return Wanted(
        "json_schema",
        name=str(inner.get("name") or ""),
        schema=schema if isinstance(schema, Mapping) else None,
        is_strict=inner.get("strict") is True,
    )


def judge(text: str, wanted: Wanted) -> Outcome:
    """Whether an answer is what was wanted. Bounded in time whatever model and schema say; never raises."""
    if not text.strip():
        return Outcome(is_json=False, value=None, problems=("The answer is empty.",))
    if len(text) > LONGEST:
        return Outcome(is_json=False, value=None, problems=("The answer is too long to be checked.",))
    fenced = _FENCE.fullmatch(text)
    notes = ["The answer stands in a code block."] if fenced else []
    try:
        value = json.loads(fenced[1] if fenced else text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return Outcome(is_json=False, value=None, problems=(_unreadable(error),))
    if problem := shape_problem(value):
        return Outcome(is_json=True, value=None, problems=(f"The answer {problem}.",))
    problems, further = _fit(value, wanted)
    return Outcome(is_json=True, value=value, problems=tuple(problems), notes=(*notes, *further))


def format_problems(value: Any) -> list[str]:
    """What is wrong with a ``response_format`` or a ``text.format``; empty if it can be sent."""
    if not isinstance(value, Mapping) or value.get("type") != "json_schema":
        return []
    inner = value.get("json_schema", value)
    if not isinstance(inner, Mapping):
        return ["json_schema must be an object."]
    name = inner.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return ["The schema needs a name of letters, digits, _ and -, at most 64."]
    return schema_problems(inner.get("schema"), strict=inner.get("strict") is True)


@cache
def templates() -> tuple[Template, ...]:
    """Those of the schema editor, in its order."""
    return tuple(
        Template(name, found["title"], found["description"], found["schema"])
        for name, found in document("templates").items()
    )


def _fit(value: Any, wanted: Wanted) -> tuple[list[str], list[str]]:
    if wanted.schema is None:
        is_fit = wanted.kind != "json_object" or isinstance(value, dict)
        return ([] if is_fit else ["The answer is JSON, but no object."]), []
    broken = schema_problems(wanted.schema, strict=False)
    if broken:
        return [], [f"The answer was not checked: {broken[0]}"]
    return misfits(value, wanted.schema)


def _unreadable(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"The answer is not JSON: line {error.lineno}, column {error.colno} can't be read."
    if isinstance(error, RecursionError):
        return f"The answer is nested deeper than {MOST_DEPTH} levels."
    return "The answer holds a number that is none in JSON."


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
