"""What may be changed about a conversation."""

from django import forms


class ConversationForm(forms.Form):
    """``title`` or ``pinned`` or both; what is not sent stays."""

    title = forms.CharField(required=False, strip=False, max_length=10_000)
    pinned = forms.TypedChoiceField(
        required=False, choices=[("1", "yes"), ("0", "no")], coerce=lambda value: value == "1", empty_value=None
    )
