"""Every parameter of every table of the five systems: name, type and range."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from conversations.schemas.catalogue import entry
from conversations.schemas.parameters import Schema, check, parameters
from conversations.schemas.resolving import ParameterError, Resolution, Rule, require, resolve

Table = Mapping[str, tuple[str | None, Mapping[str, float]]]
MESSAGES: Final[Table] = {
    "temperature": ("number", {"minimum": 0, "maximum": 2}),
    "max_tokens": ("integer", {"exclusiveMinimum": 0}),
    "max_completion_tokens": ("integer", {"exclusiveMinimum": 0}),
    "top_p": ("number", {"minimum": 0, "maximum": 1}),
    "frequency_penalty": ("number", {"minimum": -2, "maximum": 2}),
    "presence_penalty": ("number", {"minimum": -2, "maximum": 2}),
    "stream": ("boolean", {}),
    "tool_choice": (None, {}),
    "response_format": ("object", {}),
}
RESPONSES: Final[Table] = {
    "instructions": ("string", {}),
    "temperature": ("number", {"minimum": 0, "maximum": 2}),
    "max_output_tokens": ("integer", {"exclusiveMinimum": 0}),
    "top_p": ("number", {"minimum": 0, "maximum": 1}),
    "stream": ("boolean", {}),
    "tool_choice": (None, {}),
}
REFUSED_BY_GPT_5_4 = ("max_tokens", "frequency_penalty", "presence_penalty", "stop")
THINKING: Final[Table] = {name: MESSAGES[name] for name in MESSAGES if name not in REFUSED_BY_GPT_5_4}
FORM: Final[Table] = {
    "system_prompt": ("string", {}),
    "image_detail": ("string", {}),
    "temperature": ("number", {"minimum": 0, "maximum": 2}),
    "top_p": ("number", {"minimum": 0, "maximum": 1}),
    "presence_penalty": ("number", {"minimum": -2, "maximum": 2}),
    "frequency_penalty": ("number", {"minimum": -2, "maximum": 2}),
    "seed": ("integer", {}),
    "max_completion_tokens": ("integer", {"exclusiveMinimum": 0}),
    "response_format": ("string", {}),
    "stream": ("boolean", {}),
}
EXTRA_CHAT = ("stop", "seed", "tools", "parallel_tool_calls", "metadata", "service_tier", "store", "system_prompt")
EXTRA_RESPONSES = ("text.format", "tools", "parallel_tool_calls", "metadata", "service_tier", "store")
TABLES: Final[list[tuple[str, str, Table]]] = [
    ("cloudflare/openai/gpt-4.1", "chat_completions", MESSAGES),
    ("cloudflare/openai/gpt-4.1", "responses", RESPONSES),
    ("cloudflare/openai/gpt-4.1-mini", "chat_completions", MESSAGES),
    ("cloudflare/openai/gpt-4.1-mini", "responses", RESPONSES),
    ("cloudflare/openai/gpt-4.1-nano", "responses", RESPONSES),
    ("cloudflare/openai/gpt-4.1-nano", "chat_completions", MESSAGES),
    ("cloudflare/openai/gpt-5.4", "chat_completions", THINKING),
    ("cloudflare/openai/gpt-5.4", "responses", RESPONSES),
    ("openai/gpt-4.1", "chat_completions", MESSAGES),
    ("openai/gpt-4.1", "responses", RESPONSES),
    ("openai/gpt-4.1-mini", "chat_completions", MESSAGES),
    ("openai/gpt-4.1-mini", "responses", RESPONSES),
    ("openai/gpt-4.1-nano", "chat_completions", MESSAGES),
    ("openai/gpt-4.1-nano", "responses", RESPONSES),
    ("openai/gpt-5.4", "chat_completions", THINKING),
    ("openai/gpt-5.4", "responses", RESPONSES),
    ("aggregator/gpt-4.1", "form", FORM),
]
CELLS = [(key, form, name, *want) for key, form, table in TABLES for name, want in table.items()]
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
TOOL = {"type": "function", "function": {"name": "get_time"}}


def schema(key: str, request_format: str) -> Schema:
    found = entry(key)
    assert found is not None
    return found.schemas[request_format]


def just_outside(bounds: Mapping[str, Any]) -> list[Any]:
    past = {"minimum": -0.001, "maximum": 0.001, "exclusiveMinimum": 0}
    return [bound + past[keyword] for keyword, bound in bounds.items()]


def sent(found: Resolution) -> dict[str, Any]:
    return {**found.values, "system_prompt": found.system_text, "instructions": found.system_text}


def at_the_edge(name: str, kind: str | None, bounds: Mapping[str, Any]) -> list[Any]:
    if not bounds:
        good: dict[str | None, list[Any]] = {
            "boolean": [True, False], "integer": [7], "object": [{"type": "text"}], None: ["auto"],
        }  # fmt: skip
        words = {"image_detail": "low", "response_format": "json_object"}
        return good.get(kind, [words.get(name, "Be brief.")])
    return [1] if "exclusiveMinimum" in bounds else [bounds["minimum"], bounds["maximum"]]


@pytest.mark.parametrize(("key", "form", "name", "kind", "bounds"), CELLS)
def test_the_parameter_has_the_type_and_range_of_its_table(
    key: str, form: str, name: str, kind: str | None, bounds: Mapping[str, Any]
) -> None:
    found = schema(key, form)["properties"][name]
    assert found.get("type") == kind
    assert {k: found[k] for k in BOUNDS if k in found} == bounds
    assert found["title"]
    assert found["description"]


@pytest.mark.parametrize(("key", "form", "name", "kind", "bounds"), CELLS)
def test_values_in_range_are_sent_under_the_name(
    key: str, form: str, name: str, kind: str | None, bounds: Mapping[str, Any]
) -> None:
    beside = {"tools": [TOOL]} if name == "tool_choice" else {}
    for value in at_the_edge(name, kind, bounds):
        assert sent(require(schema(key, form), [], {}, {name: value, **beside}))[name] == value


@pytest.mark.parametrize(("key", "form", "name", "kind", "bounds"), CELLS)
def test_values_out_of_range_or_of_another_type_are_refused_by_name(
    key: str, form: str, name: str, kind: str | None, bounds: Mapping[str, Any]
) -> None:
    wrong: list[Any] = just_outside(bounds) if kind != "integer" else [0] if bounds else [1.5]
    wrong += [{"type": 3}, 5] if kind in (None, "object") else ["much"] if kind != "string" else [5]
    for value in wrong:
        with pytest.raises(ParameterError) as caught:
            require(schema(key, form), [], {}, {name: value})
        assert caught.value.field == name
        assert caught.value.message.endswith(".")


@pytest.mark.parametrize(("key", "form", "name", "kind", "bounds"), CELLS)
def test_an_admin_can_fix_and_hide_it(
    key: str, form: str, name: str, kind: str | None, bounds: Mapping[str, Any]
) -> None:
    value = at_the_edge(name, kind, bounds)[0]
    beside = {"tools": [TOOL]} if name == "tool_choice" else {}
    for mode in ("fixed", "hidden"):
        found = resolve(schema(key, form), [Rule(name, mode, "site", value)], {}, beside)
        assert sent(found)[name] == value
        with pytest.raises(ParameterError, match="set by your admin"):
            require(schema(key, form), [Rule(name, mode, "site", value)], {}, {name: "other", **beside})


@pytest.mark.parametrize(("key", "form"), [(key, form) for key, form, _ in TABLES])
def test_the_form_holds_the_table_and_what_a_panel_wants(key: str, form: str) -> None:
    extra = {"chat_completions": EXTRA_CHAT, "responses": EXTRA_RESPONSES, "form": ()}[form]
    names = {p.name for p in parameters(schema(key, form))}
    assert {name for name in extra if name not in REFUSED_BY_GPT_5_4 or "gpt-5.4" not in key} <= names
    assert "n" not in names


def test_nano_has_its_two_variants_the_one_its_page_shows_first() -> None:
    nano = entry("cloudflare/openai/gpt-4.1-nano")
    assert nano is not None
    assert nano.formats == ("responses", "chat_completions")
    assert (nano.context_window, nano.zero_data_retention) == (1_000_000, True)


@pytest.mark.parametrize("name", REFUSED_BY_GPT_5_4)
@pytest.mark.parametrize("key", ["openai/gpt-5.4", "cloudflare/openai/gpt-5.4"])
def test_gpt_5_4_does_not_take_what_it_refuses(key: str, name: str) -> None:
    assert check(schema(key, "chat_completions"), {name: 1}) == {name: f"This model does not take {name}."}


@pytest.mark.parametrize(
    ("form", "effort", "is_good"),
    [
        ("chat_completions", None, True),
        ("chat_completions", "none", True),
        ("chat_completions", "low", False),
        ("responses", None, True),
        ("responses", "none", True),
        ("responses", "xhigh", False),
    ],
)
@pytest.mark.parametrize("name", ["temperature", "top_p"])
def test_gpt_5_4_takes_temperature_and_top_p_only_without_effort(
    form: str, effort: str | None, is_good: bool, name: str
) -> None:
    effort_name = "reasoning_effort" if form == "chat_completions" else "reasoning.effort"
    problems = check(schema("openai/gpt-5.4", form), {name: 0.5, effort_name: effort})
    assert list(problems) == ([] if is_good else [name])


def test_gpt_5_4_says_what_to_do_about_tools_with_effort() -> None:
    values = {"tools": [TOOL], "reasoning_effort": "high"}
    problems = check(schema("openai/gpt-5.4", "chat_completions"), values)
    assert "effort none" in problems["tools"]
    assert "Responses" in problems["tools"]
    assert not check(schema("openai/gpt-5.4", "responses"), {"tools": [TOOL], "reasoning.effort": "high"})


def test_gpt_5_4_knows_its_efforts() -> None:
    [effort] = [p for p in parameters(schema("openai/gpt-5.4", "chat_completions")) if p.name == "reasoning_effort"]
    assert effort.choices == ("none", "low", "medium", "high", "xhigh")
    assert effort.default == "none"
