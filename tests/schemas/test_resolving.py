"""Precedence of rules, own defaults and chosen values."""

from typing import Any

import pytest

from conversations.schemas.resolving import Effective, ParameterError, Resolution, Rule, require, resolve
from conversations.schemas.shapes import schema_of

CHAT, RESPONSES, THINKING = schema_of("chat"), schema_of("responses"), schema_of("chat_gpt_5_4")
TOOLS = [{"type": "function", "function": {"name": "get_time"}}]


def rule(mode: str, source: str, value: Any = None, name: str = "temperature", **more: Any) -> Rule:
    return Rule(name, mode, source, value, **more)


def effective(found: Resolution, name: str = "temperature") -> Effective:
    [it] = [e for e in found.parameters if e.parameter.name == name]
    return it


@pytest.mark.parametrize(
    ("rules", "own", "chosen", "value", "source"),
    [
        ([], None, None, 1, "schema"),
        ([rule("default", "site", 0.1)], None, None, 0.1, "site"),
        ([rule("default", "site", 0.1), rule("default", "model", 0.2)], None, None, 0.2, "model"),
        ([rule("default", "model", 0.2), rule("default", "site", 0.1)], None, None, 0.2, "model"),
        ([rule("default", "model", 0.2), rule("default", "group", 0.3)], None, None, 0.3, "group"),
        ([rule("default", "group", 0.3), rule("default", "group", 0.4, is_for_model=True)], None, None, 0.4, "group"),
        ([rule("default", "model", 0.2)], 0.5, None, 0.5, "own"),
        ([rule("default", "model", 0.2)], 0.5, 0.6, 0.6, "conversation"),
        ([], None, 0.6, 0.6, "conversation"),
        ([], 0.5, None, 0.5, "own"),
        ([rule("fixed", "site", 0.1)], 0.5, None, 0.1, "site"),
        ([rule("fixed", "site", 0.1)], 0.5, 0.1, 0.1, "site"),
        ([rule("hidden", "site", 0.1)], 0.5, None, 0.1, "site"),
        ([rule("hidden", "site")], 0.5, None, None, ""),
        ([rule("fixed", "site", 0.1), rule("free", "group")], None, 0.9, 0.9, "conversation"),
        ([rule("free", "group"), rule("fixed", "group", 0.1)], None, None, 0.1, "group"),
        ([rule("default", "group", 0.7), rule("hidden", "group", 0.1)], 0.5, None, 0.1, "group"),
        ([rule("fixed", "group", 0.3), rule("fixed", "group", 0.4)], None, None, 0.3, "group"),
    ],
)
def test_which_value_is_in_force(rules: list[Rule], own: Any, chosen: Any, value: Any, source: str) -> None:
    found = effective(require(CHAT, rules, {"temperature": own}, {"temperature": chosen}))
    assert (found.value, found.source) == (value, source)


def test_the_default_of_the_schema_is_shown_and_not_sent() -> None:
    found = resolve(CHAT, [], {}, {})
    assert effective(found).value == 1
    assert found.values == {}


def test_system_text_is_taken_out_of_the_values() -> None:
    found = resolve(CHAT, [], {}, {"system_prompt": "Be brief.", "seed": 7})
    assert (found.system_text, found.values) == ("Be brief.", {"seed": 7})


def test_a_bound_of_the_admin_is_in_the_sentence() -> None:
    with pytest.raises(ParameterError) as caught:
        require(CHAT, [rule("default", "site", maximum=1.2)], {}, {"temperature": 1.3})
    assert (caught.value.field, caught.value.message) == ("temperature", "Temperature must be between 0 and 1.2.")


def test_bounds_never_widen_the_schema() -> None:
    found = effective(resolve(CHAT, [rule("default", "site", minimum=-5, maximum=5)], {}, {})).parameter
    assert (found.minimum, found.maximum) == (0, 2)


@pytest.mark.parametrize(
    "form",
    [{"type": ["number", "null"]}, {"anyOf": [{"type": "number"}, {"type": "null"}]}, {"enum": [0, 1, 2]}],
)
def test_bounds_hold_however_a_schema_says_that_it_takes_numbers(form: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"temperature": form}}
    rules = [rule("default", "site", maximum=1)]
    assert require(schema, rules, {}, {"temperature": 1}).values == {"temperature": 1}
    with pytest.raises(ParameterError):
        require(schema, rules, {}, {"temperature": 2})


