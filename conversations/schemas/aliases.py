"""Parameters that mean the same under another name in another request format."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_GROUPS: Final = (
    ("max_completion_tokens", "max_output_tokens", "max_tokens"),
    ("system_prompt", "instructions"),
    ("reasoning_effort", "reasoning.effort"),
    ("verbosity", "text.verbosity"),
    ("response_format", "text.format"),
)
LENGTHS: Final = _GROUPS[0]
"""The names of the bound on an answer's length."""
_INNER: Final = ("name", "description", "schema", "strict")


def same_as(name: str) -> tuple[str, ...]:
    """The parameter's name and, after it, the others that mean the same."""
    for group in _GROUPS:
        if name in group:
            return (name, *(other for other in group if other != name))
    return (name,)


def present(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Those of ``known`` that mean what ``name`` means, itself first."""
    names = set(known)
    return tuple(other for other in same_as(name) if other in names)


def shapes(name: str, value: Any) -> tuple[Any, ...]:
    """The forms that a value of ``name`` may take under one of its names, the one it has first."""
    if name not in same_as("response_format"):
        return (value,)
    if isinstance(value, str):
        return value, {"type": value}
    if not isinstance(value, Mapping):
        return (value,)
    kind = value.get("type")
    if kind != "json_schema":
        return (value, kind) if isinstance(kind, str) else (value,)
    inner = value.get("json_schema")
    if isinstance(inner, Mapping):
        return value, {"type": kind, **inner}
    return value, {"type": kind, "json_schema": {key: value[key] for key in _INNER if key in value}}
