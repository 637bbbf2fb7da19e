"""Taking chosen values along to another model or request format."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.schemas.aliases import present, shapes
from conversations.schemas.parameters import Schema, check, parameters, value_problem


@dataclass(frozen=True)
class Carried:
    """``kept``: the values under the names of the new schema; ``dropped``: (old name, why) of those that don't fit."""

    kept: dict[str, Any]
    dropped: tuple[tuple[str, str], ...]


def carry(values: Mapping[str, Any], old_schema: Schema, new_schema: Schema) -> Carried:
    """What of ``values`` fits the new schema: under the same name, or the one that means the same there."""
    titles = {p.name: p.title for p in parameters(old_schema)}
    kept: dict[str, Any] = {}
    came_from: dict[str, str] = {}
    dropped = []
    for name, value in values.items():
        if value is None:
            continue
        target, fitting, reason = _place(name, value, kept, new_schema, titles.get(name, name))
        if reason:
            dropped.append((name, reason))
        else:
            kept[target], came_from[target] = fitting, name
    while problems := check(new_schema, kept):
        loser = next(reversed(problems))
        del kept[loser]
        dropped.append((came_from[loser], problems[loser]))
    return Carried(kept, tuple(dropped))


def _place(name: str, value: Any, kept: Mapping[str, Any], schema: Schema, title: str) -> tuple[str, Any, str]:
    """(name there, value there, "") or (…, …, why it does not fit)."""
    properties = schema.get("properties", {})
    reason = f"This model does not take {title}."
    for target in present(name, properties):
        if target in kept:
            reason = f"{title} is set already, under another name."
            continue
        problems = []
        for shaped in shapes(name, value):
            problem = value_problem(target, properties[target], shaped)
            if not problem:
                return target, shaped, ""
            problems.append(problem)
        reason = problems[0]
    return name, value, reason
