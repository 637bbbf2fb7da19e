"""Light, dark, or what the system says."""

from django import forms

from conversations.models import Theme


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(choices=Theme.choices)
