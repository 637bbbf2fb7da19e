"""Tokens and prices to money, in Decimal."""

from decimal import Decimal

from conversations.providers.base import UsageReport

MILLION = Decimal(1_000_000)


def cost(
    usage: UsageReport, *, input_price: Decimal | None, output_price: Decimal | None, cached_price: Decimal | None
) -> Decimal | None:
    """USD of one run at prices per million tokens; None where a price is missing."""
    if input_price is None or output_price is None:
        return None
    cached = min(usage.cached_tokens or 0, usage.input_tokens or 0)
    fresh = (usage.input_tokens or 0) - cached
    cheap = input_price if cached_price is None else cached_price
    return (fresh * input_price + cached * cheap + (usage.output_tokens or 0) * output_price) / MILLION


def estimate_tokens(text: str) -> int:
    """About four characters a token."""
    return -(-len(text) // 4)
