"""Whether a schema of parameters that an admin edited can be used for forms and checks."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conversations.schemas.checked_schemas import MOST_PROBLEMS, schema_problems
from conversations.schemas.parameters import value_problem

MOST_PARAMETERS: Final = 200
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_LONGEST_NAME: Final = 100
_GROUPS: Final = ("basic", "advanced")
_CONTROLS: Final = ("slider", "number", "switch", "select", "strings", "text", "json")


def form_schema_problems(schema: Any) -> list[str]:
    """What is wrong with a schema of parameters, in plain sentences; empty if parameters() and resolve() can use it."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return ['The schema must be an object with "type": "object".']
    problems = schema_problems(schema, strict=False)
    if problems:
        return problems
    properties = schema.get("properties")
    if not properties:
        return ['The schema has no "properties": each of them is one parameter.']
    if len(properties) > MOST_PARAMETERS:
        return [f"The schema has more than {MOST_PARAMETERS} parameters."]
    for name, form in properties.items():
        problems += _property_problems(name, form, properties)
    return problems[:MOST_PROBLEMS]


def _property_problems(name: str, form: Any, known: Mapping[str, Any]) -> list[str]:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        return [f"“{name[:60]}” can't be a parameter: use letters, digits, _ and -, with dots for nesting."]
    if not isinstance(form, Mapping):
        return [f"{name} must be an object."]
    problems = [*_keyword_problems(form), *_relation_problems(form, known), *_inner_problems(form)]
    if not problems and form.get("default") is not None and (misfit := value_problem(name, form, form["default"])):
        problems = [f"its default does not fit. {misfit}"]
    return [f"{name}: {problem}" for problem in problems]


def _keyword_problems(form: Mapping[str, Any]) -> Iterator[str]:
    checks = {
        "x-order must be a number.": _is_number(form.get("x-order", 0)),
        "x-step must be a number above 0.": _is_number(form.get("x-step", 1)) and form.get("x-step", 1) > 0,
        "x-group must be basic or advanced.": form.get("x-group", "basic") in _GROUPS,
        f"x-control must be one of {', '.join(_CONTROLS)}.": form.get("x-control", "json") in _CONTROLS,
        "type must be one word.": isinstance(form.get("type", ""), str),
    }
    return (sentence for sentence, is_good in checks.items() if not is_good)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _relation_problems(form: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    for keyword in ("x-excludes", "x-requires"):
        relations = form.get(keyword, {})
        if not isinstance(relations, Mapping):
            yield f"{keyword} must be an object of other parameters."
            continue
        for other, told in relations.items():
            if other not in known:
                yield f"{keyword} names {other[:60]}, which is no parameter here."
            elif not (isinstance(told, str) if keyword == "x-excludes" else _is_need(told)):
                form_of = "a sentence" if keyword == "x-excludes" else 'an object with a "message" and perhaps "values"'
                yield f"{keyword} for {other} must be {form_of}."


def _is_need(told: Any) -> bool:
    return (
        isinstance(told, Mapping)
        and isinstance(told.get("message"), str)
        and isinstance(told.get("values", []), list)
        and set(told) <= {"message", "values"}
    )


def _inner_problems(form: Mapping[str, Any]) -> Iterator[str]:
    """References can't be followed from one parameter alone, and unreadable patterns can't be checked."""
    waiting: list[Any] = [form]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            if isinstance(part.get("$ref"), str) or isinstance(part.get("$dynamicRef"), str):
                yield "references can't be used here."
            if isinstance(part.get("pattern"), str) and not _is_readable(part["pattern"]):
                yield f"the pattern {part['pattern'][:60]} can't be read."
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _is_readable(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
