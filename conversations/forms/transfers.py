"""What is exported, and what is uploaded to be imported."""

from django import forms

from conversations.actions.transfers import FORMATS


class ExportForm(forms.Form):
    """No conversations: all of one's own."""

    format = forms.ChoiceField(choices=[(name, name) for name in FORMATS])


class UploadForm(forms.Form):
    """A file that a script sends in parts is announced by name and size; a form without one brings it."""

    name = forms.CharField(max_length=500, required=False)
    size = forms.IntegerField(min_value=0, required=False)
    file = forms.FileField(required=False, allow_empty_file=True)


class PartForm(forms.Form):
    offset = forms.IntegerField(min_value=0)
    part = forms.FileField(allow_empty_file=True)
