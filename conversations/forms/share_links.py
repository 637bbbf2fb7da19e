"""What a share link is to be, and the password that opens one."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from conversations.models import Audience
from conversations.models.ids import new_id

EXPIRIES = (
    ("day", "1 day"),
    ("week", "7 days"),
    ("month", "30 days"),
    ("date", "On a day"),
    ("never", "Never"),
)
_DAYS = {"day": 1, "week": 7, "month": 30}
_MOST_YEARS = 10


class ShareForm(forms.Form):
    """A new link. ``leaf`` ends the branch (empty: the one that is shown); ``until`` is the last day it opens."""

    client_id = forms.UUIDField()
    leaf = forms.UUIDField(required=False)
    audience = forms.ChoiceField(choices=Audience.choices, error_messages={"required": "Choose who the link is for."})
    expiry = forms.ChoiceField(choices=EXPIRIES)
    until = forms.DateField(required=False, error_messages={"invalid": "Write the day as 2031-12-31."})
    password = forms.CharField(required=False, strip=False, max_length=5_000)
    names = forms.BooleanField(required=False)
    reasoning = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["expires_at"] = None if self.errors else self._expires_at(data["expiry"], data["until"])
        return data

    def _expires_at(self, expiry: str, until: Any) -> datetime | None:
        now = timezone.now()
        if expiry != "date":
            return now + timedelta(days=_DAYS[expiry]) if expiry in _DAYS else None
        today = timezone.localdate()
        if until is None:
            self.add_error("until", ValidationError("Choose the day."))
        elif until < today:
            self.add_error("until", ValidationError("Choose a day that is not over yet."))
        elif until.year > today.year + _MOST_YEARS:
            self.add_error("until", ValidationError(f"Choose a day in the next {_MOST_YEARS} years, or never."))
        else:
            return timezone.make_aware(datetime.combine(until, time(23, 59, 59)))
        return None


def fresh_values() -> dict[str, Any]:
    """What the form says before anybody touched it."""
    return {"client_id": new_id(), "audience": Audience.TEAM, "expiry": "month", "names": True}


class UnlockForm(forms.Form):
    """The password of a link."""

    password = forms.CharField(
        strip=False,
        max_length=5_000,
        error_messages={"required": "Type the password that you were given."},
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class ShareLinkFilterForm(forms.Form):
    """Which of one's links are listed; the live ones if nothing is said."""

    state = forms.ChoiceField(required=False, choices=[("live", "Open"), ("ended", "Ended")])
    before = forms.CharField(required=False, max_length=100)
