"""Whether a JSON Schema that somebody wrote is one, and whether providers take it as a strict one."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from conversations.schemas.sentences import place, reason, shape_problem

MOST_PROBLEMS: Final = 20
_LISTS: Final = ("anyOf", "allOf", "oneOf", "prefixItems")
_MAPS: Final = ("properties", "$defs", "definitions")
_SINGLES: Final = ("items", "additionalProperties", "not", "if", "then", "else")


def schema_problems(schema: Any, strict: bool) -> list[str]:
    """What is wrong with a JSON Schema, in plain sentences; empty if it can be sent.

    ``strict`` asks for what strict structured outputs and strict tools need: every object names all its properties as
    required and allows no others (§2.5 of the notes on model APIs).
    """
    if not isinstance(schema, Mapping):
        return ["The schema must be an object."]
    shape = shape_problem(schema)
    if shape:
        return [f"The schema {shape}."]
    error = best_match(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema))
    if error is not None:
        return [f"This is not a JSON Schema: {place(error)} {reason(error)}."]
    remote = [f"{where} refers to another document, which nobody can read here." for where in _remote(schema)]
    return (remote + (_strict_problems(schema) if strict else []))[:MOST_PROBLEMS]


def _strict_problems(schema: Mapping[str, Any]) -> list[str]:
    problems = [] if schema.get("type") == "object" else ["A strict schema must have the type object at its top."]
    for where, part in _parts(schema, "The top"):
        if not _is_object(part):
            continue
        properties = part.get("properties") or {}
        missing = [name for name in properties if name not in (part.get("required") or [])]
        if missing:
            problems.append(
                f"{where} must list {', '.join(missing[:5])} as required: a strict schema knows no optional properties"
                " (allow null instead)."
            )
        if part.get("additionalProperties") is not False:
            problems.append(f"{where} must say additionalProperties: false.")
    return problems


def _is_object(part: Mapping[str, Any]) -> bool:
    kind = part.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind) or "properties" in part


def _remote(schema: Mapping[str, Any]) -> list[str]:
    found = []
    for where, part in _parts(schema, "The top"):
        reference = part.get("$ref", part.get("$dynamicRef", "#"))
        if not str(reference).startswith("#"):
            found.append(where)
    return found


def _parts(schema: Mapping[str, Any], where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schema and all that stand in it, each with its place in words. The depth is bounded by ``shape_problem``."""
    yield where, schema
    prefix = "" if where == "The top" else f"{where}."
    for keyword in _MAPS:
        inner = schema.get(keyword)
        for name, part in inner.items() if isinstance(inner, Mapping) else ():
            if isinstance(part, Mapping):
                yield from _parts(part, f"{prefix}{str(name)[:60]}")
    for keyword in _LISTS:
        for number, part in enumerate(schema.get(keyword) or ()):
            if isinstance(part, Mapping):
                yield from _parts(part, f"{prefix}{keyword}[{number}]")
    for keyword in _SINGLES:
        if isinstance(schema.get(keyword), Mapping):
            yield from _parts(schema[keyword], f"{prefix}{keyword}")
