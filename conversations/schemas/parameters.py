"""The parameters of a model, read from its JSON Schema, and whether values fit it.

A schema is a JSON Schema (2020-12) of type object; each property is one parameter, a dotted name means nesting on the
wire. Keywords of our own: ``x-order``, ``x-control``, ``x-step``, ``x-group``, ``x-excludes`` {other: sentence} and
``x-requires`` {other: {"values": [what it must be; null: unset], "message": sentence}}; without "values" the other one
must be set.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry

from conversations.schemas.outputs import format_problems
from conversations.schemas.sentences import explain, plain, shape_problem, within
from conversations.schemas.tool_declarations import check_choice, check_tools

Schema = Mapping[str, Any]
SYSTEM_TEXTS: Final = ("system_prompt", "instructions")
_KINDS: Final = {"boolean": "switch", "number": "number", "integer": "integer", "string": "text"}
_CONTROLS: Final = {"switch", "select", "strings", "text", "json"}
_CHECKS: Final[Mapping[str, Callable[[Any], list[str]]]] = {
    "tools": check_tools,
    "tool_choice": check_choice,
    "response_format": format_problems,
    "text.format": format_problems,
}
_LATE: Final = 10_000
_TOO_LARGE: Final = 2**63


@dataclass(frozen=True)
class Parameter:
    """One parameter as a form shows it. ``kind``: number, integer, switch, select, strings, text or json.

    ``exclusive_minimum`` is the bound itself (the value must be greater), None where there is none.
    """

    name: str
    title: str
    help: str
    kind: str
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    choices: tuple[Any, ...] = ()
    step: float | None = None
    is_advanced: bool = False
    is_system_text: bool = False


def parameters(schema: Schema) -> tuple[Parameter, ...]:
    """All of them, in the order of the form."""
    properties = _properties(schema)
    names = sorted(properties, key=lambda name: properties[name].get("x-order", _LATE))
    return tuple(parameter(name, properties[name]) for name in names)


def parameter(name: str, form: Mapping[str, Any]) -> Parameter:
    """What the property ``form`` says about the parameter ``name``."""
    return Parameter(
        name=name,
        title=form.get("title") or name,
        help=form.get("description", ""),
        kind=_kind(form),
        default=form.get("default"),
        minimum=form.get("minimum"),
        maximum=form.get("maximum"),
        exclusive_minimum=form.get("exclusiveMinimum"),
        choices=tuple(form.get("enum", ())),
        step=form.get("x-step"),
        is_advanced=form.get("x-group") == "advanced",
        is_system_text=name in SYSTEM_TEXTS,
    )


def check(schema: Schema, values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with values, by name, in plain sentences; empty if all can be sent. None counts as unset."""
    properties = _properties(schema)
    given = {name: value for name, value in values.items() if value is not None}
    problems = {}
    for name, value in given.items():
        problem = value_problem(name, properties[name], value) if name in properties else unknown(name)
        if problem:
            problems[name] = problem
    for name in given:
        problem = relation_problem(properties, given, name) if name in properties else ""
        if problem:
            problems.setdefault(name, problem)
    return problems


def unknown(name: str) -> str:
    return f"This model does not take {str(name)[:80]}."


def value_problem(name: str, form: Mapping[str, Any], value: Any) -> str:
    """Why ``value`` alone can't be that of the parameter; "" if it can."""
    about = parameter(name, form)
    shape = shape_problem(value)
    if shape:
        return f"{about.title} {shape}."
    errors = list(Draft202012Validator(form, registry=Registry()).iter_errors(value))
    if errors:
        return _sentence(about, form, value, errors)
    if about.kind == "integer" and abs(value) >= _TOO_LARGE:
        return f"{about.title} is too large a number."
    further = _CHECKS[name](value) if name in _CHECKS and about.kind == "json" else []
    return f"{about.title}: {further[0]}" if further else ""


def relation_problem(properties: Mapping[str, Any], given: Mapping[str, Any], name: str) -> str:
    """Why the parameter can't be set beside the others that are; "" if it can. ``given`` holds what is set only."""
    form = properties[name]
    for other, sentence in form.get("x-excludes", {}).items():
        if other in given:
            return str(sentence)
    for other, need in form.get("x-requires", {}).items():
        if not is_met(need, given.get(other)):
            return str(need["message"])
    return ""


def is_met(need: Mapping[str, Any], value: Any) -> bool:
    """Whether the other parameter's ``value`` (None: unset) is what an ``x-requires`` asks for."""
    allowed = need.get("values")
    return value not in (None, [], {}) if allowed is None else value in allowed


def normalised(kind: str, value: Any) -> Any:
    """As it is sent: a whole number is an integer however it was written."""
    return int(value) if kind == "integer" and isinstance(value, float) and value.is_integer() else value


def _properties(schema: Schema) -> Mapping[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, Mapping) else {}


def _kind(form: Mapping[str, Any]) -> str:
    control = form.get("x-control")
    if control in _CONTROLS:
        return str(control)
    if "enum" in form:
        return "select"
    if form.get("type") == "array" and _items(form).get("type") == "string":
        return "strings"
    return _KINDS.get(str(form.get("type")), "json")


def _items(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an array says about its items; nothing where it says true or false."""
    items = form.get("items")
    return items if isinstance(items, Mapping) else {}


def _sentence(about: Parameter, form: Mapping[str, Any], value: Any, errors: list[Any]) -> str:
    if about.kind in ("number", "integer"):
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        is_whole = about.kind == "number" or (is_number and float(value).is_integer())
        noun = "" if is_number and is_whole else " a number" if about.kind == "number" else " a whole number"
        bounds = within(about.minimum, about.maximum, about.exclusive_minimum)
        return f"{about.title} must be{noun}{bounds}{_among(about.choices)}."
    if about.kind == "switch":
        return f"{about.title} must be on or off (true or false)."
    if about.kind == "select":
        return f"{about.title} must be one of {', '.join(map(plain, about.choices))}."
    if about.kind == "strings":
        return f"{about.title} must be {_strings(form)}."
    if about.kind == "text":
        return f"{about.title} must be text{_length(form)}."
    return f"{about.title}: {explain(errors)}"


def _among(choices: tuple[Any, ...]) -> str:
    return f", one of {', '.join(map(plain, choices))}" if choices else ""


def _strings(form: Mapping[str, Any]) -> str:
    least, most = form.get("minItems", 0), form.get("maxItems")
    number = f"{least} to {most} texts" if most else "texts"
    return f"a list of {number}{_length(_items(form))} each, none of them empty"


def _length(form: Mapping[str, Any]) -> str:
    longest = form.get("maxLength")
    return f" of at most {longest:,} characters" if longest else ""
