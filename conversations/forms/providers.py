"""A provider as its admin fills it in. The key goes in and never comes out again."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conversations.exceptions import InvalidInputError
from conversations.models import Provider, ProviderKind
from conversations.providers.engine import normalise_base_url

LONGEST_KEY = 4096


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    key = forms.CharField(
        label="API key",
        required=False,
        max_length=LONGEST_KEY,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 60}, render_value=False),
    )
    clear_key = forms.BooleanField(label="Forget the stored key", required=False)

    class Meta:
        model = Provider
        fields = (
            "name", "kind", "base_url", "is_enabled", "length_field", "sends_stream_options", "first_event_seconds",
            "idle_seconds", "concurrency",
        )  # fmt: skip
        widgets = {  # noqa: RUF012  # read by Django, never changed
            "name": forms.TextInput(attrs={"size": 40}),
            "base_url": forms.TextInput(attrs={"size": 60, "inputmode": "url", "spellcheck": "false"}),
        }
        help_texts = {  # noqa: RUF012
            "base_url": "For example https://api.openai.com/v1 or http://127.0.0.1:11434/v1.",
            "sends_stream_options": "Untick it for old servers that refuse the field stream_options.",
            "concurrency": "More than this many wait for their turn.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self._stored_url: str = self.instance.base_url
        self._had_key: bool = self.instance.has_key
        if self.instance.has_key:
            self.fields["key"].help_text = "A key is stored. Leave this empty to keep it."
        else:
            self.fields["key"].help_text = "None is stored. Local servers often need none."
            del self.fields["clear_key"]

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not key.isascii() or any(character.isspace() or not character.isprintable() for character in key):
            raise ValidationError("A key has no blanks and no special characters: copy it once more.")
        return key

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("kind") == ProviderKind.DEMO:
            cleaned.update(base_url="", key="", clear_key=True)
            return cleaned
        if "base_url" in cleaned:
            self._clean_address(cleaned["base_url"])
        is_moved = "base_url" in cleaned and cleaned["base_url"] != self._stored_url
        if is_moved and self._had_key and not cleaned.get("key") and not cleaned.get("clear_key"):
            self.add_error("key", "The base URL has changed. Enter the key again: it is sent to no other address.")
        if cleaned.get("key") and cleaned.get("clear_key"):
            self.add_error("clear_key", "Either enter a new key or forget the old one.")
        return cleaned

    def _clean_address(self, text: str) -> None:
        try:
            self.cleaned_data["base_url"] = normalise_base_url(text)
        except InvalidInputError as error:
            self.add_error("base_url", error.message)

    @property
    def changes_key(self) -> bool:
        """Whether saving puts another key in place, or none."""
        return bool(self.cleaned_data.get("key")) or (bool(self.cleaned_data.get("clear_key")) and self._had_key)

    def save(self, commit: bool = True) -> Provider:  # Django's signature
        if self.cleaned_data.get("key") or self.cleaned_data.get("clear_key"):
            self.instance.set_key(self.cleaned_data.get("key", ""))
        provider: Provider = super().save(commit)
        return provider
