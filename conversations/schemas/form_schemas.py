"""Whether a schema of parameters that an admin edited can be used for forms and checks."""

import re
from collections.abc import Mapping
from typing import Any, Final

from conversations.schemas.checked_schemas import MOST_PROBLEMS, schema_problems
from conversations.schemas.parameters import value_problem

_GROUPS: Final = ("basic", "advanced")
_CONTROLS: Final = ("slider", "number", "switch", "select", "strings", "text", "json")


def form_schema_problems(schema: Any) -> list[str]:
    """What is wrong with a schema of parameters, in plain sentences; empty if parameters() and resolve() can use it."""
    problems = schema_problems(schema, strict=False)
    if problems:
        return problems
    properties = schema.get("properties")
    if schema.get("type") != "object" or not isinstance(properties, Mapping):
        return ["The schema must be of type object and have properties."]
    for name, form in properties.items():
        problems += [f"{name}: {problem}" for problem in _property_problems(name, form)]
    return problems[:MOST_PROBLEMS]


def _property_problems(name: str, form: Any) -> list[str]:
    if not isinstance(form, Mapping):
        return ["must be an object."]
    problems = _keyword_problems(form) + _relation_problems(form) + _inner_problems(form)
    if problems or form.get("default") is None:
        return problems
    misfit = value_problem(name, form, form["default"])
    return [f"its default does not fit. {misfit}"] if misfit else []


def _keyword_problems(form: Mapping[str, Any]) -> list[str]:
    order, step = form.get("x-order", 0), form.get("x-step", 1)
    checks = {
        "x-order must be a whole number.": isinstance(order, int),
        "x-step must be a number above 0.": isinstance(step, (int, float)) and step > 0,
        "x-group must be basic or advanced.": form.get("x-group", "basic") in _GROUPS,
        f"x-control must be one of {', '.join(_CONTROLS)}.": form.get("x-control", "json") in _CONTROLS,
        "type must be one word.": isinstance(form.get("type", ""), str),
    }
    return [sentence for sentence, is_good in checks.items() if not is_good]


def _relation_problems(form: Mapping[str, Any]) -> list[str]:
    excludes, requires = form.get("x-excludes", {}), form.get("x-requires", {})
    problems = []
    if not isinstance(excludes, Mapping) or not all(isinstance(sentence, str) for sentence in excludes.values()):
        problems.append("x-excludes must be an object of names with a sentence each.")
    if not isinstance(requires, Mapping) or not all(_is_need(need) for need in requires.values()):
        problems.append("x-requires must be an object of names, each with a message and maybe a list of values.")
    return problems


def _is_need(need: Any) -> bool:
    if not isinstance(need, Mapping):
        return False
    return isinstance(need.get("message"), str) and isinstance(need.get("values", []), list)


def _inner_problems(form: Mapping[str, Any]) -> list[str]:
    """References can't be followed from one parameter alone, and unreadable patterns can't be checked."""
    problems = []
    waiting: list[Any] = [form]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            if isinstance(part.get("$ref"), str) or isinstance(part.get("$dynamicRef"), str):
                problems.append("references can't be used here.")
            if isinstance(part.get("pattern"), str) and not _is_readable(part["pattern"]):
                problems.append(f"the pattern {part['pattern'][:60]} can't be read.")
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return problems


def _is_readable(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
