"""A value for each parameter of the catalogue's schemas, those that are out of range, and what has to be set beside."""

from typing import Any

from conversations.schemas.catalogue import entries
from conversations.schemas.parameters import Parameter, parameters

SEED_SYSTEMS = (
    "cloudflare/openai/gpt-4.1",
    "cloudflare/openai/gpt-4.1-mini",
    "cloudflare/openai/gpt-4.1-nano",
    "cloudflare/openai/gpt-5.4",
    "aggregator/gpt-4.1",
)
TOOL = {
    "type": "function",
    "function": {"name": "get_time", "description": "The time", "parameters": {"type": "object", "properties": {}}},
}
_SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
_GIVEN: dict[str, Any] = {
    "stop": ["END", "STOP"],
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": _SCHEMA, "strict": True}},
    "text.format": {"type": "json_schema", "name": "x", "schema": _SCHEMA, "strict": True},
    "tools": [TOOL],
    "tool_choice": {"type": "function", "function": {"name": "get_time"}},
    "metadata": {"team": "sea"},
}
_OTHER: dict[str, Any] = {
    "stop": ["HALT"],
    "response_format": {"type": "text"},
    "text.format": {"type": "text"},
    "tools": [
        {"type": "function", "function": {"name": "get_day", "parameters": {"type": "object", "properties": {}}}}
    ],
    "tool_choice": "auto",
    "metadata": {"team": "land"},
}
_OUT: dict[str, list[Any]] = {
    "stop": [["1", "2", "3", "4", "5"], [1]],
    "response_format": [{"type": "yaml"}, "text"],
    "text.format": [{"type": "yaml"}, []],
    "tools": [[{"type": "function"}], {"a": 1}],
    "tool_choice": ["perhaps", 5],
    "metadata": [{"a": 1}, [1]],
}


def of_seed_systems() -> list[tuple[str, str, Parameter]]:
    """Key, format and parameter of every table."""
    found = [entry for entry in entries() if entry.key in SEED_SYSTEMS]
    return [(e.key, name, each) for e in found for name in e.formats for each in parameters(e.schemas[name])]


def good(parameter: Parameter) -> Any:
    """A value that may be sent, and is no default."""
    if parameter.name in _GIVEN and parameter.kind != "select":
        return _GIVEN[parameter.name]
    if parameter.kind == "number":
        return round((parameter.minimum or 0) + 0.25, 2)
    simple = {"integer": 64, "switch": parameter.default is not True, "text": "Answer like a sailor."}
    return simple[parameter.kind] if parameter.kind in simple else parameter.choices[-1]


def another(parameter: Parameter) -> Any:
    """A value in range that is not the good one."""
    value = good(parameter)
    if parameter.kind == "select":
        return parameter.choices[0]
    if parameter.kind in {"number", "integer"}:
        return value + (1 if parameter.kind == "integer" else 0.25)
    simple = {"switch": not value, "text": "Be rude."}
    return simple[parameter.kind] if parameter.kind in simple else _OTHER[parameter.name]


def out_of_range(parameter: Parameter) -> list[Any]:
    """Values of the wrong range or type."""
    if parameter.name in _OUT and parameter.kind != "select":
        return _OUT[parameter.name]
    wrong: dict[str, list[Any]] = {
        "number": [(parameter.minimum or 0) - 0.01, (parameter.maximum or 0) + 0.01, "0.5", True, [1]],
        "integer": [1.5, "7", True] + ([0, -1] if parameter.exclusive_minimum is not None else []),
        "switch": ["true", 1],
        "text": [7, ["x"]],
        "select": ["something else", 3],
    }
    return wrong[parameter.kind]


def beside(name: str) -> dict[str, Any]:
    """What has to be set with it."""
    return {"tools": [TOOL]} if name in {"tool_choice", "parallel_tool_calls", "max_tool_calls"} else {}
