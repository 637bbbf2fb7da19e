"""Which value of each parameter is in force, and where it comes from: one resolver for every way in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import msgspec

from conversations.exceptions import InvalidInputError
from conversations.schemas.aliases import LENGTHS, present, shapes
from conversations.schemas.clashes import settle
from conversations.schemas.effective import Effective
from conversations.schemas.parameters import (
    Parameter,
    Schema,
    normalised,
    parameter,
    parameters,
    unknown,
    value_problem,
)
from conversations.schemas.rules import Rule, narrowed, rules_in_force
from conversations.schemas.sentences import plain

__all__ = ["Effective", "ParameterError", "Resolution", "Rule", "require", "resolve"]

_FREE: Final = Rule("", "free", "site")
_MEMORABLE: Final = 32 * 1024
"""Bytes of a question, the schema in it, that is remembered with its answer."""


class ParameterError(InvalidInputError):
    """A value can't be sent to this model; ``field`` is the parameter's name."""

    code = "parameter"
    sentence = "A parameter can't be used as it is."


@dataclass(frozen=True)
class Resolution:
    """All parameters of a schema with their values, in the order of the form. ``unknown``: chosen names it has not."""

    parameters: tuple[Effective, ...]
    unknown: Mapping[str, str]

    @property
    def values(self) -> dict[str, Any]:
        """What is sent, by name; the system text is not among it."""
        return {e.parameter.name: e.value for e in self.parameters if e.is_sent and not e.parameter.is_system_text}

    @property
    def system_text(self) -> str:
        """The text that goes before the conversation; "" if there is none."""
        return next((str(e.value) for e in self.parameters if e.is_sent and e.parameter.is_system_text), "")

    @property
    def problems(self) -> dict[str, str]:
        """Why chosen values can't be sent, by name."""
        return {**self.unknown, **{e.parameter.name: e.problem for e in self.parameters if e.problem}}


def resolve(schema: Schema, rules: Iterable[Rule], own: Mapping[str, Any], chosen: Mapping[str, Any]) -> Resolution:
    """The value in force of every parameter. Never raises: what does not fit is left out and said.

    The conversation's ``chosen`` values go before the person's ``own`` defaults, these before the admin's defaults.
    Values that are None count as not given. Chosen ones that don't fit are problems; own defaults and admins' values
    that don't fit are ignored, with a reason. What it returns is shared between callers: don't change it.
    """
    rules = tuple(rules)
    try:
        asked = msgspec.json.encode((schema, rules, own, chosen))
    except (TypeError, ValueError, OverflowError, RecursionError):  # no JSON: it can't be remembered
        return _resolved(schema, rules, own, chosen)
    if len(asked) > _MEMORABLE:
        return _resolved(schema, rules, own, chosen)
    return _remembered(_Question(asked, schema, rules, own, chosen))


class _Question:
    """What is asked; equal to another one with the same content, letter by letter."""

    def __init__(self, asked: bytes, *content: Any) -> None:
        self._asked, self.content = asked, content

    def __hash__(self) -> int:
        return hash(self._asked)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Question) and self._asked == other._asked


@lru_cache(maxsize=128)
def _remembered(question: _Question) -> Resolution:
    """A site's people ask the same again and again: once at sending, once when the run begins."""
    return _resolved(*question.content)


def _resolved(schema: Schema, rules: Iterable[Rule], own: Mapping[str, Any], chosen: Mapping[str, Any]) -> Resolution:
    properties = schema.get("properties", {})
    in_force = rules_in_force(rules, properties)
    fitted = _under_these_names(own, properties)
    found = tuple(
        _effective(p, properties[p.name], in_force.get(p.name, _FREE), fitted.get(p.name), chosen.get(p.name))
        for p in parameters(schema)
    )
    strange = {str(n): unknown(n) for n, value in chosen.items() if n not in properties and value is not None}
    return Resolution(settle(found, properties), strange)


