"""What the inspector is asked for, besides the parameters."""

from django import forms


class InspectorForm(forms.Form):
    """``before_model`` and ``before_format`` are those that the posted parameters were shown for."""

    model = forms.UUIDField(required=False)
    format = forms.CharField(required=False, max_length=30)
    before_model = forms.UUIDField(required=False)
    before_format = forms.CharField(required=False, max_length=30)
    conversation = forms.UUIDField(required=False)
    tab = forms.ChoiceField(required=False, choices=[(tab, tab) for tab in ("parameters", "model", "request")])
    text = forms.CharField(required=False, strip=False)
    reset = forms.CharField(required=False, max_length=100)
    forget = forms.BooleanField(required=False)
    fragment = forms.BooleanField(required=False)
