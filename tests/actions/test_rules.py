"""Rules about parameters: what makes sense is saved and holds, what does not is told."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import Group

from conversations.actions.parameters import resolution
from conversations.actions.rules import in_words, known_parameters, rule_problems, save_rules
from conversations.exceptions import InvalidInputError
from conversations.models import LanguageModel, ParameterRule, Provider, ProviderKind, User
from conversations.schemas.resolving import Rule

SCHEMA = {
    "type": "object",
    "properties": {
        "temperature": {"type": "number", "minimum": 0, "maximum": 2, "x-order": 1},
        "max_tokens": {"type": "integer", "exclusiveMinimum": 0, "x-order": 2},
        "service_tier": {"type": "string", "enum": ["auto", "flex"], "x-order": 3},
        "stop": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 4, "x-order": 4},
        "store": {"type": "boolean", "x-order": 5},
    },
}


@pytest.fixture
def model(db: None) -> LanguageModel:
    provider = Provider.objects.create(name="P", kind=ProviderKind.OPENAI, base_url="https://models.example/v1")
    return LanguageModel.objects.create(
        provider=provider, wire_name="m", name="M", schemas={"chat_completions": SCHEMA}
    )


def rule(name: str, mode: str = "default", **fields: Any) -> Rule:
    return Rule(name, mode, "site", **fields)


def problems(model: LanguageModel, found: Rule) -> dict[str, str]:
    return rule_problems(known_parameters(model)[found.name], found)


@pytest.mark.parametrize(
    "found",
    [
        rule("temperature", value=0.5),
        rule("temperature", minimum=0.0, maximum=1.0),
        rule("temperature", "fixed", value=2),
        rule("temperature", "hidden"),
        rule("temperature", "hidden", value=1),
        rule("max_tokens", maximum=4096),
        rule("service_tier", choices=("auto",)),
        rule("stop", "fixed", value=["END", "\n"]),
        rule("store", "fixed", value=False),
        rule("temperature", "free"),
    ],
)
def test_rules_that_make_sense_have_no_problems(model: LanguageModel, found: Rule) -> None:
    assert problems(model, found) == {}


@pytest.mark.parametrize(
    ("found", "field", "words"),
    [
        (rule("temperature", value=2.5), "value", "between 0 and 2"),
        (rule("temperature", value=1.5, maximum=1), "value", "between 0 and 1"),
        (rule("temperature", minimum=-1), "minimum", "between 0 and 2"),
        (rule("temperature", maximum=3), "maximum", "between 0 and 2"),
        (rule("temperature", minimum=1.5, maximum=1), "maximum", "less than the minimum"),
        (rule("temperature", value="hot"), "value", "number"),
        (rule("temperature", "fixed"), "value", "Fixed to what"),
        (rule("temperature", "fixed", value=7), "value", "between 0 and 2"),
        (rule("temperature", "odd"), "mode", "Choose"),
        (rule("temperature"), "mode", "Give a default"),
        (rule("max_tokens", value=1.5), "value", "whole number"),
        (rule("max_tokens", maximum=0), "maximum", "greater than 0"),
        (rule("service_tier", choices=("slow",)), "choices", "slow"),
        (rule("service_tier", value="flex", choices=("auto",)), "value", "auto"),
        (rule("service_tier", maximum=3), "maximum", "Only numbers"),
        (rule("stop", value=[""]), "value", "none of them empty"),
        (rule("store", value=1), "value", "on or off"),
        (rule("temperature", value=float("nan")), "value", "NaN"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(model: LanguageModel, found: Rule, field: str, words: str) -> None:
    assert list(problems(model, found)) == [field]
    assert words in problems(model, found)[field]


def test_saved_rules_hold_for_people(model: LanguageModel, alice: User, carol: User, dana: User) -> None:
    team = Group.objects.get(name="team")
    save_rules(dana, None, None, [rule("temperature", maximum=1.0, value=0.7)])
    save_rules(dana, model, team, [rule("temperature", "fixed", value=0.2)])
    at = {user: resolution(user, model, request_format="", chosen={}).values["temperature"] for user in (alice, carol)}
    assert at == {alice: 0.2, carol: 0.7}
    assert resolution(carol, model, request_format="", chosen={"temperature": 1.5}).problems


def test_saving_is_of_one_place_and_whole(model: LanguageModel, dana: User) -> None:
    save_rules(dana, None, None, [rule("temperature", value=1), rule("store", "hidden")])
    save_rules(dana, model, None, [rule("temperature", value=0.5)])
    assert save_rules(dana, None, None, [rule("temperature", value=1), rule("max_tokens", maximum=9)]) == [
        "max_tokens",
        "store",
    ]
    rows = ParameterRule.objects.values_list("model__name", "name")
    assert set(rows) == {(None, "temperature"), (None, "max_tokens"), ("M", "temperature")}


def test_one_bad_rule_saves_none(model: LanguageModel, dana: User) -> None:
    for bad in (rule("temperature", value=9), rule("nothing_known", value=1)):
        with pytest.raises(InvalidInputError) as caught:
            save_rules(dana, None, None, [rule("store", "hidden"), bad])
        assert caught.value.field == bad.name
    assert not ParameterRule.objects.exists()


def test_what_is_saved_again_unchanged_is_no_change(model: LanguageModel, dana: User) -> None:
    rules = [rule("store", "fixed", value=True), rule("service_tier", choices=("auto",))]
    assert save_rules(dana, model, None, rules) == ["service_tier", "store"]
    assert save_rules(dana, model, None, rules) == []


def test_changes_are_logged_without_values(model: LanguageModel, dana: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    save_rules(dana, model, None, [rule("stop", "fixed", value=["canary"])])
    lines = [record.getMessage() for record in caplog.records if record.name == "chatsite.security"]
    assert lines == [f"Parameter rules changed: model {model.pk}, group everybody by user {dana.pk}: stop"]
    assert "canary" not in caplog.text


def test_all_models_together_know_every_parameter_once(model: LanguageModel) -> None:
    other = {
        "type": "object",
        "properties": {"max_completion_tokens": {"type": "integer"}, "seed": {"type": "integer"}},
    }
    LanguageModel.objects.create(provider=model.provider, wire_name="n", name="N", schemas={"chat_completions": other})
    found = known_parameters(None)
    assert list(found) == ["temperature", "max_tokens", "service_tier", "stop", "store", "seed"]
    assert [name for name, _ in found["max_tokens"].forms] == ["max_tokens", "max_completion_tokens"]


def test_a_rule_for_all_models_has_to_fit_only_one(model: LanguageModel) -> None:
    wider = {"type": "object", "properties": {"temperature": {"type": "number", "minimum": 0, "maximum": 5}}}
    LanguageModel.objects.create(provider=model.provider, wire_name="n", name="N", schemas={"chat_completions": wider})
    known = known_parameters(None)["temperature"]
    assert rule_problems(known, rule("temperature", value=4, maximum=5)) == {}
    assert rule_problems(known, rule("temperature", value=6))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (rule("t", value=0.5, minimum=0, maximum=1), "default 0.5, between 0 and 1"),
        (rule("t", "fixed", value=True), "fixed, true is sent"),
        (rule("t", "hidden"), "hidden, nothing is sent"),
        (rule("t", choices=("a", "b")), "one of a, b"),
        (rule("t", "free"), "free"),
    ],
)
def test_rules_are_said_in_words(found: Rule, words: str) -> None:
    assert in_words(found) == words
