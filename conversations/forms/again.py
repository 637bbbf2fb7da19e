"""Which answer is asked for, besides its parameters."""

from django import forms


class AgainForm(forms.Form):
    """``before_model`` and ``before_format`` are those that the posted parameters were shown for.

    ``look`` only shows what another choice of model or format would make of them; ``without`` names a value that
    was refused and is left out now.
    """

    model = forms.UUIDField(required=False)
    format = forms.CharField(required=False, max_length=30)
    before_model = forms.UUIDField(required=False)
    before_format = forms.CharField(required=False, max_length=30)
    client_id = forms.UUIDField(required=False)
    without = forms.CharField(required=False, max_length=100)
    reset = forms.CharField(required=False, max_length=100)
    look = forms.BooleanField(required=False)
    fragment = forms.BooleanField(required=False)
