"""What the inspector is asked for, besides the parameters."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from django import forms

PARTS = ("request", "whole")
"""A fragment with the request alone; the request in one language, nothing shortened."""


TABS = ("parameters", "model", "request", "contents", "branches")


class Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


class RequestForm(forms.Form):
    """In which language a request is wanted as plain text; none: as a page."""

    language = forms.CharField(required=False, max_length=30)

    def language_of(self, known: Iterable[N]) -> N | None:
        """The one of ``known`` that was named."""
        wanted = self.cleaned_data.get("language", "") if self.is_valid() else ""
        return next((each for each in known if each.name == wanted), None)


class InspectorForm(RequestForm):
    """``before_model`` and ``before_format`` are those that the posted parameters were shown for."""

    model = forms.UUIDField(required=False)
    format = forms.CharField(required=False, max_length=30)
    before_model = forms.UUIDField(required=False)
    before_format = forms.CharField(required=False, max_length=30)
    conversation = forms.UUIDField(required=False)
    tab = forms.ChoiceField(required=False, choices=[(tab, tab) for tab in TABS])
    part = forms.ChoiceField(required=False, choices=[(part, part) for part in PARTS])
    text = forms.CharField(required=False, strip=False)
    reset = forms.CharField(required=False, max_length=100)
    forget = forms.BooleanField(required=False)
    fragment = forms.BooleanField(required=False)
