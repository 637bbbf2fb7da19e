"""Rules about parameters in the admin: shown, saved, refused in place with nothing lost."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.actions.parameters import resolution
from conversations.models import LanguageModel, ParameterRule, Provider, ProviderKind, User
from tests.admin.pages import values_of

PAGE = "/admin/conversations/parameterrule/"
EFFECTIVE = f"{PAGE}effective/"


@pytest.fixture
def model(db: None) -> LanguageModel:
    provider = Provider.objects.create(name="P", kind=ProviderKind.OPENAI, base_url="https://models.example/v1")
    return LanguageModel.objects.create(provider=provider, wire_name="m", name="M")


@pytest.fixture
def team(alice: User) -> Group:
    return Group.objects.get(name="team")


def where(model: LanguageModel | None = None, group: Group | None = None) -> str:
    return f"{PAGE}?model={model.pk if model else ''}&group={group.pk if group else ''}"


def save(admin: Client, place: str, **fields: Any) -> Any:
    """Post the page as it stands, but for ``fields``: ``temperature__mode`` is the mode of temperature."""
    data: dict[str, Any] = {}
    for form in admin.get(place).context["form"].forms:
        data |= {f"{form.prefix}-mode": ""} | values_of(form)
    changes = {name.replace("__", "-"): value for name, value in fields.items()}
    return admin.post(place, data | changes, follow=True)


def test_a_rule_for_every_model_is_saved(admin: Client, model: LanguageModel) -> None:
    page = save(admin, PAGE, temperature__mode="default", temperature__value="0.7", temperature__maximum="1")
    assert "Saved for All models, everybody: temperature." in page.content.decode()
    rule = ParameterRule.objects.get()
    assert (rule.model, rule.group, rule.value, rule.minimum, rule.maximum) == (None, None, 0.7, None, 1.0)


def test_rules_of_a_model_and_a_group_stand_beside_those_for_all(
    admin: Client, model: LanguageModel, team: Group
) -> None:
    save(admin, PAGE, temperature__mode="fixed", temperature__value="1")
    save(admin, where(model), temperature__mode="free")
    save(admin, where(model, team), temperature__mode="hidden")
    save(admin, where(None, team), stop__mode="fixed", stop__value="END\r\n\\n")
    assert ParameterRule.objects.count() == 4
    assert ParameterRule.objects.get(name="stop").value == ["END", "\n"]
    page = admin.get(where(model, team)).content.decode()
    for line in ("All models, everybody: fixed, 1 is sent", "M, everybody: free", "All models, team: fixed"):
        assert line in page


def test_every_kind_of_value_comes_back_as_it_was(admin: Client, model: LanguageModel) -> None:
    given = {
        "stream": ("fixed", "false", False),
        "service_tier": ("fixed", '"flex"', "flex"),
        "seed": ("fixed", "7", 7),
        "system_prompt": ("fixed", " Be kind.\r\nBe brief.", " Be kind.\nBe brief."),
        "response_format": ("fixed", '{"type": "json_object"}', {"type": "json_object"}),
    }
    known = {form.prefix for form in admin.get(where(model)).context["form"].forms}
    assert given.keys() <= known
    modes = {f"{name}__mode": mode for name, (mode, _, _) in given.items()}
    save(admin, where(model), **modes, **{f"{name}__value": text for name, (_, text, _) in given.items()})
    stored = list(ParameterRule.objects.values_list("name", "value"))
    assert dict(stored) == {name: value for name, (_, _, value) in given.items()}
    assert "Nothing was changed" in save(admin, where(model)).content.decode()
    assert list(ParameterRule.objects.values_list("name", "value")) == stored


def test_allowed_values_are_ticked(admin: Client, model: LanguageModel) -> None:
    save(admin, where(model), service_tier__mode="default", service_tier__choices=['"auto"', '"default"'])
    assert ParameterRule.objects.get().choices == ["auto", "default"]
    page = save(admin, where(model), service_tier__mode="default", service_tier__choices=['"no"'])
    assert "Select a valid choice" in page.content.decode()


def test_a_rule_is_taken_away_by_choosing_none(admin: Client, model: LanguageModel) -> None:
    save(admin, where(model), temperature__mode="hidden")
    save(admin, where(model), temperature__mode="")
    assert not ParameterRule.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"value": "3"}, "between 0 and 2"),
        ({"value": "warm"}, "Enter a number"),
        ({"value": "nan"}, "Enter a number"),
        ({"minimum": "1.5", "maximum": "1"}, "less than the minimum"),
        ({"maximum": "9"}, "The model itself takes only values between 0 and 2"),
        ({}, "Give a default, a bound or allowed values"),
    ],
)
def test_problems_stand_in_place_and_nothing_is_lost(
    admin: Client, model: LanguageModel, fields: dict[str, str], words: str
) -> None:
    given = {f"temperature__{name}": value for name, value in fields.items()}
    page = save(admin, where(model), temperature__mode="default", stop__mode="fixed", stop__value="kept text", **given)
    shown = page.content.decode()
    assert words in shown
    assert "Nothing is saved yet. 1 rule below needs another look." in shown
    assert "kept text" in shown
    assert all(f'value="{value}"' in shown for value in fields.values())
    assert not ParameterRule.objects.exists()


def test_what_no_mode_shows_is_not_checked(admin: Client, model: LanguageModel) -> None:
    save(admin, where(model), temperature__mode="free", temperature__value="warm", seed__value="x")
    rule = ParameterRule.objects.get()
    assert (rule.name, rule.mode, rule.value) == ("temperature", "free", None)


def test_fields_that_are_not_on_the_page_have_no_effect(admin: Client, model: LanguageModel) -> None:
    save(admin, where(model), made_up__mode="hidden", temperature__mode="hidden", temperature__source="group")
    rule = ParameterRule.objects.get()
    assert (rule.name, rule.group) == ("temperature", None)


def test_a_rule_that_was_not_on_the_page_stays(admin: Client, model: LanguageModel) -> None:
    ParameterRule.objects.create(model=model, name="seed", mode="hidden")
    admin.post(where(model), {"temperature-mode": "hidden"})
    assert set(ParameterRule.objects.values_list("name", flat=True)) == {"seed", "temperature"}


def test_a_rule_about_what_no_model_takes_any_more_is_shown_and_can_go(admin: Client, model: LanguageModel) -> None:
    ParameterRule.objects.create(name="old_knob", mode="fixed", value={"a": 1})
    assert "no model takes it now" in admin.get(PAGE).content.decode()
    save(admin, PAGE)
    assert ParameterRule.objects.get().value == {"a": 1}
    save(admin, PAGE, old_knob__mode="")
    assert not ParameterRule.objects.exists()


def test_a_rule_under_another_name_is_shown_once(admin: Client, model: LanguageModel) -> None:
    ParameterRule.objects.create(name="max_output_tokens", mode="default", maximum=100)
    forms = [form for form in admin.get(PAGE).context["form"].forms if form.stored]
    assert [(form.prefix, form.stored.maximum) for form in forms] == [("max_tokens", 100.0)]


@pytest.mark.parametrize("query", ["?model=x", "?group=99999", "?model=00000000-0000-0000-0000-000000000000"])
def test_places_that_do_not_exist_are_not_found(admin: Client, model: LanguageModel, query: str) -> None:
    assert admin.get(PAGE + query).status_code == 404


@pytest.mark.parametrize("path", [PAGE, EFFECTIVE])
def test_people_who_are_no_admins_find_nothing(client: Client, alice: User, model: LanguageModel, path: str) -> None:
    client.force_login(alice)
    assert client.get(path).status_code == 404
    assert client.post(path, {"temperature-mode": "hidden"}).status_code == 404
    assert not ParameterRule.objects.exists()


def test_who_may_only_look_changes_nothing(client: Client, bob: User, model: LanguageModel) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    client.force_login(bob)
    assert client.get(PAGE).status_code == 403
    bob.user_permissions.add(Permission.objects.get(codename="view_parameterrule"))
    assert "Save the rules" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"temperature-mode": "hidden"}).status_code == 403
    assert not ParameterRule.objects.exists()


def test_what_holds_for_a_person_is_shown_with_its_source(
    admin: Client, model: LanguageModel, alice: User, carol: User, team: Group
) -> None:
    save(admin, where(model, team), temperature__mode="fixed", temperature__value="0.2")
    ask = {"model": str(model.pk), "person": str(alice.pk), "request_format": ""}
    page = admin.get(EFFECTIVE, ask).content.decode()
    assert "rule for a group, fixed" in page
    assert "rule for a group" not in admin.get(EFFECTIVE, ask | {"person": str(carol.pk)}).content.decode()


def test_the_page_for_a_person_begins_without_complaints(admin: Client, model: LanguageModel) -> None:
    page = admin.get(EFFECTIVE, {"model": str(model.pk)})
    assert "errorlist" not in page.content.decode()
    assert f'value="{model.pk}" selected' in page.content.decode()


def test_two_default_system_prompts_of_one_model_are_refused(
    admin: Client, model: LanguageModel, team: Group, alice: User
) -> None:
    LanguageModel.objects.update(system_prompt="Be kind.")
    given = {"system_prompt__mode": "default", "system_prompt__value": "Be brief."}
    assert "own page has a default system prompt" in save(admin, where(model), **given).content.decode()
    assert "From the model&#x27;s page: Be kind." in admin.get(where(model)).content.decode()
    save(admin, where(model, team), **given)
    model.refresh_from_db()
    assert resolution(alice, model, request_format="", chosen={}).system_text == "Be brief."


@pytest.mark.parametrize("person", ["", "x", "999999", "9" * 40, "²"])
def test_a_person_who_does_not_exist_is_told(admin: Client, model: LanguageModel, person: str) -> None:
    page = admin.get(EFFECTIVE, {"model": str(model.pk), "person": person})
    assert "errorlist" in page.content.decode()


def test_the_number_of_queries_does_not_grow(admin: Client, model: LanguageModel, team: Group) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin.get(where(model, team))
            admin.get(PAGE)
        return len(queries)

    count()
    before = count()
    rows = [LanguageModel(provider=model.provider, wire_name=f"m{n}", name=f"M{n}") for n in range(30)]
    LanguageModel.objects.bulk_create(rows)
    ParameterRule.objects.bulk_create(ParameterRule(model=row, name="seed", mode="hidden") for row in rows)
    ParameterRule.objects.bulk_create(ParameterRule(name=f"n{n}", mode="hidden") for n in range(30))
    assert count() == before
