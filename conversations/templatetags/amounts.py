"""Numbers as people read them: tokens, windows, prices, money, seconds."""

from decimal import Decimal

from django import template

from conversations.models import LanguageModel

register = template.Library()


@register.filter
def tokens(count: int | None) -> str:
    """``1284`` as ``1,284``."""
    return "" if count is None else f"{count:,}"


@register.filter
def window(count: int | None) -> str:
    """A context window, short: ``128k``, ``1M``; made for reading, not for counting."""
    if not count:
        return ""
    if count >= 950_000:
        return f"{count / 1_000_000:.1f}".removesuffix(".0") + "M"
    return f"{round(count / 1000)}k" if count >= 1000 else str(count)


@register.filter
def money(amount: Decimal | None) -> str:
    """USD with as many places as say something: ``$0.0019``, ``$1.24``; what is free is ``$0``."""
    if amount is None:
        return ""
    if amount == 0:
        return "$0"
    if amount < Decimal("0.0001"):
        return "< $0.0001"
    return f"${amount:.4f}" if amount < Decimal("0.1") else f"${amount:,.2f}"


@register.filter
def price(amount: Decimal | None) -> str:
    """A price per million tokens: at least two places, no trailing zeros beyond."""
    if amount is None:
        return ""
    text = f"{amount:.6f}".rstrip("0")
    whole, _, places = text.partition(".")
    return f"${whole}.{places.ljust(2, '0')}"


@register.filter
def seconds(amount: float | None) -> str:
    """A duration: ``0.4 s``, ``12 s``, ``3 min 5 s``."""
    if amount is None:
        return ""
    if amount < 10:
        return f"{max(amount, 0):.1f} s"
    if amount < 60:
        return f"{amount:.0f} s"
    minutes, rest = divmod(round(amount), 60)
    return f"{minutes} min {rest} s"


@register.filter
def note(model: LanguageModel) -> str:
    """What stands small beside a model's name: window and prices, as far as known."""
    parts = [window(model.context_window)]
    if model.input_price is not None and model.output_price is not None:
        free = model.input_price == model.output_price == 0
        parts.append("free" if free else f"{price(model.input_price)} / {price(model.output_price)}")
    return " · ".join(part for part in parts if part)
