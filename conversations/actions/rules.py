"""Rules about parameters: which ones admins can decide about, whether a rule makes sense, and saving them."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import Group
from django.db import transaction

from conversations.exceptions import InvalidInputError
from conversations.models import LanguageModel, ParameterMode, ParameterRule, User
from conversations.schemas.aliases import same_as, shapes
from conversations.schemas.parameters import Parameter, parameter, value_problem
from conversations.schemas.resolving import Rule, is_same
from conversations.schemas.rules import narrowed
from conversations.schemas.sentences import plain, shape_problem, within

security = logging.getLogger("chatsite.security")
_NUMBERS: Final = ("number", "integer")
LOCKED: Final = (ParameterMode.FIXED, ParameterMode.HIDDEN)


@dataclass(frozen=True)
class Known:
    """A parameter that rules can be about. ``forms`` are its properties in the schemas that have it, by their name
    there; there are several where models differ, and none where no model has it any more."""

    name: str
    forms: tuple[tuple[str, Mapping[str, Any]], ...]

    @property
    def parameter(self) -> Parameter:
        """As the first schema has it."""
        return parameter(self.name, self.forms[0][1]) if self.forms else Parameter(self.name, self.name, "", "json")


def known_parameters(model: LanguageModel | None) -> dict[str, Known]:
    """What rules can be about, in the order of the form: of one model, or of all that are enabled.

    A parameter that has several names stands there once, under the first that was met.
    """
    models: Iterable[LanguageModel] = [model] if model else LanguageModel.objects.available()
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    seen: set[int] = set()
    for one in models:
        for schema in (one.schema(request_format) for request_format in one.formats):
            if id(schema) not in seen:  # generic ones are shared
                seen.add(id(schema))
                _add(found, schema["properties"])
    return {name: Known(name, tuple(forms)) for name, forms in found.items()}


def rule_problems(known: Known, rule: Rule) -> dict[str, str]:
    """What is wrong with a rule, by its field (mode, value, minimum, maximum, choices), in plain sentences."""
    if rule.mode == ParameterMode.FREE:
        return {}
    if rule.mode not in ParameterMode.values:
        return {"mode": "Choose what holds for this parameter."}
    if shape := shape_problem([rule.value, *rule.choices]):
        return {"value": f"This {shape}."}
    if rule.mode in LOCKED:
        return _locked_problems(known, rule)
    if rule.value is None and rule.minimum is None and rule.maximum is None and not rule.choices:
        return {"mode": "Give a default, a bound or allowed values; or choose Free."}
    problems = {**_bound_problems(known, rule), **_choice_problems(known, rule)}
    return problems or _value_problems(known, rule)


@transaction.atomic
def save_rules(actor: User, model: LanguageModel | None, group: Group | None, rules: Iterable[Rule]) -> list[str]:
    """Let exactly these rules hold for a model (None: all) and a group (None: everybody). Returns the names changed.

    Raises InvalidInputError, naming the parameter, for the first that makes no sense.
    """
    known = known_parameters(model)
    wanted = {rule.name: rule for rule in rules}
    stored = {row.name: row for row in ParameterRule.objects.filter(model=model, group=group)}
    for name, rule in wanted.items():
        problems = rule_problems(known.get(name, Known(name, ())), rule)
        if name not in known and name not in stored:
            problems = {"mode": "no model takes it"}
        if problems:
            raise InvalidInputError(f"{name}: {next(iter(problems.values()))}", field=name)
    gone = [row.pk for name, row in stored.items() if name not in wanted]
    changed = {name for name, row in stored.items() if row.pk in gone}
    ParameterRule.objects.filter(pk__in=gone).delete()
    for name, rule in wanted.items():
        if _saved(stored.get(name) or ParameterRule(model=model, group=group, name=name), rule):
            changed.add(name)
    if changed:
        security.info(
            "Parameter rules changed: model %s, group %s by user %s: %s",
            model.pk if model else "all", group.pk if group else "everybody", actor.pk, ", ".join(sorted(changed)),
        )  # fmt: skip
    return sorted(changed)


def in_words(rule: Rule) -> str:
    """What a rule says, on one line."""
    value = "" if rule.value is None else plain(rule.value)
    if rule.mode in LOCKED:
        said = "hidden" if rule.mode == ParameterMode.HIDDEN else "fixed"
        return f"{said}, {value} is sent" if value else f"{said}, nothing is sent"
    if rule.mode == ParameterMode.FREE:
        return "free"
    bounds = within(rule.minimum, rule.maximum, None).strip()
    allowed = f"one of {', '.join(plain(choice) for choice in rule.choices)}" if rule.choices else ""
    return ", ".join(part for part in (f"default {value}" if value else "", bounds, allowed) if part)


def _add(found: dict[str, list[tuple[str, Mapping[str, Any]]]], properties: Mapping[str, Any]) -> None:
    names = sorted(properties, key=lambda name: properties[name].get("x-order", 10_000))
    for name in names:
        met = next((other for other in same_as(name) if other in found), name)
        forms = found.setdefault(met, [])
        if (name, properties[name]) not in forms:
            forms.append((name, properties[name]))


def _saved(row: ParameterRule, rule: Rule) -> bool:
    """Whether something had to be written."""
    values = {
        "mode": rule.mode, "value": rule.value, "minimum": rule.minimum, "maximum": rule.maximum,
        "choices": list(rule.choices),
    }  # fmt: skip
    is_new = row._state.adding  # noqa: SLF001  # public, whatever its name
    if not is_new and all(is_same(getattr(row, name), value) for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return True


def _locked_problems(known: Known, rule: Rule) -> dict[str, str]:
    if rule.value is None and rule.mode == ParameterMode.FIXED:
        return {"value": "Fixed to what? To keep it from being sent at all, choose Hidden and no value."}
    problem = _misfit(known, rule.value, None)
    return {"value": problem} if problem else {}


def _bound_problems(known: Known, rule: Rule) -> dict[str, str]:
    bounds = {"minimum": rule.minimum, "maximum": rule.maximum}
    if known.parameter.kind not in _NUMBERS:
        return {name: "Only numbers have bounds." for name, bound in bounds.items() if bound is not None}
    problems = {}
    for name, bound in bounds.items():
        outside = [_outside(form, bound) for _, form in known.forms]
        if bound is not None and outside and all(outside):
            problems[name] = outside[0]
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        problems["maximum"] = "This is less than the minimum: no value would be left."
    return problems


def _outside(form: Mapping[str, Any], bound: float | None) -> str:
    lowest, highest, above = form.get("minimum"), form.get("maximum"), form.get("exclusiveMinimum")
    is_outside = bound is not None and (
        (lowest is not None and bound < lowest)
        or (highest is not None and bound > highest)
        or (above is not None and bound <= above)
    )
    return f"The model itself takes only values{within(lowest, highest, above)}." if is_outside else ""


def _choice_problems(known: Known, rule: Rule) -> dict[str, str]:
    limits = Rule(known.name, rule.mode, rule.source, minimum=rule.minimum, maximum=rule.maximum)
    for choice in rule.choices:
        if problem := _misfit(known, choice, limits):
            return {"choices": f"{plain(choice)} can't be allowed: {problem}"}
    return {}


def _value_problems(known: Known, rule: Rule) -> dict[str, str]:
    problem = "" if rule.value is None else _misfit(known, rule.value, rule)
    return {"value": problem} if problem else {}


def _misfit(known: Known, value: Any, limits: Rule | None) -> str:
    """Why no schema takes the value within ``limits``; "" if one does."""
    if value is None:
        return ""
    said = []
    for name, form in known.forms:
        limited = narrowed(form, limits)
        problems = [value_problem(name, limited, shape) for shape in shapes(name, value)]
        if not all(problems):
            return ""
        said.append(problems[0])
    return said[0] if said else ""
