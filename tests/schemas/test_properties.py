"""What holds for any values and any rules."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.schemas.carrying import carry
from conversations.schemas.catalogue import entries
from conversations.schemas.generic import generic_schema
from conversations.schemas.parameters import Schema, check, parameters
from conversations.schemas.resolving import ParameterError, Resolution, Rule, require, resolve

SCHEMAS = [schema for entry in entries() for schema in entry.schemas.values()]
SCHEMAS += [
    generic_schema(kind, form, length_field="max_tokens")
    for kind in ("openai", "ollama", "vllm", "demo", "openrouter")
    for form in ("chat_completions", "responses", "form")
]
NAMES = sorted({name for schema in SCHEMAS for name in schema["properties"]} | {"unheard_of"})
TOOL = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object"}}}
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["none", "low", "high", "auto", "text", "json_object", "json_schema", "flex", "function", "type"]),
)  # fmt: skip
ANY = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
LIKELY = st.sampled_from([
    0, 0.3, 1, 1.0, 2, 5, 100, -1.5, True, False, "none", "low", "high", "text", ["END"], [TOOL], "auto",
    {"type": "json_object"}, {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}, {"a": "b"},
])  # fmt: skip
VALUES = st.dictionaries(st.sampled_from(NAMES), LIKELY | ANY, max_size=6)
BOUND = st.none() | st.sampled_from([-1, 0, 0.5, 1, 1.5, 3, 50]) | st.floats(allow_nan=False)
RULES = st.lists(
    st.builds(
        Rule,
        name=st.sampled_from(NAMES),
        mode=st.sampled_from(["free", "default", "fixed", "hidden"]),
        source=st.sampled_from(["site", "model", "group"]),
        value=st.none() | LIKELY | ANY,
        minimum=BOUND,
        maximum=BOUND,
        choices=st.lists(LIKELY, max_size=3).map(tuple),
        is_for_model=st.booleans(),
    ),
    max_size=5,
)


def outside(found: Resolution, name: str, value: Any) -> bool:
    [about] = [e.parameter for e in found.parameters if e.parameter.name == name]
    too_low = about.minimum is not None and value < about.minimum
    too_high = about.maximum is not None and value > about.maximum
    return too_low or too_high or (about.exclusive_minimum is not None and value <= about.exclusive_minimum)


@settings(max_examples=300, deadline=None, print_blob=True)
@given(st.sampled_from(SCHEMAS), RULES, VALUES, VALUES)
def test_what_is_sent_fits_the_schema_and_the_rules(
    schema: Schema, rules: list[Rule], own: dict[str, Any], chosen: dict[str, Any]
) -> None:
    found = resolve(schema, rules, own, chosen)
    sent = {e.parameter.name: e for e in found.parameters if e.is_sent}
    assert check(schema, {name: e.value for name, e in sent.items()}) == {}
    for name, e in sent.items():
        if not e.is_locked and e.parameter.kind in ("number", "integer"):
            assert not outside(found, name, e.value)
        if not e.is_locked and e.parameter.choices:
            assert e.value in e.parameter.choices


@settings(max_examples=200, deadline=None, print_blob=True)
@given(st.sampled_from(SCHEMAS), RULES, VALUES, VALUES)
def test_require_passes_exactly_what_has_no_problem(
    schema: Schema, rules: list[Rule], own: dict[str, Any], chosen: dict[str, Any]
) -> None:
    found = resolve(schema, rules, own, chosen)
    kept = {name: value for name, value in chosen.items() if value is not None}
    if found.problems:
        with pytest.raises(ParameterError) as caught:
            require(schema, rules, own, chosen)
        assert caught.value.field in kept
        assert caught.value.message == found.problems[caught.value.field]
    else:
        required = require(schema, rules, own, chosen)
        sent = {e.parameter.name: e.value for e in required.parameters if e.is_sent}
        assert {name: sent[name] for name in kept} == kept


@settings(max_examples=200, deadline=None, print_blob=True)
@given(st.sampled_from(SCHEMAS), RULES, st.data())
def test_a_number_outside_of_the_bounds_is_always_refused(
    schema: Schema, rules: list[Rule], data: st.DataObject
) -> None:
    numbers = [p.name for p in parameters(schema) if p.kind in ("number", "integer")]
    name = data.draw(st.sampled_from(numbers))
    value = data.draw(st.floats(allow_nan=True) | st.integers())
    found = resolve(schema, rules, {}, {})
    inside = math.isfinite(value) and not outside(found, name, value)
    if not inside:
        problems = resolve(schema, rules, {}, {name: value}).problems
        [effective] = [e for e in found.parameters if e.parameter.name == name]
        assert name in problems or (effective.is_locked and effective.value == value)


@settings(max_examples=200, deadline=None, print_blob=True)
@given(st.sampled_from(SCHEMAS), st.sampled_from(SCHEMAS), VALUES)
def test_what_is_carried_fits_and_nothing_gets_lost_unsaid(old: Schema, new: Schema, values: dict[str, Any]) -> None:
    carried = carry(values, old, new)
    assert check(new, carried.kept) == {}
    given_values = [name for name, value in values.items() if value is not None]
    assert len(carried.kept) + len(carried.dropped) == len(given_values)
    assert all(reason.endswith(".") for _, reason in carried.dropped)
