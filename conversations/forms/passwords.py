"""Passwords as people choose them: a length, nothing common, no rules of composition."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from conversations.models import User

LONGEST_PASSWORD = 1024
ADVICE = "At least 8 characters and nothing common. A sentence is a good choice."


class MaximumLengthValidator:
    """For AUTH_PASSWORD_VALIDATORS: hashing megabytes would be a way to keep the server busy."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(f"A password can have up to {LONGEST_PASSWORD} characters.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"It can have up to {LONGEST_PASSWORD} characters: a long sentence is a good choice."


def password_field(label: str, *, is_new: bool) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password" if is_new else "current-password"})
    return forms.CharField(label=label, max_length=LONGEST_PASSWORD, strip=False, widget=widget)


class NewPasswordForm(forms.Form):
    """Asks for a new password twice; ``password_owner`` says whose it will be, so that it is not their name."""

    password = password_field("Password", is_new=True)
    again = password_field("Password again", is_new=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["password"].help_text = ADVICE

    def password_owner(self) -> User:
        raise NotImplementedError

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise ValidationError("The two passwords differ.")
        return again

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # the same hook Django's own password forms use
        add_password_errors(self, self.password_owner())


def add_password_errors(form: forms.BaseForm, owner: User, *, field: str = "password") -> None:
    """Say what is wrong with the password that was typed into a form, if one was."""
    password = form.cleaned_data.get(field)
    if password:
        try:
            validate_password(password, owner)
        except ValidationError as error:
            form.add_error(field, error)
