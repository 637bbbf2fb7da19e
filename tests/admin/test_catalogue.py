"""The catalogue in the admin: models added from it, its changes offered, an admin's own values kept."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import LanguageModel, Provider, ProviderKind, User
from tests.admin.pages import filled, path

LIST = "/admin/conversations/languagemodel/"
IMPORT = f"{LIST}catalogue/"


@pytest.fixture
def provider(db: None) -> Provider:
    return Provider.objects.create(name="Here", kind=ProviderKind.OPENAI, base_url="https://models.example/v1")


@pytest.fixture
def model(admin: Client, provider: Provider) -> LanguageModel:
    """GPT-4.1 as the catalogue has it, but that it once had another price and description."""
    add(admin, provider, "openai/gpt-4.1")
    model = LanguageModel.objects.get()
    model.catalogue_offer |= {"input_price": "3.00", "description": "Before"}
    model.input_price, model.description, model.name = Decimal(3), "Mine", "Ours"
    model.save()
    return model


def add(admin: Client, provider: Provider, *keys: str) -> Any:
    return admin.post(f"{IMPORT}?provider={provider.pk}", {"entries": keys}, follow=True)


def decide(admin: Client, model: LanguageModel, **data: Any) -> str:
    where = path(model, "compare")
    shown = {"version": admin.get(where).context["version"]}
    return admin.post(where, shown | data, follow=True).content.decode()


def test_chosen_entries_become_models(admin: Client, provider: Provider) -> None:
    page = add(admin, provider, "openai/gpt-4.1", "openai/gpt-5.4")
    assert "Added: GPT-4.1, GPT-5.4." in page.content.decode()
    assert set(provider.models.values_list("wire_name", flat=True)) == {"gpt-4.1", "gpt-5.4"}
    assert provider.models.filter(is_enabled=True, input_price__gt=0).count() == 2


def test_the_page_shows_facts_and_what_is_there(admin: Client, provider: Provider) -> None:
    add(admin, provider, "openai/gpt-4.1")
    page = admin.get(IMPORT).content.decode()
    assert page.count("Added already") == 1
    assert "1,047,576 tokens, answers up to 32,768 · 2.00 in, 8.00 out" in page
    assert "Shuts down on Jan. 14, 2027" in page


def test_entries_are_those_of_the_provider_s_kind(admin: Client, provider: Provider) -> None:
    cloud = Provider.objects.create(name="Cloud", kind=ProviderKind.CLOUDFLARE)
    page = admin.get(f"{IMPORT}?provider={cloud.pk}").content.decode()
    assert 'value="cloudflare/openai/gpt-4.1"' in page
    assert 'value="openai/gpt-4.1"' not in page
    assert add(admin, cloud, "openai/gpt-4.1").status_code == 200
    assert not LanguageModel.objects.exists()


def test_a_kind_without_entries_says_what_to_do(admin: Client) -> None:
    assert "Add one first" in admin.get(IMPORT).content.decode()
    Provider.objects.create(name="Local", kind=ProviderKind.OLLAMA)
    assert "The catalogue has no models for Ollama" in admin.get(IMPORT).content.decode()


def test_choosing_nothing_is_told(admin: Client, provider: Provider) -> None:
    assert "Choose at least one model." in add(admin, provider).content.decode()


def test_adding_twice_adds_once(admin: Client, provider: Provider) -> None:
    add(admin, provider, "openai/gpt-4.1")
    assert "They were there already." in add(admin, provider, "openai/gpt-4.1").content.decode()
    assert LanguageModel.objects.count() == 1


def test_changes_are_marked_in_the_list_on_the_page_and_in_the_filter(admin: Client, model: LanguageModel) -> None:
    assert "Catalogue has changes" in admin.get(LIST).context["cl"].model_admin.state(model)
    assert "The catalogue has 2 changes for this model" in admin.get(path(model)).content.decode()
    assert "Ours</a>" in admin.get(LIST, {"state": "offered"}).content.decode()
    decide(admin, model, keep="Keep mine")
    assert "Ours</a>" not in admin.get(LIST, {"state": "offered"}).content.decode()


def test_old_new_and_own_values_stand_side_by_side(admin: Client, model: LanguageModel) -> None:
    rows = {row["label"]: row for row in admin.get(path(model, "compare")).context["rows"]}
    assert list(rows) == ["Name", "Description", "Price: input"]
    price = rows["Price: input"]
    assert (price["old"], price["new"], price["yours"]) == ("3 USD", "2 USD", "3 USD")
    assert {label: row["is_ticked"] for label, row in rows.items()} == {
        "Name": False, "Description": False, "Price: input": True,
    }  # fmt: skip


def test_only_what_is_ticked_is_taken_over(admin: Client, model: LanguageModel) -> None:
    page = decide(admin, model, take="1", fields=["input_price"])
    assert "Taken over: Price: input." in page
    model.refresh_from_db()
    assert (model.input_price, model.description, model.name) == (Decimal(2), "Mine", "Ours")


def test_ticking_nothing_is_told(admin: Client, model: LanguageModel) -> None:
    assert "Tick what to take over" in decide(admin, model, take="1")


def test_fields_that_the_catalogue_does_not_fill_have_no_effect(admin: Client, model: LanguageModel) -> None:
    decide(admin, model, take="1", fields=["is_default", "provider", "input_price"])
    model.refresh_from_db()
    assert (model.is_default, model.input_price) == (False, Decimal(2))


def test_an_offer_that_has_changed_meanwhile_is_not_taken(admin: Client, model: LanguageModel) -> None:
    assert "offers something else by now" in decide(admin, model, take="1", fields=["input_price"], version="old")
    model.refresh_from_db()
    assert model.input_price == Decimal(3)


def test_schemas_go_back_to_the_catalogue_s(admin: Client, model: LanguageModel) -> None:
    changed = '{"type": "object", "properties": {"temperature": {"type": "number"}}}'
    admin.post(
        path(model), filled(admin.get(path(model))) | {"schema_chat_completions": changed, "schema_responses": ""}
    )
    model.refresh_from_db()
    assert list(model.schemas) == ["chat_completions"]
    assert "Chat Completions: adds" in admin.get(path(model, "compare")).content.decode()
    decide(admin, model, take="1", fields=["schemas"])
    model.refresh_from_db()
    assert "max_completion_tokens" in model.schemas["chat_completions"]["properties"]
    assert "responses" in model.schemas


@pytest.mark.parametrize(("days", "words"), [(-1, "Shut down since"), (0, "Shut down since"), (9, "Shuts down on")])
def test_a_model_says_that_its_days_are_counted(admin: Client, model: LanguageModel, days: int, words: str) -> None:
    LanguageModel.objects.update(shutdown_on=dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days))
    assert words in admin.get(LIST).content.decode()
    assert words in admin.get(path(model)).content.decode()
    state = "ending" if days > 0 else "past"
    assert "Ours</a>" in admin.get(LIST, {"state": state}).content.decode()


def test_a_model_without_an_entry_has_no_comparison(admin: Client, provider: Provider) -> None:
    own = LanguageModel.objects.create(provider=provider, wire_name="own", name="Own")
    assert admin.get(path(own, "compare")).status_code == 404
    assert "Catalogue (" not in admin.get(path(own)).content.decode()


def test_people_who_are_no_admins_find_nothing(
    client: Client, admin: Client, alice: User, provider: Provider, model: LanguageModel
) -> None:
    stranger = Client()
    stranger.force_login(alice)
    for where in (IMPORT, path(model, "compare")):
        assert stranger.get(where).status_code == 404
        assert stranger.post(where, {"keep": "1", "entries": ["openai/gpt-5.4"]}).status_code == 404
    assert LanguageModel.objects.count() == 1


def test_who_may_only_look_changes_nothing(admin: Client, bob: User, provider: Provider, model: LanguageModel) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_languagemodel"))
    staff = Client()
    staff.force_login(bob)
    assert "Keep mine" not in staff.get(path(model, "compare")).content.decode()
    answers = [staff.post(path(model, "compare"), {"keep": "1"}), staff.get(IMPORT), add(staff, provider, "openai/o3")]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_the_list_asks_as_often_for_many_models(admin: Client, provider: Provider) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin.get(LIST)
            admin.get(LIST, {"state": "offered"})
        return len(queries)

    rows = [LanguageModel(provider=provider, wire_name=f"m{n}", name=f"M{n}") for n in range(60)]
    LanguageModel.objects.bulk_create(rows[:2])
    count()
    before = count()
    LanguageModel.objects.bulk_create(rows[2:])
    add(admin, provider, "openai/gpt-4.1")
    assert count() == before
