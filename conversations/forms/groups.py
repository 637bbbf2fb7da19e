"""Groups and their members as an admin fills them in."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.contrib.auth.models import Group

from conversations.models import OwnDefaults, User


class _FindOne(AutocompleteSelect):
    """Forgets what can be no id: Django's own would ask the database for it."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if is_id(str(one))], attrs)


class _FindSeveral(AutocompleteSelectMultiple):
    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if is_id(str(one))], attrs)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [one if is_id(one) else "0" for one in super().value_from_datadict(data, files, name)]


def is_id(text: str) -> bool:
    """Whether it can be the number of a row."""
    return text.isascii() and text.isdecimal() and len(text) < 19


def find_people(site: AdminSite, field: Any, *, is_multiple: bool = False) -> None:
    """Let a form's field find people by their names, page by page: it never lists them all."""
    relation = OwnDefaults._meta.get_field("user")  # noqa: SLF001  # public, whatever its name
    widget = _FindSeveral if is_multiple else _FindOne
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
