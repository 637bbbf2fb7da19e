"""What may be said about a folder or a tag."""

from typing import Any

from django import forms

from conversations.models import Folder, User


class FolderForm(forms.Form):
    """``name`` or ``parent`` or both; what is not sent stays. An empty ``parent`` is the list."""

    name = forms.CharField(required=False, strip=False, max_length=10_000)
    parent = forms.ModelChoiceField(Folder.objects.none(), required=False)

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        parent: Any = self.fields["parent"]
        parent.queryset = Folder.objects.visible_to(user)


class TagForm(forms.Form):
    name = forms.CharField(required=False, strip=False, max_length=10_000)
