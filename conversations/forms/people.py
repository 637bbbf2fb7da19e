"""A person's account as an admin fills it in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError

from conversations.forms.passwords import ADVICE, add_password_errors, password_field
from conversations.models import User


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """``admin`` is the one who fills it in. A password is needed for a new account, and replaces one otherwise."""

    admin: User
    is_admin = forms.BooleanField(
        label="Administrator", required=False, help_text="May change providers, models and people."
    )
    new_password = password_field("New password", is_new=True)
    again = password_field("New password again", is_new=True)

    class Meta:
        model = User
        fields = ("username", "display_name", "email", "is_active")
        field_classes = {"username": UsernameField}  # noqa: RUF012  # read by Django, never changed
        help_texts = {  # noqa: RUF012
            "username": "What the person signs in with: letters, digits and @ . + - _",
            "display_name": "What colleagues read. Empty: the name above.",
            "is_active": "Take this away instead of deleting an account: it ends all sessions at once.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        is_new = self.instance.pk is None
        self.fields["new_password"].required = self.fields["again"].required = is_new
        if is_new:
            self.fields["new_password"].label, self.fields["again"].label = "Password", "Password again"
        self.fields["new_password"].help_text = ADVICE
        self.fields["is_admin"].initial = self.instance.is_superuser
        self.fields["is_admin"].disabled = not self.admin.is_superuser or self._is_own
        if "is_active" in self.fields:
            self.fields["is_active"].disabled = self._is_own

    @property
    def _is_own(self) -> bool:
        return self.instance.pk is not None and self.instance.pk == self.admin.pk

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "new_password" in self.cleaned_data and again != self.cleaned_data["new_password"]:
            raise ValidationError("The two passwords differ.")
        return again

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # the same hook Django's own password forms use
        add_password_errors(self, self.instance, field="new_password")

    def save(self, commit: bool = True) -> User:  # Django's signature
        if "is_admin" in self.changed_data:
            self.instance.is_staff = self.instance.is_superuser = self.cleaned_data["is_admin"]
        if self.cleaned_data.get("new_password"):
            self.instance.set_password(self.cleaned_data["new_password"])
        person: User = super().save(commit)
        return person
