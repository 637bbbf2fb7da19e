"""When something was said, in few words."""

from datetime import datetime, timedelta

from django import template
from django.utils import formats, timezone

register = template.Library()


@register.filter
def when(at: datetime) -> str:
    """The time of today, Yesterday, a weekday of this week, else the day; in the person's time zone."""
    moment, today = timezone.localtime(at), timezone.localdate()
    day = moment.date()
    if day >= today:
        return str(formats.time_format(moment, "H:i"))
    if day == today - timedelta(days=1):
        return "Yesterday"
    if day > today - timedelta(days=7):
        return str(formats.date_format(moment, "l"))
    return str(formats.date_format(moment, "j M" if day.year == today.year else "j M Y"))
