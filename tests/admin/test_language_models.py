"""Models in the admin: one default, starters one on each line."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from conversations.models import LanguageModel, Provider
from tests.admin.pages import filled, path

LIST = "/admin/conversations/languagemodel/"


@pytest.fixture
def models(db: None) -> list[LanguageModel]:
    """Three, the first is the default."""
    provider = Provider.objects.create(name="P", base_url="http://x.example/v1")
    rows = [LanguageModel(provider=provider, wire_name=f"m{n}", name=f"M{n}", is_default=n == 0) for n in range(3)]
    return LanguageModel.objects.bulk_create(rows)


def default() -> str:
    return LanguageModel.objects.get(is_default=True).name


def save(admin: Client, model: LanguageModel, **fields: str | list[str]) -> Any:
    where = path(model)
    return admin.post(where, filled(admin.get(where)) | fields, follow=True)


def test_a_new_default_takes_the_place_of_the_old(admin: Client, models: list[LanguageModel]) -> None:
    response = save(admin, models[1], is_default="on")
    assert response.redirect_chain
    assert default() == "M1"


def test_the_same_holds_for_the_model_of_titles(admin: Client, models: list[LanguageModel]) -> None:
    save(admin, models[1], is_title_model="on")
    save(admin, models[2], is_title_model="on")
    assert LanguageModel.objects.get(is_title_model=True).name == "M2"


def test_the_default_can_be_given_up(admin: Client, models: list[LanguageModel]) -> None:
    save(admin, models[0], is_default="")
    assert not LanguageModel.objects.filter(is_default=True).exists()


def test_a_model_that_is_off_is_no_default(admin: Client, models: list[LanguageModel]) -> None:
    page = save(admin, models[1], is_default="on", is_enabled="").content.decode()
    assert "switched off" in page
    assert default() == "M0"


def test_starters_stand_one_on_each_line(admin: Client, models: list[LanguageModel]) -> None:
    save(admin, models[0], starters="Plan a trip\r\n\r\n  Write a haiku  \r\n")
    models[0].refresh_from_db()
    assert models[0].starters == ["Plan a trip", "Write a haiku"]
    page = admin.get(path(models[0])).content.decode()
    assert "Plan a trip\nWrite a haiku</textarea>" in page


@pytest.mark.parametrize("starters", ["\n".join("abcdefg"), "x" * 301])
def test_too_many_or_too_long_starters_are_refused(admin: Client, models: list[LanguageModel], starters: str) -> None:
    assert "up to four" in save(admin, models[0], starters=starters).content.decode()
    models[0].refresh_from_db()
    assert models[0].starters == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("input_price", "-1"),
        ("input_price", "nan"),
        ("step_output_price", "1"),
        ("output_limit", "-1"),
        ("terms_url", "x y"),
    ],
)
def test_values_out_of_range_are_refused(admin: Client, models: list[LanguageModel], field: str, value: str) -> None:
    assert not save(admin, models[0], **{field: value}).redirect_chain


SCHEMA = '{"type": "object", "properties": {"top_k": {"type": "integer", "minimum": 1, "x-order": 3}}}'


def test_a_schema_decides_what_a_model_takes(admin: Client, models: list[LanguageModel]) -> None:
    save(admin, models[0], schema_chat_completions=SCHEMA)
    model = LanguageModel.objects.get(pk=models[0].pk)
    assert list(model.schema()["properties"]) == ["top_k"]
    save(admin, models[0], schema_chat_completions="")
    model = LanguageModel.objects.get(pk=models[0].pk)
    assert model.schemas == {}
    assert "temperature" in model.schema()["properties"]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("{", "not JSON"),
        ("[]", "must be an object"),
        ('{"type": "string"}', "must be an object"),
        ('{"type": "object"}', "has no &quot;properties&quot;"),
        ('{"type": "object", "properties": {"a": {"type": "odd"}}}', "not a JSON Schema"),
        ('{"type": "object", "properties": {"a": true}}', "a must be an object"),
        ('{"type": "object", "properties": {"a b": {}}}', "can&#x27;t be a parameter"),
        ('{"type": "object", "properties": {"a": {"x-control": "dial"}}}', "x-control must be one of"),
        ('{"type": "object", "properties": {"a": {"x-step": "1"}}}', "x-step must be a number"),
        ('{"type": "object", "properties": {"a": {"x-excludes": {"b": "no"}}}}', "names b, which is no parameter"),
        ('{"type": "object", "properties": {"a": {"x-requires": {"a": "no"}}}}', "must be an object with a"),
        ('{"type": "object", "properties": {"a": {"$ref": "https://x.example/s"}}}', "which is no part of this schema"),
        ('{"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}', "references can&#x27;t be used"),
        ('{"type": "object", "properties": {"a": {"type": "string", "pattern": "["}}}', "can&#x27;t be read"),
        ('{"type": "object", "properties": {"a": {"type": "number", "maximum": 1, "default": 2}}}', "does not fit"),
        ("[" * 100_000, "n"),
        ('{"a": ' + "9" * 5000 + "}", "number that is too large"),
        ('{"a": "' + "x" * 200_000 + '"}', "at most 200,000 characters"),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_no_schema_is_told_and_kept_in_the_form(
    admin: Client, models: list[LanguageModel], schema: str, words: str
) -> None:
    response = save(admin, models[0], schema_chat_completions=schema)
    assert not response.redirect_chain
    field = response.context["adminform"].form["schema_chat_completions"]
    assert words in str(field.errors)
    assert field.value() == schema
    assert LanguageModel.objects.get(pk=models[0].pk).schemas == {}


def test_everything_about_a_model_can_be_set(admin: Client, models: list[LanguageModel]) -> None:
    save(
        admin, models[0], request_format="responses", other_formats=["chat_completions", "responses"],
        abilities=["vision", "tools"], context_window="1000", output_limit="100", overflow="drop_oldest",
        input_price="2", step_tokens="500", step_input_price="4.5", has_zero_retention="true",
        deprecated_on="2026-01-02", shutdown_on="2026-03-04", terms_url="x.example/terms",
    )  # fmt: skip
    model = LanguageModel.objects.get(pk=models[0].pk)
    assert (model.formats, model.abilities) == (["responses", "chat_completions"], ["vision", "tools"])
    assert (model.context_window, model.output_limit, model.overflow) == (1000, 100, "drop_oldest")
    assert (model.prices.step_tokens, model.prices.step_input) == (500, Decimal("4.5"))
    assert (model.has_zero_retention, str(model.shutdown_on)) == (True, "2026-03-04")
    assert model.terms_url == "https://x.example/terms"


def test_saving_untouched_changes_nothing(admin: Client, models: list[LanguageModel]) -> None:
    facts = {"abilities": ["vision", "unheard_of"], "input_price": Decimal("0.1"), "shutdown_on": date(2026, 3, 4)}
    LanguageModel.objects.filter(pk=models[0].pk).update(schemas={"other": {"type": "object"}}, **facts)
    before = LanguageModel.objects.filter(pk=models[0].pk).values().get()
    assert save(admin, models[0]).redirect_chain
    assert LanguageModel.objects.filter(pk=models[0].pk).values().get() == before


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"deprecated_on": "2026-05-01", "shutdown_on": "2026-04-01"}, "before the day"),
        ({"context_window": "10", "output_limit": "11"}, "more than the whole context window"),
        ({"step_input_price": "3"}, "how many input tokens"),
        ({"abilities": ["flying"]}, "Select a valid choice"),
        ({"other_formats": ["carrier_pigeon"]}, "Select a valid choice"),
        ({"request_format": "form"}, "P takes only Chat Completions, Responses, by its way in."),
        ({"other_formats": ["form"]}, "P takes only Chat Completions, Responses, by its way in."),
    ],
)
def test_facts_that_contradict_each_other_are_refused(
    admin: Client, models: list[LanguageModel], fields: dict[str, Any], words: str
) -> None:
    response = save(admin, models[0], **fields)
    assert not response.redirect_chain
    assert words in response.content.decode()


def test_the_same_model_twice_is_refused(admin: Client, models: list[LanguageModel]) -> None:
    assert not save(admin, models[0], wire_name="m1").redirect_chain


def test_order_and_use_are_set_in_the_list(admin: Client, models: list[LanguageModel]) -> None:
    data = {"form-TOTAL_FORMS": "3", "form-INITIAL_FORMS": "3", "_save": "Save"}
    for place, model in enumerate(LanguageModel.objects.order_by("position", "name")):
        data |= {f"form-{place}-id": str(model.pk), f"form-{place}-position": str(9 - place)}
    admin.post(LIST, data)
    assert list(LanguageModel.objects.values_list("name", "position")) == [("M2", 7), ("M1", 8), ("M0", 9)]
    assert not LanguageModel.objects.filter(is_enabled=True).exists()


def act(admin: Client, action: str, *models: LanguageModel) -> str:
    data = {"action": action, "_selected_action": [str(model.pk) for model in models]}
    return admin.post(LIST, data, follow=True).content.decode()


def test_actions_switch_the_default_and_turn_models_on_and_off(admin: Client, models: list[LanguageModel]) -> None:
    act(admin, "make_default", models[2])
    assert default() == "M2"
    act(admin, "disable", models[1], models[2])
    assert list(LanguageModel.objects.filter(is_enabled=True)) == [models[0]]
    assert not LanguageModel.objects.filter(is_default=True).exists()
    act(admin, "enable", models[1])
    assert LanguageModel.objects.filter(is_enabled=True).count() == 2


def test_one_model_is_the_default_not_two(admin: Client, models: list[LanguageModel]) -> None:
    assert "Choose one model" in act(admin, "make_default", models[1], models[2])
    assert default() == "M0"


def test_names_from_providers_are_shown_as_text(admin: Client, models: list[LanguageModel]) -> None:
    LanguageModel.objects.filter(pk=models[0].pk).update(name="<img src=x onerror=alert(1)>", wire_name="<b>")
    page = admin.get(LIST).content.decode()
    assert "<img src=x" not in page
    assert "<b>" not in page
