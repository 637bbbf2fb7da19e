"""Numbers as people read them."""

from decimal import Decimal

import pytest

from conversations.templatetags.amounts import money, price, seconds, window
from conversations.templatetags.groups import group_title


@pytest.mark.parametrize(
    ("count", "words"),
    [(None, ""), (512, "512"), (8192, "8k"), (131_072, "131k"), (1_047_576, "1M"), (2_500_000, "2.5M")],
)
def test_windows(count: int | None, words: str) -> None:
    assert window(count) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, ""),
        ("0", "$0"),
        ("0.00000012", "< $0.0001"),
        ("0.00194", "$0.0019"),
        ("1.239", "$1.24"),
        ("1234.5", "$1,234.50"),
    ],
)
def test_money(amount: str | None, words: str) -> None:
    assert money(None if amount is None else Decimal(amount)) == words


@pytest.mark.parametrize(
    ("amount", "words"), [("0.4", "$0.40"), ("2", "$2.00"), ("0.075", "$0.075"), ("10.000000", "$10.00")]
)
def test_prices_keep_two_places_and_lose_empty_ones(amount: str, words: str) -> None:
    assert price(Decimal(amount)) == words


@pytest.mark.parametrize(("amount", "words"), [(0.42, "0.4 s"), (12.4, "12 s"), (185.0, "3 min 5 s"), (-0.1, "0.0 s")])
def test_durations(amount: float, words: str) -> None:
    assert seconds(amount) == words


def test_groups_have_titles() -> None:
    assert (group_title("week"), group_title("2026-10")) == ("Previous 7 days", "October 2026")
