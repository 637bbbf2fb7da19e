"""Costs worked out by hand, at list prices of the catalogue's models."""

from decimal import Decimal

import pytest

from conversations.pricing import Prices, estimate_tokens
from conversations.providers.base import UsageReport

FLAGSHIP = Prices(input=Decimal(2), cached=Decimal("0.50"), output=Decimal(8))
STEPPED = Prices(
    input=Decimal("2.50"), cached=Decimal("0.25"), output=Decimal(15),
    step_tokens=272_000, step_input=Decimal(5), step_cached=Decimal("0.50"), step_output=Decimal("22.50"),
)  # fmt: skip


def test_cost_is_exact_and_counts_cached_input_apart() -> None:
    usage = UsageReport(input_tokens=1_000_003, output_tokens=10, cached_tokens=400_000, reasoning_tokens=7)
    assert FLAGSHIP.cost(usage) == Decimal("1.400086")


def test_reasoning_is_inside_the_output_and_costs_no_more() -> None:
    assert FLAGSHIP.cost(UsageReport(0, 1000, 0, 900)) == FLAGSHIP.cost(UsageReport(0, 1000)) == Decimal("0.008")


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (UsageReport(272_000, 1000), "0.695"),  # 272,000 x 2.50 + 1,000 x 15
        (UsageReport(272_001, 1000), "1.382505"),  # the whole request at 5 and 22.50
        (UsageReport(300_000, 2000, 100_000, 1500), "1.095"),  # 200,000 x 5 + 100,000 x 0.50 + 2,000 x 22.50
    ],
)
def test_above_the_step_the_whole_request_costs_more(usage: UsageReport, expected: str) -> None:
    assert STEPPED.cost(usage) == Decimal(expected)


def test_a_step_without_prices_of_its_own_changes_nothing() -> None:
    prices = Prices(input=Decimal(2), output=Decimal(8), step_tokens=100)
    assert prices.cost(UsageReport(1000, 10)) == Decimal("0.00208")


def test_cached_input_without_a_price_costs_as_input() -> None:
    assert Prices(input=Decimal(2), output=Decimal(8)).cost(UsageReport(100, 0, 50)) == Decimal("0.0002")


def test_more_cached_than_input_is_no_discount() -> None:
    assert FLAGSHIP.cost(UsageReport(10, 0, 99)) == Decimal("0.000005")


@pytest.mark.parametrize("prices", [Prices(), Prices(input=Decimal(2)), Prices(output=Decimal(8))])
def test_a_missing_price_gives_no_cost(prices: Prices) -> None:
    assert prices.cost(UsageReport(1, 1)) is None


def test_free_models_cost_nothing() -> None:
    zero = Decimal(0)
    assert Prices(input=zero, cached=zero, output=zero).cost(UsageReport(5, 5)) == 0


def test_prices_of_a_run_are_kept_exactly() -> None:
    assert Prices.of_texts(STEPPED.as_texts()) == STEPPED
    assert Prices.of_texts(Prices().as_texts()) == Prices()


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("日本", 2), ("\ud800", 1)])
def test_tokens_are_estimated_by_bytes(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens
