"""What admins decided about parameters: several rules about one of them become one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Final

from conversations.schemas.aliases import present, shapes
from conversations.schemas.parameters import value_problem

_STRICTNESS: Final = {"free": 0, "default": 1, "fixed": 2, "hidden": 3}
_NO_NUMBERS: Final = ("string", "boolean", "array", "object")
_LEVELS: Final = {"site": 0, "model": 1, "group": 2}


@dataclass(frozen=True)
class Rule:
    """What an admin decided about one parameter.

    ``mode``: free, default, fixed or hidden. ``source``: site, model or group. Bounds only narrow what the schema has.
    ``is_for_model`` tells a group's rule about one model from its rule about all of them.
    """

    name: str
    mode: str
    source: str
    value: Any = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = field(default=())
    is_for_model: bool = False

    @property
    def level(self) -> int:
        """The higher one overrules."""
        return _LEVELS.get(self.source, 0) + (self.source == "group" and self.is_for_model)


def rules_in_force(rules: Iterable[Rule], properties: Mapping[str, Any]) -> dict[str, Rule]:
    """The one rule that holds for each parameter of a schema; those nobody decided about are left out.

    A rule about a parameter holds under every name it has (``max_tokens`` for ``max_output_tokens``, …), so that
    another request format is no way around it. Of several the highest level counts; within one the strictest.
    """
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for number, name in enumerate(present(rule.name, properties)):
            meant = replace(rule, name=name, value=_shaped(rule, properties[name]))
            found.setdefault(name, []).append(_for_other_name(meant) if number else meant)
    return {name: _winner(some) for name, some in found.items()}


def narrowed(form: Mapping[str, Any], rule: Rule | None) -> dict[str, Any]:
    """The property with the bounds of the rule, which never widen it. An impossible one has an empty ``enum``."""
    result = dict(form)
    if rule is None:
        return result
    if form.get("type") not in _NO_NUMBERS:  # "number", but also a list with "null", or an anyOf
        _bound(result, "minimum", rule.minimum, max)
        _bound(result, "maximum", rule.maximum, min)
        if _is_empty(result):
            result["enum"] = []
    if rule.choices:
        result["enum"] = [v for v in rule.choices if not value_problem(rule.name, result, v)]
    return result


def _shaped(rule: Rule, form: Mapping[str, Any]) -> Any:
    """The rule's value in the form this name takes; as it is where none fits."""
    if rule.value is None:
        return None
    fitting = (v for v in shapes(rule.name, rule.value) if not value_problem(rule.name, form, v))
    return next(fitting, rule.value)


def _for_other_name(rule: Rule) -> Rule:
    """What a rule means for a second name of the same parameter in one schema: no second value, the same limits."""
    return replace(rule, value=None, mode={"default": "free", "fixed": "hidden"}.get(rule.mode, rule.mode))


def _winner(rules: list[Rule]) -> Rule:
    highest = max(rule.level for rule in rules)
    return reduce(_stricter, [rule for rule in rules if rule.level == highest])


def _stricter(one: Rule, other: Rule) -> Rule:
    first, second = sorted((one, other), key=lambda rule: -_STRICTNESS.get(rule.mode, 0))
    value = second.value if first.value is None and second.mode != "default" else first.value
    return replace(
        first,
        value=value,
        minimum=_of(max, one.minimum, other.minimum),
        maximum=_of(min, one.maximum, other.maximum),
        choices=_common(one.choices, other.choices),
    )


def _of(choose: Any, one: float | None, other: float | None) -> float | None:
    given = [bound for bound in (one, other) if bound is not None]
    return choose(given) if given else None


def _common(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    if not one or not other:
        return one or other
    return tuple(value for value in one if value in other) or (None,)


def _bound(form: dict[str, Any], keyword: str, value: float | None, choose: Any) -> None:
    if value is not None:
        form[keyword] = choose(value, form.get(keyword, value))


def _is_empty(form: Mapping[str, Any]) -> bool:
    lowest, highest, above = form.get("minimum"), form.get("maximum"), form.get("exclusiveMinimum")
    if highest is None:
        return False
    return (lowest is not None and lowest > highest) or (above is not None and above >= highest)
