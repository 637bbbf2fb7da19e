"""Titles of the sidebar's groups."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

from django import template
from django.urls import reverse
from django.utils import formats

register = template.Library()

_TITLES = {"pinned": "Pinned", "today": "Today", "yesterday": "Yesterday", "week": "Previous 7 days"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@register.simple_tag
@cache
def archive_change() -> str:
    """The address that takes deeds on conversations; looked up once, for it stands in every row."""
    return reverse("archive-change")


@register.simple_tag
@cache
def export_page() -> str:
    """The address of the page that exports; looked up once, as the one above."""
    return reverse("transfers")


@register.filter
def moment(at: datetime) -> int:
    """Microseconds since 1970: rows are sorted by it, and cursors made of it."""
    return (at - _EPOCH) // timedelta(microseconds=1)


@register.filter
def group_title(key: str) -> str:
    """``today`` as Today, ``2026-10`` as October 2026."""
    known = _TITLES.get(key)
    if known:
        return known
    year, _, month = key.partition("-")
    return str(formats.date_format(date(int(year), int(month), 1), "F Y"))
