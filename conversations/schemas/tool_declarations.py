"""Declarations of tools, as they are stored and sent: Chat Completions' shape, hosted tools as they are."""

import re
from collections.abc import Mapping
from typing import Any, Final

from conversations.schemas.checked_schemas import MOST_NODES, schema_problems
from conversations.schemas.sentences import shape_problem

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_TOOLS: Final = 128
_NAME_RULE: Final = "letters, digits, _ and -, at most 64"


def check_tools(value: Any) -> list[str]:
    """What is wrong with a list of declarations, in plain sentences; empty if it can be sent.

    Functions are checked wholly; objects of another ``type`` (hosted tools) only need that type.
    """
    if not isinstance(value, list):
        return ["This must be a list of tools."]
    if shape := shape_problem(value, MOST_NODES):
        return [f"The list {shape}."]
    problems = [f"There are more than {MOST_TOOLS} tools."] if len(value) > MOST_TOOLS else []
    names: set[str] = set()
    for number, tool in enumerate(value[:MOST_TOOLS], start=1):
        problems += _tool_problems(number, tool, names)
    return problems


def check_choice(value: Any) -> list[str]:
    """What is wrong with a ``tool_choice``: a word, or an object that names a tool."""
    if not isinstance(value, Mapping) or value.get("type") != "function":
        return []
    name = _function(value).get("name")
    return [] if isinstance(name, str) and NAME.fullmatch(name) else ["The function's name is missing."]


def _tool_problems(number: int, tool: Any, names: set[str]) -> list[str]:
    if not isinstance(tool, Mapping) or not isinstance(tool.get("type"), str) or not tool["type"]:
        return [f"Tool {number} must be an object with a type, such as function."]
    if tool["type"] != "function":
        return []
    function = tool.get("function")
    if not isinstance(function, Mapping):
        return [f"Tool {number} lacks function, an object with a name."]
    name = function.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return [f"Tool {number} needs a name of {_NAME_RULE}."]
    problems = [f"There are two tools named {name}."] if name in names else []
    names.add(name)
    return problems + _function_problems(name, function)


def _function_problems(name: str, function: Mapping[str, Any]) -> list[str]:
    problems = []
    if not isinstance(function.get("description", ""), str):
        problems.append(f"The description of {name} must be text.")
    if not isinstance(function.get("strict"), (bool, type(None))):
        problems.append(f"strict of {name} must be true or false.")
    schema = function.get("parameters")
    if schema is None:
        return problems
    if not isinstance(schema, Mapping) or schema.get("type", "object") != "object":
        return [*problems, f"The parameters of {name} must be a JSON Schema of type object."]
    found = schema_problems(schema, strict=function.get("strict") is True)
    return problems + [f"The parameters of {name}: {problem}" for problem in found]


def _function(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = choice.get("function")
    return inner if isinstance(inner, Mapping) else choice
