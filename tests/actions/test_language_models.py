"""Models from a provider's list: those of the catalogue come with its facts."""

import datetime as dt
from decimal import Decimal

import pytest

from conversations.actions.language_models import add_models
from conversations.models import LanguageModel, Provider, ProviderKind
from conversations.providers.base import ModelInfo
from conversations.schemas import catalogue

pytestmark = pytest.mark.django_db


def provider(kind: str = ProviderKind.OPENAI) -> Provider:
    return Provider.objects.create(name=f"P {kind}", kind=kind, base_url="https://models.example/v1")


def listed(*names: str, is_chat: bool = True) -> list[ModelInfo]:
    return [ModelInfo(name, 5000, 700, is_chat) for name in names]


def test_a_model_of_the_catalogue_comes_with_its_facts() -> None:
    add_models(provider(), listed("gpt-4.1"))
    model, entry = LanguageModel.objects.get(), catalogue.entry("openai/gpt-4.1")
    assert entry is not None
    assert (model.name, model.context_window, model.output_limit) == ("GPT-4.1", 1_047_576, 32_768)
    assert (model.input_price, model.shutdown_on) == (Decimal("2.00"), dt.date(2027, 1, 14))
    assert model.schemas == entry.schemas
    assert (model.catalogue_key, model.catalogue_offer) == (entry.key, entry.row())


def test_a_snapshot_has_its_model_s_facts_and_its_own_name() -> None:
    add_models(provider(), listed("gpt-4.1", "gpt-4.1-2025-04-14"))
    snapshot = LanguageModel.objects.get(wire_name="gpt-4.1-2025-04-14")
    assert snapshot.name == "gpt-4.1-2025-04-14"
    assert snapshot.context_window == 1_047_576


def test_a_model_that_nobody_described_has_what_the_list_says() -> None:
    add_models(provider(), listed("mystery"))
    model = LanguageModel.objects.get()
    assert (model.name, model.context_window, model.output_limit) == ("mystery", 5000, 700)
    assert (model.schemas, model.catalogue_key) == ({}, "")


def test_the_same_name_at_another_kind_of_provider_is_not_of_the_catalogue() -> None:
    add_models(provider(ProviderKind.OLLAMA), listed("gpt-4.1"))
    assert LanguageModel.objects.get().input_price is None


def test_models_that_are_there_keep_what_the_admin_set() -> None:
    here = provider()
    LanguageModel.objects.create(provider=here, wire_name="gpt-4.1", name="Ours", context_window=1)
    result = add_models(here, listed("gpt-4.1", "gpt-5.4"))
    assert (result.added, result.kept) == (1, 1)
    kept = LanguageModel.objects.get(wire_name="gpt-4.1")
    assert (kept.name, kept.context_window) == ("Ours", 1)


@pytest.mark.parametrize("tokens", [0, -5, 2**40])
def test_numbers_that_no_column_holds_are_bounded(tokens: int) -> None:
    add_models(provider(), [ModelInfo("odd", tokens, tokens, is_chat=True)])
    model = LanguageModel.objects.get()
    assert model.context_window in (None, 2**31 - 1)
    assert model.output_limit == model.context_window
