import json
import time
from typing import Any

import pytest

from conversations.schemas.outputs import Wanted, format_problems, judge, schema_problems, templates, wanted
from conversations.schemas.parameters import check
from conversations.schemas.shapes import schema_of

POINT = {
    "type": "object",
    "properties": {"x": {"type": "number"}, "label": {"type": ["string", "null"], "maxLength": 5}},
    "required": ["x", "label"],
    "additionalProperties": False,
}
NESTED = {"type": "json_schema", "json_schema": {"name": "point", "schema": POINT, "strict": True}}
FLAT = {"type": "json_schema", "name": "point", "schema": POINT, "strict": True}
ASKED = Wanted("json_schema", "point", POINT, is_strict=True)
DOUBLING = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)}
RECURSIVE: dict[str, Any] = {
    "$defs": {"n": {"allOf": [{"$ref": "#/$defs/n"}, {"$ref": "#/$defs/n"}]}},
    "$ref": "#/$defs/n",
}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, None),
        ({"response_format": {"type": "text"}}, None),
        ({"text.format": {"type": "text"}}, None),
        ({"response_format": "text"}, None),
        ({"response_format": 5}, None),
        ({"response_format": {"type": "json_schema", "json_schema": 5}}, None),
        ({"response_format": "json_object"}, Wanted("json_object")),
        ({"response_format": {"type": "json_object"}}, Wanted("json_object")),
        ({"response_format": {"type": "json_object", "schema": POINT}}, Wanted("json_object", schema=POINT)),
        ({"response_format": NESTED}, ASKED),
        ({"text.format": FLAT}, ASKED),
    ],
)
def test_what_is_wanted_is_read_from_the_parameters(values: Any, found: Wanted | None) -> None:
    assert wanted(values) == found


def test_an_answer_that_fits_has_no_problems() -> None:
    outcome = judge('{"x": 1, "label": null}', ASKED)
    assert (outcome.is_json, outcome.value, outcome.problems, outcome.notes) == (True, {"x": 1, "label": None}, (), ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"x": 1}', "It lacks label."),
        ('{"x": "1", "label": ""}', "x must be a number."),
        ('{"x": 1, "label": "longer"}', "label is longer than 5 characters."),
        ('{"x": 1, "label": "", "z": 1}', "It has z, which is not known there."),
        ("[]", "It must be an object."),
    ],
)
def test_an_answer_that_does_not_fit_says_where(text: str, problem: str) -> None:
    outcome = judge(text, ASKED)
    assert outcome.is_json
    assert outcome.problems == (problem,)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "The answer is empty."),
        (" \n", "The answer is empty."),
        ('{"x": 1,', "The answer is not JSON: line 1, column 9 can't be read."),
        ("Here you are: {}", "The answer is not JSON: line 1, column 1 can't be read."),
        ('{"x": NaN}', "The answer holds a number that is none in JSON."),
        ("1" * 1_000_001, "The answer is too long to be checked."),
    ],
)
def test_what_is_no_json_is_said(text: str, problem: str) -> None:
    outcome = judge(text, ASKED)
    assert (outcome.is_json, outcome.problems) == (False, (problem,))


def test_a_code_block_around_it_is_tolerated_and_noted() -> None:
    outcome = judge('```json\n{"x": 1, "label": "a"}\n```\n', ASKED)
    assert outcome.value == {"x": 1, "label": "a"}
    assert outcome.notes == ("The answer stands in a code block.",)


def test_any_json_must_be_an_object() -> None:
    assert judge("{}", Wanted("json_object")).problems == ()
    assert judge("[1]", Wanted("json_object")).problems == ("The answer is JSON, but no object.",)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 70 + "1" + "}" * 70, '{"x": 1' + "0" * 5000 + "}"])
def test_hostile_answers_are_only_problems(text: str) -> None:
    assert judge(text, ASKED).problems


@pytest.mark.parametrize(
    "schema",
    [
        RECURSIVE,
        {"$ref": "#"},
        {"$ref": "#/$defs/a0", "$defs": {"a40": {}} | DOUBLING},
        {"items": {"pattern": "(a+)+$"}},
        {"items": {"pattern": "a?" * 40 + "a" * 40}},
        {"items": {"pattern": "["}},
        {"patternProperties": {"(a+)+$": {}}, "unevaluatedProperties": False},
        {"uniqueItems": True},
    ],
)  # fmt: skip
def test_hostile_schemas_cost_no_time_and_are_noted(schema: Any) -> None:
    things: Any = ["a" * 50 + "b"] + [{"a": n} for n in range(2000)] if "$ref" not in schema else 1
    text = json.dumps({"a" * 50 + "b": 1} if "patternProperties" in schema else things)
    outcome = judge(text, Wanted("json_schema", schema=schema))
    assert outcome.is_json
    assert outcome.notes


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"items": {"enum": [*[{"a": 2}] * 4000, {"a": 1}]}}, [{"a": 1}] * 8000),
        ({"items": {"anyOf": [{"required": [f"a{n}" for n in range(8000)]}, True]}}, [{}] * 8000),
    ],
)
def test_a_costly_step_taken_often_ends_the_check(schema: Any, value: Any) -> None:
    began = time.thread_time()
    outcome = judge(json.dumps(value), Wanted("json_schema", schema=schema))
    assert time.thread_time() - began < 10
    assert "more work" in outcome.notes[0]