def require(schema: Schema, rules: Iterable[Rule], own: Mapping[str, Any], chosen: Mapping[str, Any]) -> Resolution:
    """As ``resolve``; raises ParameterError for the first chosen value that can't be sent."""
    found = resolve(schema, rules, own, chosen)
    for name, sentence in found.problems.items():
        raise ParameterError(sentence, field=name)
    return found


def _under_these_names(own: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Own defaults hold in every request format: under the name and in the form this one has for them."""
    found = {}
    for name, value in own.items():
        target = next(iter(present(name, properties)), None)
        if target is not None and (target == name or target not in own):
            fitting = (v for v in shapes(name, value) if not value_problem(target, properties[target], v))
            found[target] = next(fitting, value)
    return found


def _effective(known: Parameter, form: Mapping[str, Any], rule: Rule, own: Any, chosen: Any) -> Effective:
    limited = narrowed(form, rule)
    about = replace(parameter(known.name, limited), kind=known.kind)
    if rule.mode in ("fixed", "hidden"):
        return _locked(about, form, rule, chosen)
    if limited.get("enum") == []:
        reason = f"Your admin's limits leave no value for {about.title}."
        problem = "" if chosen is None else reason
        return Effective(replace(about, choices=()), is_locked=True, reason=reason, problem=problem)
    return _free(about, limited, rule, own, chosen)


def _locked(about: Parameter, form: Mapping[str, Any], rule: Rule, chosen: Any) -> Effective:
    is_hidden = rule.mode == "hidden"
    value, misfit = rule.value, ""
    if value is not None:
        misfit = value_problem(about.name, form, value)
        value = None if misfit else normalised(about.kind, value)
    reason = f"{about.title} is set by your admin{'' if value is None or is_hidden else f' to {plain(value)}'}."
    if misfit:
        reason = f"{reason} The value does not fit this model, so none is sent: {misfit}"
    is_other = chosen is not None and not is_same(normalised(about.kind, chosen), value)
    return Effective(
        about,
        value,
        source="" if value is None else rule.source,
        is_locked=True,
        reason=reason,
        is_hidden=is_hidden,
        problem=reason if is_other else "",
    )


def _free(about: Parameter, limited: Mapping[str, Any], rule: Rule, own: Any, chosen: Any) -> Effective:
    problem = "" if chosen is None else value_problem(about.name, limited, chosen)
    notes = []
    offers = [] if chosen is None or problem else [("conversation", chosen)]
    for source, value, whose in (("own", own, "Your own default"), (rule.source, rule.value, "Your admin's default")):
        if value is None or (source == rule.source and rule.mode != "default"):
            continue
        misfit = value_problem(about.name, limited, value)
        if misfit:
            notes.append(f"{whose} {plain(value)} is not used: {misfit}")
        else:
            offers.append((source, value))
    if not offers:
        source, value, note = _by_itself(about, limited, rule)
        offers, notes = [(source, value)], [*notes, *note]
    source, value = offers[0]
    return Effective(about, normalised(about.kind, value), source, reason=" ".join(notes), problem=problem)


def _by_itself(about: Parameter, limited: Mapping[str, Any], rule: Rule) -> tuple[str, Any, list[str]]:
    """(source, value, notes) where nobody set anything: what the model then does must keep to the limits as well."""
    if about.default is not None and not value_problem(about.name, limited, about.default):
        return "schema", about.default, []
    is_unlimited = about.default is None and about.name in LENGTHS and rule.maximum is not None
    if rule.mode != "default" or (about.default is None and not is_unlimited):
        return "", None, []
    nearest = about.choices[0] if about.choices else about.maximum
    if isinstance(about.default, (int, float)) and about.minimum is not None and about.default < about.minimum:
        nearest = about.minimum
    if nearest is None or value_problem(about.name, limited, nearest):
        return "", None, []
    return (
        rule.source,
        nearest,
        [f"Without a value the model would go beyond your admin's limits: {plain(nearest)} is sent."],
    )


def is_same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)