def test_bounds_of_two_groups_intersect() -> None:
    rules = [rule("default", "group", minimum=0.2, maximum=1), rule("default", "group", minimum=0.5, maximum=2)]
    found = effective(resolve(CHAT, rules, {}, {})).parameter
    assert (found.minimum, found.maximum) == (0.5, 1)


def test_a_rule_of_a_higher_level_lifts_the_bounds_below() -> None:
    rules = [rule("default", "site", maximum=0.5), rule("default", "group", maximum=1.5)]
    assert require(CHAT, rules, {}, {"temperature": 1.5}).values == {"temperature": 1.5}


def test_choices_narrow_a_select() -> None:
    rules = [Rule("service_tier", "default", "site", choices=("flex", "gold"))]
    assert effective(resolve(CHAT, rules, {}, {}), "service_tier").parameter.choices == ("flex",)
    with pytest.raises(ParameterError, match="Service tier must be one of flex"):
        require(CHAT, rules, {}, {"service_tier": "priority"})


@pytest.mark.parametrize(
    "rules",
    [
        [rule("default", "site", minimum=1.5, maximum=1)],
        [rule("default", "site", minimum=3)],
        [rule("default", "site", choices=(9,))],
        [rule("default", "group", choices=(1,)), rule("default", "group", choices=(2,))],
    ],
)
def test_limits_that_leave_nothing_lock_the_parameter_and_the_chat_goes_on(rules: list[Rule]) -> None:
    found = require(CHAT, rules, {"temperature": 1}, {})
    assert effective(found).is_locked
    assert "leave no value" in effective(found).reason
    assert found.values == {}


def test_another_value_for_a_fixed_parameter_is_refused_and_named() -> None:
    with pytest.raises(ParameterError) as caught:
        require(CHAT, [rule("fixed", "site", 0.3)], {}, {"temperature": 0.4})
    assert caught.value.message == "Temperature is set by your admin to 0.3."
    assert caught.value.field == "temperature"


@pytest.mark.parametrize("chosen", [True, 1.0, 1])
def test_true_is_not_one(chosen: Any) -> None:
    problems = resolve(CHAT, [rule("fixed", "site", 1)], {}, {"temperature": chosen}).problems
    assert bool(problems) == (chosen is True)


def test_a_hidden_parameter_can_not_be_chosen_and_its_value_is_not_told() -> None:
    found = resolve(CHAT, [Rule("system_prompt", "hidden", "site", "Secret.")], {}, {"system_prompt": "Mine."})
    assert found.problems == {"system_prompt": "System prompt is set by your admin."}
    assert found.system_text == "Secret."
    assert effective(found, "system_prompt").is_hidden


def test_an_own_default_that_does_not_fit_any_more_is_ignored_and_said() -> None:
    found = require(CHAT, [rule("default", "site", 0.3, maximum=1)], {"temperature": 1.5, "gone": 1}, {})
    assert found.values == {"temperature": 0.3}
    assert effective(found).reason.startswith("Your own default 1.5 is not used: Temperature must be between 0 and 1.")


def test_an_admins_default_that_does_not_fit_is_ignored_and_said() -> None:
    found = require(CHAT, [rule("default", "site", 7)], {}, {})
    assert found.values == {}
    assert "Your admin's default 7 is not used" in effective(found).reason


def test_a_fixed_value_that_does_not_fit_locks_and_is_not_sent() -> None:
    found = require(CHAT, [rule("fixed", "site", 7)], {"temperature": 1}, {})
    assert found.values == {}
    assert effective(found).is_locked
    assert "does not fit this model" in effective(found).reason


def test_unknown_names_are_problems_only_if_chosen() -> None:
    found = resolve(CHAT, [Rule("nonsense", "fixed", "site", 1)], {"other": 1}, {"top_k": 3})
    assert found.problems == {"top_k": "This model does not take top_k."}


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens", "max_output_tokens"])
def test_a_limit_of_the_length_holds_under_every_name(name: str) -> None:
    limit = [Rule(name, "default", "site", maximum=100)]
    for schema, other in ((CHAT, "max_tokens"), (CHAT, "max_completion_tokens"), (RESPONSES, "max_output_tokens")):
        with pytest.raises(ParameterError, match="at most 100"):
            require(schema, limit, {}, {other: 101})
        assert require(schema, limit, {}, {other: 100}).values == {other: 100}