def test_a_part_of_a_schema_with_a_dialect_is_refused() -> None:
    """It would be looked at without any bound."""
    part = {"$schema": "https://json-schema.org/draft/2020-12/schema", "pattern": "(a|a)+$"}
    schema = {"type": "object", "properties": {"a": part}}
    assert schema_problems(schema, strict=False) == ["a has a $schema of its own; only the top may have one."]
    outcome = judge(json.dumps({"a": "a" * 18 + "!"}), Wanted("json_schema", schema=schema))
    assert outcome.problems == ()
    assert outcome.notes


@pytest.mark.parametrize("names", [["a", *range(9000)], [[], *range(9000)]])
def test_names_that_are_none_cost_no_time(names: Any) -> None:
    began = time.thread_time()
    problems = schema_problems({"type": "object", "required": names}, strict=True)
    assert time.thread_time() - began < 5
    assert "must be text" in problems[0]


def test_names_that_stand_there_twice_are_seen() -> None:
    problems = schema_problems({"type": "object", "required": ["a", "a"]}, strict=False)
    assert problems == ["This is not a JSON Schema: required has the same entry twice."]


def test_large_schemas_are_checked_and_huge_ones_refused() -> None:
    large = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(1000)}}
    huge = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(6000)}}
    assert schema_problems(large, strict=False) == []
    assert schema_problems(huge, strict=False) == ["The schema holds too much."]


def test_deep_schemas_are_checked() -> None:
    schema: Any = {"type": "string"}
    for _ in range(60):
        schema = {"not": schema}
    assert schema_problems(schema, strict=False) == []


def test_patterns_are_checked_where_that_is_cheap() -> None:
    date = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    asked = Wanted("json_schema", schema=date)
    assert judge('"2026-11-20"', asked).problems == ()
    assert judge('"20.11.2026"', asked).problems == (r"It must match ^\d{4}-\d{2}-\d{2}$.",)


def test_a_schema_that_is_none_leaves_the_answer_unchecked_and_says_so() -> None:
    outcome = judge("{}", Wanted("json_schema", schema={"type": "thing"}))
    assert outcome.problems == ()
    assert outcome.notes[0].startswith("The answer was not checked: This is not a JSON Schema")


def test_templates_are_strict_and_can_be_sent_in_both_formats() -> None:
    assert len(templates()) >= 6
    for template in templates():
        assert schema_problems(template.schema, strict=True) == []
        body = {"name": template.name, "schema": template.schema, "strict": True}
        assert not check(schema_of("chat"), {"response_format": {"type": "json_schema", "json_schema": body}})
        assert not check(schema_of("responses"), {"text.format": {"type": "json_schema", **body}})
        assert template.title
        assert template.description.endswith(".")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"required": ["x"]}, "must list label as required"),
        ({"additionalProperties": True}, "must say additionalProperties: false"),
        ({"type": "array"}, "must have the type object at its top"),
        ({"type": "thing"}, "not a JSON Schema"),
        ({"properties": {"x": {"$ref": "https://example.org/x"}}, "required": ["x"]}, "no part of this schema"),
        ({"properties": {"x": {"$ref": "#/$defs/no"}}, "required": ["x"]}, "no part of this schema"),
        ({"properties": {"x": {"properties": {"y": {}}}}, "required": ["x"]}, "x must list y as required"),
    ],
)
def test_strict_schemas_keep_the_rules(change: dict[str, Any], part: str) -> None:
    assert any(part in problem for problem in schema_problems({**POINT, **change}, strict=True))


def test_references_within_the_schema_are_fine() -> None:
    schema = {
        "$defs": {"a": {"type": "string", "$anchor": "here"}},
        "items": {"$ref": "#/$defs/a"},
        "not": {"$ref": "#here"},
    }
    assert schema_problems(schema, strict=False) == []


@pytest.mark.parametrize("name", ["", "with space", "x" * 65, "ä", None, 5])
def test_the_schema_needs_a_good_name(name: Any) -> None:
    assert format_problems({**FLAT, "name": name}) == [
        "The schema needs a name of letters, digits, _ and -, at most 64."
    ]


def test_a_broken_strict_schema_is_refused_before_anything_is_sent() -> None:
    broken = {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": {"type": "object"}}}
    [sentence] = check(schema_of("chat"), {"response_format": broken}).values()
    assert sentence == "Form of the answer: The top must say additionalProperties: false."
