"""A message as a form post brings it."""

from typing import Any

from django import forms


class MessageForm(forms.Form):
    """The composer. ``starter`` is the value of a starter's button and counts where nothing was written."""

    conversation = forms.UUIDField(required=False)
    parent = forms.UUIDField(required=False)
    model = forms.UUIDField(required=False)
    client_id = forms.UUIDField()
    text = forms.CharField(required=False, strip=False)
    starter = forms.CharField(required=False, max_length=300)
    temporary = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["text"] = data.get("text") or data.get("starter") or ""
        return data


class ModelChoiceForm(forms.Form):
    """Which model an answer is asked from; none means the conversation's."""

    model = forms.UUIDField(required=False)
