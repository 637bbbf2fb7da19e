"""The catalogue's facts in rows: imported, offered again when they change, never written over an admin's."""

import logging
from decimal import Decimal
from typing import Any

import pytest

from conversations.actions.catalogue import (
    differences,
    import_entries,
    keep_own,
    offers_changes,
    take_over,
    version,
)
from conversations.exceptions import ConflictError, InvalidInputError
from conversations.models import LanguageModel, Provider, ProviderKind, User


@pytest.fixture
def provider(db: None) -> Provider:
    return Provider.objects.create(name="Here", kind=ProviderKind.OPENAI, base_url="https://models.example/v1")


@pytest.fixture
def model(provider: Provider, dana: User) -> LanguageModel:
    """GPT-4.1 as the catalogue has it."""
    import_entries(dana, provider, ["openai/gpt-4.1"])
    return LanguageModel.objects.get()


def once_said(model: LanguageModel, **facts: Any) -> None:
    """Let the catalogue have said ``facts`` when the model was made: its present version differs in them."""
    for name, value in facts.items():
        model.catalogue_offer[name] = value
        setattr(model, name, value)
    model.save()
    model.refresh_from_db()


def by_field(model: LanguageModel) -> dict[str, tuple[bool, bool]]:
    return {found.field: (found.is_offered, found.is_own) for found in differences(model)}


def test_entries_become_models_that_people_can_choose(provider: Provider, dana: User) -> None:
    made = import_entries(dana, provider, ["openai/gpt-4.1", "openai/gpt-5.4", "openai/gpt-4.1"])
    assert {model.wire_name for model in LanguageModel.objects.available()} == {"gpt-4.1", "gpt-5.4"}
    assert len(made) == 2
    assert all(differences(model) == () for model in LanguageModel.objects.all())


def test_what_is_there_is_not_imported_again(model: LanguageModel, provider: Provider, dana: User) -> None:
    LanguageModel.objects.update(name="Ours")
    assert import_entries(dana, provider, ["openai/gpt-4.1"]) == []
    assert LanguageModel.objects.get().name == "Ours"


@pytest.mark.parametrize("key", ["cloudflare/openai/gpt-4.1", "openai/none", ""])
def test_entries_of_another_kind_are_refused_all_together(provider: Provider, dana: User, key: str) -> None:
    with pytest.raises(InvalidInputError):
        import_entries(dana, provider, ["openai/gpt-4.1", key])
    assert not LanguageModel.objects.exists()


@pytest.mark.parametrize(
    ("route", "wire_name", "formats"),
    [
        ("account", "openai/gpt-4.1-nano", ["responses", "chat_completions"]),
        ("compat", "openai/gpt-4.1-nano", ["chat_completions"]),
        ("provider", "gpt-4.1-nano", ["responses", "chat_completions"]),
    ],
)
def test_a_model_is_as_the_way_in_to_its_provider_takes_it(
    dana: User, route: str, wire_name: str, formats: list[str]
) -> None:
    cloud = Provider.objects.create(name="Cloud", kind=ProviderKind.CLOUDFLARE, route=route)
    import_entries(dana, cloud, ["cloudflare/openai/gpt-4.1-nano"])
    model = LanguageModel.objects.get()
    assert (model.wire_name, model.formats) == (wire_name, formats)
    assert not offers_changes(model)
    assert import_entries(dana, cloud, ["cloudflare/openai/gpt-4.1-nano"]) == []


def test_a_changed_entry_is_offered_field_by_field(model: LanguageModel) -> None:
    once_said(model, input_price="3.00", description="Old words", shutdown_on=None)
    assert by_field(model) == dict.fromkeys(("description", "input_price", "shutdown_on"), (True, False))
    assert offers_changes(model)
    price = next(found for found in differences(model) if found.field == "input_price")
    assert (price.old, price.new, price.yours) == ("3.00", "2.00", Decimal(3))


def test_what_an_admin_changed_is_told_apart(model: LanguageModel) -> None:
    once_said(model, input_price="3.00", output_price="9.00")
    model.output_price, model.name = Decimal(7), "Ours"
    assert by_field(model) == {"name": (False, True), "input_price": (True, False), "output_price": (True, True)}


def test_an_admin_s_own_values_are_no_offer(model: LanguageModel) -> None:
    model.name, model.abilities = "Ours", list(reversed(model.abilities))
    assert by_field(model) == {"name": (False, True)}
    assert not offers_changes(model)


def test_chosen_fields_are_taken_over_and_the_others_stay_offered(model: LanguageModel, dana: User) -> None:
    once_said(model, input_price="3.00", shutdown_on=None, schemas={})
    assert take_over(dana, model, ["input_price", "schemas", "position"], offer=version(model)) == [
        "schemas",
        "input_price",
    ]
    model.refresh_from_db()
    assert model.input_price == Decimal(2)
    assert "temperature" in model.schemas["chat_completions"]["properties"]
    assert by_field(model) == {"shutdown_on": (True, False)}


def test_going_back_to_the_catalogue_s_value_needs_no_offer(model: LanguageModel, dana: User) -> None:
    model.name = "Ours"
    take_over(dana, model, ["name"], offer=version(model))
    assert LanguageModel.objects.get().name == "GPT-4.1"


def test_keeping_one_s_own_is_remembered(model: LanguageModel, dana: User) -> None:
    once_said(model, input_price="3.00")
    keep_own(dana, model, offer=version(model))
    model.refresh_from_db()
    assert model.input_price == Decimal(3)
    assert by_field(model) == {"input_price": (False, True)}


def test_an_offer_that_is_no_more_is_not_decided_about(model: LanguageModel, dana: User) -> None:
    once_said(model, input_price="3.00")
    with pytest.raises(ConflictError):
        take_over(dana, model, ["input_price"], offer="another")
    with pytest.raises(ConflictError):
        keep_own(dana, model, offer="another")
    assert LanguageModel.objects.get().input_price == Decimal(3)


def test_a_model_from_before_the_catalogue_is_offered_its_facts(provider: Provider, dana: User) -> None:
    model = LanguageModel.objects.create(provider=provider, wire_name="gpt-4.1", name="Ours")
    found = by_field(model)
    assert found["name"] == (True, True)
    assert found["context_window"] == (True, False)
    take_over(dana, model, ["context_window"], offer=version(model))
    model.refresh_from_db()
    assert (model.context_window, model.catalogue_key) == (1_047_576, "openai/gpt-4.1")
    assert by_field(model)["input_price"] == (True, False)


def test_a_model_that_the_catalogue_does_not_know_has_no_differences(provider: Provider) -> None:
    assert differences(LanguageModel.objects.create(provider=provider, wire_name="own", name="Own")) == ()


def test_decisions_are_logged_without_values(
    model: LanguageModel, dana: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    once_said(model, input_price="3.00", description="Secret words")
    take_over(dana, model, ["description"], offer=version(model))
    keep_own(dana, model, offer=version(model))
    lines = [record.getMessage() for record in caplog.records if record.name == "chatsite.security"]
    assert len([line for line in lines if f"by user {dana.pk}" in line and str(model.pk) in line]) == 2
    assert "Secret" not in caplog.text
