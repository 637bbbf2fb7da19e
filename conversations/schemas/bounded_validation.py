"""Checking a value against a schema of somebody else, with bounded work."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

from conversations.schemas.sentences import place, plain, reason

MOST_STEPS: Final = 100_000
MOST_SECONDS: Final = 1.0
"""Of a processor: one step may cost as much as the schema is long."""
MOST_PROBLEMS: Final = 20
_LONGEST_FOR_PATTERN: Final = 300
_MOST_VARIABLE: Final = 2
_STEPS_OF_REGEX: Final = 2000
"""How many steps of the regular expression engine take about as long as one of ours."""
_MOST_UNIQUE: Final = 500
_TOO_MUCH: Final = "The schema asks for more work than is done here: not everything was checked."

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


class TooMuchWorkError(Exception):
    """A bound on steps or time was passed."""


@dataclass
class Work:
    """What one check may do. Raises TooMuchWorkError past it."""

    steps: int = 0
    ends: float = field(default_factory=lambda: time.thread_time() + MOST_SECONDS)

    def counted(self, check: Keyword) -> Keyword:
        def step(validator: Any, keyword: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            self.steps += 1
            if self.steps > MOST_STEPS or time.thread_time() > self.ends:
                raise TooMuchWorkError
            yield from check(validator, keyword, instance, schema) or ()

        return step

    def validator(self, own: Mapping[str, Keyword]) -> Any:
        """A class of validators whose every keyword is counted; ``own`` ones go before the usual.

        A part of a schema with a ``$schema`` would be looked at by another class: there must be none.
        """
        counted = {name: self.counted(check) for name, check in {**Draft202012Validator.VALIDATORS, **own}.items()}
        return validators.extend(Draft202012Validator, counted)  # type: ignore[no-untyped-call]


@dataclass
class _Checking(Work):
    """A check by a schema of somebody else, and what it has left out. Patterns and uniqueness can cost exponential or
    quadratic time."""

    notes: dict[str, None] = field(default_factory=dict)

    def pattern(self, validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if not validator.is_type(instance, "string"):
            return
        variable = _variable_parts(pattern)
        if variable is None or variable > _MOST_VARIABLE or len(instance) > _LONGEST_FOR_PATTERN:
            self.leave_out(f"The pattern {plain(pattern)}")
            return
        self.steps += len(instance) ** (variable + 1) // _STEPS_OF_REGEX
        if not re.search(pattern, instance):
            yield ValidationError(f"{instance!r} does not match {pattern!r}")

    def unique(self, validator: Any, wanted: bool, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if validator.is_type(instance, "array") and len(instance) > _MOST_UNIQUE:
            self.leave_out("uniqueItems of a long list")
        else:
            yield from Draft202012Validator.VALIDATORS["uniqueItems"](validator, wanted, instance, schema) or ()

    def additional(self, validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if "patternProperties" in schema:
            self.leave_out("additionalProperties beside patternProperties")
        else:
            yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, allowed, instance, schema)

    def nothing(self, validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        self.leave_out("patternProperties or an unevaluated… keyword")
        return iter(())

    def leave_out(self, what: str) -> None:
        self.notes[f"{what} was not checked."] = None


def misfits(value: Any, schema: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """(problems, notes) in plain sentences: where ``value`` does not fit, and what could not be checked.

    ``schema`` must have passed ``checked_schemas.schema_problems``. Never fetches anything.
    """
    work = _Checking()
    own: dict[str, Keyword] = dict.fromkeys(
        ("patternProperties", "unevaluatedProperties", "unevaluatedItems"), work.nothing
    )
    own |= {"pattern": work.pattern, "uniqueItems": work.unique, "additionalProperties": work.additional}
    validator_class = work.validator(own)
    plain_schema = {keyword: part for keyword, part in schema.items() if keyword not in ("$id", "$schema")}
    problems: list[str] = []
    try:
        for error in islice(validator_class(plain_schema, registry=Registry()).iter_errors(value), MOST_PROBLEMS):
            deepest = best_match([error]) or error
            problems.append(f"{_upper(place(deepest))} {reason(deepest)}.")
    except (TooMuchWorkError, RecursionError):
        work.notes[_TOO_MUCH] = None
    except Unresolvable:
        work.notes["A reference in the schema leads nowhere: not everything was checked."] = None
    return problems, list(work.notes)


def _variable_parts(pattern: str) -> int | None:
    """How many repetitions of open length a pattern has, which bounds its time; None if that can't be told (groups,
    counts that are large) or the pattern can't be read here."""
    bare = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", pattern)
    if "(" in bare or re.search(r"\d{4,}", bare):
        return None
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None
    return len(re.findall(r"[*+?]|\{\d*,\d*\}", bare))


def _upper(where: str) -> str:
    return "It" if where == "it" else where