def test_a_limit_of_the_length_is_sent_where_nobody_sets_one() -> None:
    limit = [Rule("max_completion_tokens", "default", "site", maximum=100)]
    assert resolve(CHAT, limit, {}, {}).values == {"max_completion_tokens": 100}
    assert resolve(RESPONSES, limit, {}, {}).values == {"max_output_tokens": 100}


@pytest.mark.parametrize(("limits", "sent"), [({"maximum": 0.5}, 0.5), ({"minimum": 1.5}, 1.5), ({"maximum": 1}, None)])
def test_the_models_own_default_keeps_to_the_limits(limits: dict[str, Any], sent: float | None) -> None:
    found = resolve(CHAT, [rule("default", "site", **limits)], {}, {})
    assert found.values == ({} if sent is None else {"temperature": sent})


def test_a_fixed_length_can_not_be_passed_by_its_other_name() -> None:
    fixed = [Rule("max_completion_tokens", "fixed", "site", 100)]
    assert resolve(CHAT, fixed, {}, {"max_tokens": 5000}).problems.keys() == {"max_tokens"}
    assert resolve(RESPONSES, fixed, {}, {}).values == {"max_output_tokens": 100}


def test_a_fixed_form_of_the_answer_takes_the_shape_of_the_format() -> None:
    asked = {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}
    found = resolve(RESPONSES, [Rule("response_format", "fixed", "site", asked)], {}, {})
    assert found.values == {"text.format": {"type": "json_schema", "name": "a", "schema": {}}}


def test_own_defaults_hold_in_the_other_format() -> None:
    own = {"max_completion_tokens": 50, "system_prompt": "Mine."}
    found = resolve(RESPONSES, [], own, {})
    assert (found.values, found.system_text) == ({"max_output_tokens": 50}, "Mine.")


def test_a_chosen_value_goes_before_an_own_default_that_it_excludes() -> None:
    found = require(CHAT, [], {"max_tokens": 5}, {"max_completion_tokens": 6})
    assert found.values == {"max_completion_tokens": 6}
    assert "not both" in effective(found, "max_tokens").reason


def test_two_chosen_values_that_exclude_each_other_are_refused() -> None:
    found = resolve(CHAT, [], {}, {"max_tokens": 5, "max_completion_tokens": 6})
    assert len(found.problems) == len(found.values) == 1


def test_temperature_by_default_gives_way_to_effort() -> None:
    found = require(THINKING, [rule("default", "site", 0.3)], {}, {"reasoning_effort": "high"})
    assert found.values == {"reasoning_effort": "high"}
    assert "reasoning effort is none" in effective(found).reason


def test_chosen_temperature_with_effort_is_refused() -> None:
    with pytest.raises(ParameterError, match="only be set while the reasoning effort is none"):
        require(THINKING, [], {}, {"temperature": 0.3, "reasoning_effort": "high"})


def test_effort_gives_way_to_a_fixed_temperature() -> None:
    with pytest.raises(ParameterError) as caught:
        require(THINKING, [rule("fixed", "site", 0.3)], {}, {"reasoning_effort": "high"})
    assert caught.value.field == "reasoning_effort"
    own = resolve(THINKING, [rule("fixed", "site", 0.3)], {"reasoning_effort": "high"}, {})
    assert own.values == {"temperature": 0.3}


def test_contradicting_fixed_values_do_not_break_the_chat() -> None:
    rules = [rule("fixed", "site", 0.3), Rule("reasoning_effort", "fixed", "site", "high")]
    found = require(THINKING, rules, {}, {})
    assert found.values == {"reasoning_effort": "high"}
    assert "Not sent" in effective(found).reason


def test_a_fixed_value_about_tools_sleeps_until_there_are_tools() -> None:
    rules = [Rule("parallel_tool_calls", "fixed", "site", False)]
    assert require(CHAT, rules, {}, {}).values == {}
    assert require(CHAT, rules, {}, {"tools": TOOLS}).values == {"tools": TOOLS, "parallel_tool_calls": False}


def test_a_wrong_chosen_value_leaves_the_next_one_in_force() -> None:
    found = resolve(CHAT, [], {"temperature": 0.5}, {"temperature": 9})
    assert found.values == {"temperature": 0.5}
    assert found.problems == {"temperature": "Temperature must be between 0 and 2."}
