from decimal import Decimal

import pytest

from conversations.pricing import cost, estimate_tokens
from conversations.providers.base import UsageReport

TWO, HALF, EIGHT = Decimal(2), Decimal("0.50"), Decimal(8)


def test_cost_is_exact_and_counts_cached_input_apart() -> None:
    usage = UsageReport(input_tokens=1_000_003, output_tokens=10, cached_tokens=400_000, reasoning_tokens=7)
    assert cost(usage, input_price=TWO, output_price=EIGHT, cached_price=HALF) == Decimal("1.400086")


def test_cached_input_without_a_price_costs_as_input() -> None:
    assert cost(UsageReport(100, 0, 50), input_price=TWO, output_price=EIGHT, cached_price=None) == Decimal("0.0002")


def test_more_cached_than_input_is_no_discount() -> None:
    assert cost(UsageReport(10, 0, 99), input_price=TWO, output_price=EIGHT, cached_price=HALF) == Decimal("0.000005")


@pytest.mark.parametrize(("input_price", "output_price"), [(None, None), (TWO, None), (None, EIGHT)])
def test_a_missing_price_gives_no_cost(input_price: Decimal | None, output_price: Decimal | None) -> None:
    assert cost(UsageReport(1, 1), input_price=input_price, output_price=output_price, cached_price=None) is None


def test_free_models_cost_nothing() -> None:
    zero = Decimal(0)
    assert cost(UsageReport(5, 5), input_price=zero, output_price=zero, cached_price=zero) == 0


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("日本", 2), ("\ud800", 1)])
def test_tokens_are_estimated_by_bytes(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens
