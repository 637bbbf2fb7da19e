"""The demonstration with tools, structured output, pictures and without a stream."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conversations.providers.base import (
    ChatMessage,
    ChatRequest,
    Endpoint,
    ImagePart,
    TextDelta,
    ToolCall,
    ToolCallDelta,
)
from conversations.providers.demo_samples import sample
from conversations.schemas.outputs import templates
from tests.providers.reading import Heard, ask, hear

DEMO = Endpoint(id="demo", kind="demo", base_url="", pace=0)
FORM = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 5}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": FORM}}
CLOCK = {"type": "function", "function": {"name": "clock"}}
TOOLS = [WEATHER, CLOCK]


async def say(text: str, **parameters: Any) -> Heard:
    return await hear(DEMO, ask("demo", text, **parameters))


async def test_the_first_declared_function_is_called_with_arguments_that_fit() -> None:
    heard = await say("/tool please", tools=TOOLS)
    [(call_id, name, arguments)] = heard.calls.values()
    assert (name, heard.reason, bool(call_id)) == ("weather", "tool_calls", True)
    Draft202012Validator(FORM).validate(json.loads(arguments))
    assert sum(isinstance(delta, ToolCallDelta) for delta in heard.deltas) > 3
    assert "`weather`" in heard.text


async def test_a_chosen_function_is_called_whatever_is_said() -> None:
    choice = {"type": "function", "function": {"name": "clock"}}
    assert [call[1:] for call in (await say("Hi", tools=TOOLS, tool_choice=choice)).calls.values()] == [("clock", "{}")]
    assert [call[1] for call in (await say("Hi", tools=TOOLS, tool_choice="required")).calls.values()] == ["weather"]
    assert (await say("Hi", tools=TOOLS)).calls == {}


@pytest.mark.parametrize(
    ("parameters", "words"), [({}, "none is declared"), ({"tools": TOOLS, "tool_choice": "none"}, "Tool choice")]
)
async def test_without_a_tool_it_says_so(parameters: dict[str, Any], words: str) -> None:
    heard = await say("/tool", **parameters)
    assert (words in heard.text, heard.calls, heard.reason) == (True, {}, "stop")


async def test_results_are_read_out_and_end_the_loop() -> None:
    calling = ChatMessage("assistant", "", tool_calls=(ToolCall("call_a", "weather", "{}"),))
    result = ChatMessage("tool", "Rain ``` and wind", tool_call_id="call_a")
    request = ChatRequest(
        "demo", (ChatMessage("user", "/tool"), calling, result), parameters={"tools": TOOLS, "tool_choice": "required"}
    )
    heard = await hear(DEMO, request)
    assert "`weather`:\n\n````\nRain ``` and wind\n````" in heard.text
    assert (heard.calls, heard.reason) == ({}, "stop")


async def test_a_call_that_does_not_fit_the_length_is_cut_off() -> None:
    heard = await say("/tool", tools=TOOLS, max_completion_tokens=10)
    assert (heard.calls, heard.reason, heard.usage[0].output_tokens) == ({}, "length", 10)


@pytest.mark.parametrize("text", ["/json", "How are you?"])
@pytest.mark.parametrize("name", ["response_format", "text.format"])
async def test_json_fits_the_schema_that_is_set(text: str, name: str) -> None:
    form = {"name": "x", "schema": FORM}
    value = (
        {"type": "json_schema", "json_schema": form} if name == "response_format" else {"type": "json_schema", **form}
    )
    Draft202012Validator(FORM).validate(json.loads((await say(text, **{name: value})).text))


async def test_json_without_a_schema_is_any_object_or_an_example() -> None:
    assert isinstance(json.loads((await say("/json", response_format={"type": "json_object"})).text), dict)
    assert isinstance(json.loads((await say("/json", response_format="json_object")).text), dict)
    assert "```json" in (await say("/json")).text


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)
def test_samples_fit_every_template_of_the_editor(template: Any) -> None:
    Draft202012Validator(template.schema).validate(sample(template.schema))


SCHEMAS: list[dict[str, Any]] = [
    {"enum": ["b", "a"]},
    {"const": 7},
    {"type": ["null", "integer"]},
    {"anyOf": [{"type": "null"}, {"type": "boolean"}]},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    {"type": "integer", "multipleOf": 7, "minimum": 15},
    {"type": "string", "minLength": 20, "maxLength": 30},
    {"type": "string", "maxLength": 2},
    {"type": "string", "format": "date"},
    {"type": "array", "items": {"type": "number"}, "minItems": 4},
    {"type": "array", "maxItems": 0},
    {"type": "null"},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    {
        "allOf": [
            {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "string"}}, "required": ["b"]},
        ]
    },
    {
        "$defs": {
            "n": {
                "type": "object",
                "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/n"}}},
                "required": ["kids"],
            }
        },
        "$ref": "#/$defs/n",
    },
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=repr)
def test_samples_fit_their_schemas(schema: dict[str, Any]) -> None:
    Draft202012Validator(schema).validate(sample(schema))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KEYWORDS = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
        "minLength",
        "multipleOf",
        "$ref",
        "anyOf",
        "allOf",
        "enum",
        "required",
        "prefixItems",
        "exclusiveMinimum",
    ]
)


@given(st.dictionaries(KEYWORDS, JUNK | st.sampled_from(["object", "array", "number", "integer", "string"])))
def test_no_schema_breaks_the_demonstration(schema: dict[str, Any]) -> None:
    sample(schema)


def test_a_schema_that_contains_itself_many_times_over_ends_soon() -> None:
    kids = {str(number): {"$ref": "#"} for number in range(20)}
    assert sample({"type": "object", "properties": kids, "required": list(kids)})


@pytest.mark.parametrize(("count", "words"), [(1, "1 picture "), (2, "2 pictures ")])
async def test_pictures_are_counted(count: int, words: str) -> None:
    message = ChatMessage("user", "Look", tuple(ImagePart("data:image/png;base64,AA") for _ in range(count)))
    assert words in (await hear(DEMO, ChatRequest("demo", (message,)))).text
    assert "picture" not in (await say("Look", temperature=0)).text


@pytest.mark.parametrize("text", ["Hi", "/reason", "/tool"])
async def test_without_a_stream_the_same_comes_in_one_piece(text: str) -> None:
    streamed = await say(text, temperature=0, tools=TOOLS)
    whole = await say(text, temperature=0, tools=TOOLS, stream=False)
    assert (whole.text, whole.reasoning, whole.usage, whole.reason) == (
        streamed.text,
        streamed.reasoning,
        streamed.usage,
        streamed.reason,
    )
    assert [call[1:] for call in whole.calls.values()] == [call[1:] for call in streamed.calls.values()]
    assert sum(isinstance(delta, TextDelta) for delta in whole.deltas) == 1


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens", "max_output_tokens"])
async def test_the_length_has_the_name_its_format_gives_it(name: str) -> None:
    assert (await say("Hi", **{name: 7})).usage[0].output_tokens == 7


async def test_one_stop_word_may_stand_without_a_list() -> None:
    assert (await say("Hi", temperature=0, stop="## Lists")).text.endswith("\n\n")
