import json
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from conversations.providers.base import UsageReport
from conversations.schemas.catalogue import Entry, entries, entry, matching
from conversations.schemas.form_schemas import form_schema_problems
from conversations.schemas.resolving import require

FIVE = ["openai/gpt-4.1", "openai/gpt-4.1-mini", "openai/gpt-4.1-nano", "openai/gpt-5.4"]
EVERY = pytest.mark.parametrize("one", entries(), ids=lambda e: e.key)


def known(key: str) -> Entry:
    found = entry(key)
    assert found is not None
    return found


@pytest.mark.parametrize("key", [*FIVE, *(f"cloudflare/{key}" for key in FIVE), "aggregator/gpt-4.1"])
def test_the_five_systems_are_in_the_catalogue(key: str) -> None:
    assert known(key).key == key


def test_keys_are_unique_and_made_of_kind_and_wire_name() -> None:
    keys = [e.key for e in entries()]
    assert len(set(keys)) == len(keys)
    assert all(e.key == f"{e.kind}/{e.wire_name}" for e in entries())


@EVERY
def test_every_schema_is_valid_and_can_make_a_form(one: Entry) -> None:
    for request_format in one.formats:
        Draft202012Validator.check_schema(one.schemas[request_format])
        assert form_schema_problems(one.schemas[request_format]) == []


@EVERY
def test_every_parameter_can_be_read(one: Entry) -> None:
    for schema in one.schemas.values():
        for name, form in schema["properties"].items():
            assert form["title"], name
            assert form["description"].endswith("."), name
            assert form["x-group"] in ("basic", "advanced"), name


@EVERY
def test_relations_name_parameters_of_the_same_schema(one: Entry) -> None:
    for schema in one.schemas.values():
        for form in schema["properties"].values():
            assert {*form.get("x-excludes", {}), *form.get("x-requires", {})} <= schema["properties"].keys()


@EVERY
def test_facts_have_their_source_and_date(one: Entry) -> None:
    assert one.source
    assert one.as_of.isoformat() == "2026-11-20"
    assert one.description.endswith(".")
    assert one.context_window > one.output_limit > 0


@EVERY
def test_prices_are_exact(one: Entry) -> None:
    prices = vars(one.prices)
    assert all(isinstance(v, Decimal) for name, v in prices.items() if v is not None and name != "step_tokens")
    assert one.kind == "aggregator" or (one.prices.input and one.prices.output)


@EVERY
def test_the_row_is_json_and_fits_the_table(one: Entry) -> None:
    row = json.loads(json.dumps(one.row()))
    assert row == one.row()
    assert row["schemas"].keys() == {row["request_format"], *row["other_formats"]}
    assert len(row["name"]) <= 100
    assert len(row["description"]) <= 300


@EVERY
def test_examples_are_of_the_five_kinds_and_their_parameters_are_taken(one: Entry) -> None:
    assert [e.kind for e in one.examples] == ["plain", "system_message", "multi_turn", "creative_writing", "streaming"]
    for example in one.examples:
        require(one.schemas[one.formats[0]], [], {}, example.parameters)
        assert example.messages[-1]["role"] == "user"


@pytest.mark.parametrize(
    ("key", "window", "output", "retention", "ends"),
    [
        ("openai/gpt-4.1", 1_047_576, 32_768, None, "2027-01-14"),
        ("openai/gpt-4.1-mini", 1_047_576, 32_768, None, "2027-01-14"),
        ("openai/gpt-4.1-nano", 1_047_576, 32_768, None, "2026-10-23"),
        ("openai/gpt-5.4", 1_050_000, 128_000, None, None),
        ("cloudflare/openai/gpt-4.1", 1_047_576, 32_768, True, "2027-01-14"),
        ("cloudflare/openai/gpt-4.1-nano", 1_000_000, 32_768, True, "2026-10-23"),
        ("cloudflare/openai/gpt-5.4", 1_000_000, 16_384, True, None),
        ("aggregator/gpt-4.1", 1_047_576, 32_768, None, "2027-01-14"),
    ],
)
def test_windows_limits_retention_and_ends(
    key: str, window: int, output: int, retention: bool | None, ends: str | None
) -> None:
    row = known(key).row()
    found = row["context_window"], row["output_limit"], row["has_zero_retention"], row["shutdown_on"]
    assert found == (window, output, retention, ends)


@pytest.mark.parametrize(
    ("key", "usage", "cost"),
    [
        ("openai/gpt-4.1", UsageReport(1_000_000, 1_000_000, 500_000), "9.25"),
        ("openai/gpt-4.1-nano", UsageReport(1_000_000, 1_000_000), "0.50"),
        ("openai/gpt-5.4", UsageReport(272_000, 1_000), "0.695"),
        ("openai/gpt-5.4", UsageReport(272_001, 1_000), "1.382505"),
    ],
)
def test_costs_follow_from_the_prices(key: str, usage: UsageReport, cost: str) -> None:
    assert known(key).prices.cost(usage) == Decimal(cost)


def test_the_length_in_examples_has_the_name_of_the_format() -> None:
    nano = known("cloudflare/openai/gpt-4.1-nano")
    assert nano.examples[3].parameters == {"max_output_tokens": 8192}
    assert known("openai/gpt-4.1").examples[3].parameters == {"max_completion_tokens": 2048}


@pytest.mark.parametrize(
    ("kind", "wire_name", "key"),
    [
        ("openai", "gpt-4.1", "openai/gpt-4.1"),
        ("openai", "gpt-4.1-2025-04-14", "openai/gpt-4.1"),
        ("cloudflare", "openai/gpt-5.4-2026-03-05", "cloudflare/openai/gpt-5.4"),
        ("openai", "gpt-5.4-pro", "openai/gpt-5.4-pro"),
        ("openai", "gpt-5.4-other", None),
        ("vllm", "gpt-4.1", None),
        ("openai", "", None),
    ],
)
def test_a_model_is_found_by_what_its_provider_calls_it(kind: str, wire_name: str, key: str | None) -> None:
    found = matching(kind, wire_name)
    assert (found.key if found else None) == key


def test_pro_is_for_responses_only() -> None:
    assert known("openai/gpt-5.4-pro").formats == ("responses",)
