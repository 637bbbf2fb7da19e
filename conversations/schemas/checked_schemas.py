"""Whether a JSON Schema that somebody wrote is one, and whether providers take it as a strict one."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from conversations.schemas.bounded_validation import TooMuchWorkError, Work
from conversations.schemas.sentences import place, reason, shape_problem

MOST_PROBLEMS: Final = 20
MOST_NODES: Final = 10_000
"""Values in the schemas of one parameter: providers take far less, and to check one takes a tenth of a millisecond."""
_LISTS: Final = ("anyOf", "allOf", "oneOf", "prefixItems")
_MAPS: Final = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_SINGLES: Final = (
    "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "contentSchema",
    "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_TOP: Final = "The top"
_TOO_LARGE: Final = "The schema is too large to be checked."


def schema_problems(schema: Any, strict: bool) -> list[str]:
    """What is wrong with a JSON Schema, in plain sentences; empty if it can be sent, and used by ``outputs.judge``.

    ``strict`` asks for what strict structured outputs and strict tools need: every object names all its properties as
    required and allows no others (§2.5 of the notes on model APIs). References lead to parts of the same schema only.
    """
    if not isinstance(schema, Mapping):
        return ["The schema must be an object."]
    shape = shape_problem(schema, MOST_NODES)
    if shape:
        return [f"The schema {shape}."]
    try:
        error = _first_error(schema)
    except TooMuchWorkError:
        return [_TOO_LARGE]
    if error is not None:
        return [f"This is not a JSON Schema: {place(error)} {reason(error)}."]
    return (_reference_problems(schema) + (_strict_problems(schema) if strict else []))[:MOST_PROBLEMS]


def _first_error(schema: Mapping[str, Any]) -> ValidationError | None:
    """The most telling objection of the language itself. Raises TooMuchWorkError."""
    validator_class = Work().validator({"uniqueItems": _unique_names})
    top = _undeclared(Draft202012Validator.META_SCHEMA)
    found: ValidationError | None = best_match(validator_class(top, registry=_vocabularies()).iter_errors(schema))
    return found


def _unique_names(validator: Any, wanted: bool, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """The language knows only lists of names that must differ; what is no name is objected to elsewhere."""
    are_names = isinstance(instance, list) and all(isinstance(name, str) for name in instance)
    if are_names and len(set(instance)) < len(instance):
        yield ValidationError("has the same entry twice")


@cache
def _vocabularies() -> Registry[Any]:
    """The parts of the language's own schema, none of which names its dialect: see ``Work.validator``."""
    parts = [uri for uri in REGISTRY if uri.startswith("https://json-schema.org/draft/2020-12/meta/")]
    resources = [(uri, DRAFT202012.create_resource(_undeclared(REGISTRY.contents(uri)))) for uri in parts]
    return Registry().with_resources(resources)


def _undeclared(part: Mapping[str, Any]) -> dict[str, Any]:
    return {keyword: value for keyword, value in part.items() if keyword != "$schema"}


def _strict_problems(schema: Mapping[str, Any]) -> list[str]:
    problems = [] if schema.get("type") == "object" else ["A strict schema must have the type object at its top."]
    for where, part in _parts(schema, _TOP):
        if not _is_object(part):
            continue
        required = set(part.get("required") or ())
        missing = [name for name in part.get("properties") or {} if name not in required]
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


def _reference_problems(schema: Mapping[str, Any]) -> list[str]:
    parts = list(_parts(schema, _TOP))
    known = {id(part) for _, part in parts}
    anchors = {f"#{part[word]}" for _, part in parts for word in ("$anchor", "$dynamicAnchor") if word in part}
    problems = []
    for where, part in parts:
        if "$id" in part and part is not schema:
            problems.append(f"{where} has an $id of its own; only the top may have one.")
        if "$schema" in part and part is not schema:
            problems.append(f"{where} has a $schema of its own; only the top may have one.")
        for keyword in ("$ref", "$dynamicRef"):
            reference = part.get(keyword, "#")
            if reference not in anchors and id(_target(schema, reference)) not in known:
                problems.append(f"{where} refers to {str(reference)[:80]}, which is no part of this schema.")
    return problems


def _target(schema: Mapping[str, Any], reference: str) -> Any:
    """What a JSON pointer leads to, None if nothing."""
    if reference == "#":
        return schema
    if not reference.startswith("#/"):
        return None
    found: Any = schema
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def _parts(schema: Mapping[str, Any], where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schema and all that stand in it, each with its place in words. The depth is bounded by ``shape_problem``."""
    yield where, schema
    prefix = "" if where == _TOP else f"{where}."
    for name, part in _inner(schema):
        if isinstance(part, Mapping):
            yield from _parts(part, f"{prefix}{name}")


def _inner(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for keyword in _MAPS:
        for name, part in (schema.get(keyword) or {}).items():
            yield str(name)[:60], part
    for keyword in _LISTS:
        for number, part in enumerate(schema.get(keyword) or ()):
            yield f"{keyword}[{number}]", part
    for keyword in _SINGLES:
        yield keyword, schema.get(keyword)
