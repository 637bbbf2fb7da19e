import math
from typing import Any

import pytest

from conversations.schemas.form_schemas import form_schema_problems
from conversations.schemas.parameters import Parameter, check, parameters
from conversations.schemas.resolving import require
from conversations.schemas.shapes import schema_of

CHAT = schema_of("chat")
TOOL = {"type": "function", "function": {"name": "get_time"}}


def by_name(schema: Any = CHAT) -> dict[str, Parameter]:
    return {p.name: p for p in parameters(schema)}


def test_parameters_come_in_the_order_of_the_form() -> None:
    schema = {"properties": {"b": {"x-order": 2}, "c": {}, "a": {"x-order": 1}}}
    assert [p.name for p in parameters(schema)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("temperature", "number"),
        ("max_tokens", "integer"),
        ("stream", "switch"),
        ("service_tier", "select"),
        ("stop", "strings"),
        ("system_prompt", "text"),
        ("response_format", "json"),
        ("tools", "json"),
        ("tool_choice", "json"),
        ("metadata", "json"),
    ],
)
def test_the_control_follows_from_the_schema(name: str, kind: str) -> None:
    assert by_name()[name].kind == kind


def test_a_parameter_knows_its_bounds_default_and_place() -> None:
    temperature = by_name()["temperature"]
    assert (temperature.minimum, temperature.maximum, temperature.default, temperature.step) == (0, 2, 1, 0.05)
    assert by_name()["max_tokens"].exclusive_minimum == 0
    assert by_name()["seed"].is_advanced
    assert by_name()["system_prompt"].is_system_text


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("temperature", 2.1, "Temperature must be between 0 and 2."),
        ("temperature", "warm", "Temperature must be a number between 0 and 2."),
        ("temperature", True, "Temperature must be a number between 0 and 2."),
        ("temperature", math.nan, "Temperature must be a real number, neither infinite nor NaN."),
        ("temperature", 10**400, "Temperature holds a number that is too large."),
        ("max_completion_tokens", 0, "Maximum answer length must be greater than 0."),
        ("max_completion_tokens", 1.5, "Maximum answer length must be a whole number greater than 0."),
        ("max_completion_tokens", 1e300, "Maximum answer length is too large a number."),
        ("stream", 1, "Stream must be on or off (true or false)."),
        ("stream", "true", "Stream must be on or off (true or false)."),
        ("service_tier", "gold", "Service tier must be one of auto, default, flex, scale, priority, fast."),
        ("system_prompt", 5, "System prompt must be text of at most 100,000 characters."),
        ("system_prompt", "a\0", "System prompt holds characters that are not text."),
        ("system_prompt", "\ud800", "System prompt holds characters that are not text."),
        ("response_format", {}, "Form of the answer: it lacks type."),
        ("response_format", {"type": "xml"}, "Form of the answer: type must be one of text, json_object, json_schema."),
        ("response_format", {"type": "json_schema"}, "Form of the answer: it lacks json_schema."),
        ("tools", [], "Tools: it must not be empty."),
        ("tools", [{"type": "web_search"}], "Tools: [0].type must be one of function, custom."),
        ("metadata", {"a": 1}, "Metadata: a must be text."),
        ("temprature", 1, "This model does not take temprature."),
    ],
)
def test_a_wrong_value_is_refused_in_a_plain_sentence(name: str, value: Any, sentence: str) -> None:
    assert check(CHAT, {name: value}) == {name: sentence}


@pytest.mark.parametrize("value", [[], ["a"] * 5, "end", [""], [1], ["x" * 501]])
def test_stop_takes_one_to_four_texts(value: Any) -> None:
    assert check(CHAT, {"stop": value})["stop"].startswith("Stop at must be a list of 1 to 4 texts")
    assert not check(CHAT, {"stop": ["a", "b", "c", "d"]})


def test_a_whole_number_may_be_written_as_a_float_and_is_sent_as_an_integer() -> None:
    sent = require(CHAT, [], {}, {"max_completion_tokens": 5.0}).values["max_completion_tokens"]
    assert (sent, type(sent)) == (5, int)


def test_a_long_unknown_name_is_cut_in_the_sentence() -> None:
    [sentence] = check(CHAT, {"x" * 5000: 1}).values()
    assert len(sentence) < 120


def test_unset_values_are_no_problem() -> None:
    assert not check(CHAT, {"temperature": None, "unheard_of": None})


def test_both_names_of_the_length_exclude_each_other() -> None:
    problems = check(CHAT, {"max_tokens": 5, "max_completion_tokens": 5})
    assert problems.keys() == {"max_tokens", "max_completion_tokens"}
    assert "not both" in problems["max_tokens"]


@pytest.mark.parametrize(("name", "value"), [("tool_choice", "auto"), ("parallel_tool_calls", False)])
def test_what_is_about_tools_needs_tools(name: str, value: Any) -> None:
    assert "there are tools" in check(CHAT, {name: value})[name]
    assert not check(CHAT, {name: value, "tools": [TOOL]})


def test_deep_and_large_values_are_refused_without_recursing() -> None:
    deep: Any = {}
    for _ in range(50_000):
        deep = {"a": deep}
    assert check(CHAT, {"metadata": deep}) == {"metadata": "Metadata is nested too deeply."}
    assert check(CHAT, {"tools": [0] * 60_000}) == {"tools": "Tools holds too much."}


@pytest.mark.parametrize("value", ["none", "auto", "required", {"type": "function", "function": {"name": "get_time"}}])
def test_tool_choice_takes_words_and_objects(value: Any) -> None:
    assert not check(CHAT, {"tools": [TOOL], "tool_choice": value})


@pytest.mark.parametrize("value", ["sometimes", 5, [], {}, {"type": "function"}])
def test_another_tool_choice_is_refused(value: Any) -> None:
    assert check(CHAT, {"tools": [TOOL], "tool_choice": value}).keys() == {"tool_choice"}


@pytest.mark.parametrize("items", [{}, {"items": True}, {"items": False}, {"items": {"type": ["string"]}}])
@pytest.mark.parametrize("control", [{}, {"x-control": "strings"}])
def test_an_array_may_say_anything_about_its_items(items: dict[str, Any], control: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"stop": {"type": "array", "title": "Stop", **items, **control}}}
    assert form_schema_problems(schema) == []
    assert check(schema, {"stop": "END"})["stop"].startswith("Stop")
