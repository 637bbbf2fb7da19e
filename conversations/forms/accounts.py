"""Signing in, the first admin, a new password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError

from conversations.forms.passwords import NewPasswordForm, password_field
from conversations.models import User

_PLAIN_TEXT = {"autocapitalize": "none", "spellcheck": "false"}


def _name_field() -> UsernameField:
    widget = forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, **_PLAIN_TEXT})
    return UsernameField(label="Name", max_length=150, widget=widget)


class SignInForm(forms.Form):
    username = _name_field()
    password = password_field("Password", is_new=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class SetupForm(NewPasswordForm):
    """The first admin."""

    username = _name_field()
    display_name = forms.CharField(
        label="Display name",
        max_length=100,
        required=False,
        help_text="What your colleagues read. May stay empty.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("username", "display_name", "password", "again")

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        User._meta.get_field("username").run_validators(username)  # noqa: SLF001  # Django's documented interface
        if User.objects.filter(username=username).exists():
            raise ValidationError("That name is taken.")
        return username

    def password_owner(self) -> User:
        names = {name: self.cleaned_data.get(name, "") for name in ("username", "display_name")}
        return User(**names)


class PasswordForm(NewPasswordForm):
    """A new password for ``user``; whether the current one is right is for the action to say."""

    current = password_field("Current password", is_new=False)
    field_order = ("current", "password", "again")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].label = "New password"
        self.fields["again"].label = "New password again"

    def password_owner(self) -> User:
        return self.user
