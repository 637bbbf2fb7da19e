"""Groups and their members as an admin fills them in."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.contrib.auth.models import Group

from conversations.models import OwnDefaults, User


def find_people(site: AdminSite, field: Any, *, is_multiple: bool = False) -> None:
    """Let a form's field find people by their names, page by page: it never lists them all."""
    relation = OwnDefaults._meta.get_field("user")  # noqa: SLF001  # public, whatever its name
    widget = AutocompleteSelectMultiple if is_multiple else AutocompleteSelect
    field.widget = widget(relation, site, attrs={"data-width": "100%", "data-placeholder": "Type a name"})
    field.widget.choices = field.choices


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    class Meta:
        model = Group
        fields = ("name",)
        widgets = {"name": forms.TextInput(attrs={"size": 40})}  # noqa: RUF012  # read by Django, never changed

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class NewMembersForm(forms.Form):
    people = forms.ModelMultipleChoiceField(
        User.objects.all(), label="Add people", error_messages={"required": "Choose somebody to add."}
    )

    def __init__(self, *args: Any, site: AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        find_people(site, self.fields["people"], is_multiple=True)
