"""A provider as its admin fills it in. Key and further headers go in and never come out again."""

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from conversations.exceptions import InvalidInputError
from conversations.forms.provider_fields import HeadersField, QueryField
from conversations.models import Provider, ProviderKind
from conversations.models.providers import length_fields
from conversations.providers.engine import normalise_base_url
from conversations.providers.kinds import KINDS, Kind, missing_ids

LONGEST_KEY: Final = 4096
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_ID_NAMES: Final = {"account_id": "account id", "gateway_id": "gateway id"}


def _routes() -> list[tuple[str, Any]]:
    """The ways in, below the kind they belong to."""
    groups = [
        (kind.label, [(route.name, route.label) for route in kind.routes]) for kind in KINDS.values() if kind.routes[1:]
    ]
    return [("", "The usual one"), *groups]


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    key = forms.CharField(
        label="API key",
        required=False,
        max_length=LONGEST_KEY,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 60}, render_value=False),
    )
    clear_key = forms.BooleanField(label="Forget the stored key", required=False)
    headers = HeadersField(label="Further headers")
    clear_headers = forms.BooleanField(label="Forget the stored headers", required=False)
    query = QueryField(
        label="Further query parameters",
        help_text="One a line, like api-version=2024-10-21. Kept readable: put secrets into the headers.",
    )
    route = forms.ChoiceField(
        label="Way in", choices=_routes, required=False, help_text="Only for kinds that have several."
    )

    class Meta:
        model = Provider
        fields = (
            "name", "kind", "route", "base_url", "account_id", "gateway_id", "query", "is_enabled", "length_field",
            "system_role", "sends_stream_options", "returns_reasoning", "first_event_seconds", "idle_seconds",
            "concurrency",
        )  # fmt: skip
        widgets = {  # noqa: RUF012  # read by Django, never changed
            "name": forms.TextInput(attrs={"size": 40}),
            "base_url": forms.TextInput(attrs={"size": 60, "inputmode": "url", "spellcheck": "false"}),
            "account_id": forms.TextInput(attrs={"size": 40, "spellcheck": "false", "autocomplete": "off"}),
            "gateway_id": forms.TextInput(attrs={"size": 40, "spellcheck": "false", "autocomplete": "off"}),
        }
        help_texts = {  # noqa: RUF012
            "kind": "What each kind needs is told above.",
            "base_url": "May stay empty where the kind has an address of its own. Else for example "
            "https://models.example/v1.",
            "account_id": "Cloudflare: the account. Azure: the name of the resource. Else empty.",
            "gateway_id": "Cloudflare: the AI Gateway, if one is used. Else empty.",
            "length_field": "Empty: as usual for the kind.",
            "first_event_seconds": "Empty: as usual for the kind. Local servers may need minutes to load a model.",
            "sends_stream_options": "Untick it for old servers that refuse the field stream_options. New aggregators "
            "begin without it.",
            "concurrency": "More than this many wait for their turn.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self._stored_address: str = self.instance.address
        self._had_key: bool = self.instance.has_key
        self._had_headers: bool = self.instance.has_headers
        self._is_new: bool = self.instance._state.adding  # noqa: SLF001  # Django documents it
        for name in ("length_field", "first_event_seconds"):
            self.fields[name].required = False
            if self._is_new:
                self.initial[name] = None
        self.fields["length_field"].choices = [("", "As usual for the kind"), *length_fields()]  # type: ignore[attr-defined]
        self._explain("key", "clear_key", stored="A key is", is_stored=self._had_key)
        self._explain("headers", "clear_headers", stored="Headers are", is_stored=self._had_headers)

    def _explain(self, field: str, clearing: str, *, stored: str, is_stored: bool) -> None:
        self.fields[field].help_text = _HELP[field]
        if is_stored:
            self.fields[field].help_text += f" {stored} stored. Leave this empty to keep what is there."
        else:
            del self.fields[clearing]

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not key.isascii() or any(character.isspace() or not character.isprintable() for character in key):
            raise ValidationError("A key has no blanks and no special characters: copy it once more.")
        return key

    def clean_account_id(self) -> str:
        return self._clean_id("account_id")

    def clean_gateway_id(self) -> str:
        return self._clean_id("gateway_id")

    def _clean_id(self, name: str) -> str:
        value: str = self.cleaned_data[name].strip()
        if value and not _ID.fullmatch(value):
            raise ValidationError("An id has letters, digits, - and _ only.")
        return value

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("kind") == ProviderKind.DEMO:
            cleaned.update(base_url="", account_id="", gateway_id="", route="", query={}, key="", clear_key=True)
            cleaned.update(headers={}, clear_headers=True)
        if "kind" in cleaned:
            self._clean_for(KINDS[cleaned["kind"]])
        for name, noun in (("key", "a new key"), ("headers", "new headers")):
            if cleaned.get(name) and cleaned.get(f"clear_{name}"):
                self.add_error(f"clear_{name}", f"Either enter {noun} or forget what is stored.")
        return cleaned

    def _clean_for(self, kind: Kind) -> None:
        """What depends on the kind: its defaults, its ways in, its address."""
        cleaned = self.cleaned_data
        if not cleaned.get("length_field"):
            cleaned["length_field"] = kind.length_field
        if not cleaned.get("first_event_seconds") and "first_event_seconds" not in self.errors:
            cleaned["first_event_seconds"] = kind.first_event_seconds
        if self._is_new and not kind.sends_stream_options:
            cleaned["sends_stream_options"] = False
        route = cleaned.get("route", "")
        if route and route not in {known.name for known in kind.routes}:
            self.add_error("route", f"That way in is not one of {kind.label}.")
        elif kind.name != ProviderKind.DEMO and "base_url" in cleaned:
            self._clean_address(kind)

    def _clean_address(self, kind: Kind) -> None:
        cleaned = self.cleaned_data
        route = kind.route(cleaned.get("route", ""))
        if cleaned["base_url"] or not route.base_url:
            try:
                cleaned["base_url"] = normalise_base_url(cleaned["base_url"])
            except InvalidInputError as error:
                self.add_error("base_url", error.message)
                return
        address = self._address_now()
        for name in missing_ids(address):
            if name not in self.errors:
                self.add_error(name, f"Enter the {_ID_NAMES[name]}: the address of this way in needs it.")
        if route.required_query and route.required_query not in {*cleaned.get("query", {}), *_query_names(address)}:
            self.add_error("query", f"This way in needs the query parameter {route.required_query}.")
        if address != self._stored_address:
            self._ask_for_secrets_again()

    def _address_now(self) -> str:
        """The address that the row will have."""
        names = ("kind", "route", "base_url", "account_id", "gateway_id")
        return Provider(**{name: self.cleaned_data.get(name, "") for name in names}).address

    def _ask_for_secrets_again(self) -> None:
        cleaned = self.cleaned_data
        if self._had_key and not cleaned.get("key") and not cleaned.get("clear_key"):
            self.add_error("key", "The address has changed. Enter the key again: it is sent to no other address.")
        if self._had_headers and not cleaned.get("headers") and not cleaned.get("clear_headers"):
            self.add_error("headers", "The address has changed. Enter the headers again: they may hold secrets.")

    @property
    def changes_address(self) -> bool:
        return self._address_now() != self._stored_address

    @property
    def changes_key(self) -> bool:
        """Whether saving puts another key in place, or none."""
        return bool(self.cleaned_data.get("key")) or (bool(self.cleaned_data.get("clear_key")) and self._had_key)

    @property
    def changes_headers(self) -> bool:
        """Whether saving puts other headers in place, or none."""
        cleaned = self.cleaned_data
        return bool(cleaned.get("headers")) or (bool(cleaned.get("clear_headers")) and self._had_headers)

    def save(self, commit: bool = True) -> Provider:  # Django's signature
        if self.cleaned_data.get("key") or self.cleaned_data.get("clear_key"):
            self.instance.set_key(self.cleaned_data.get("key", ""))
        if self.cleaned_data.get("headers") or self.cleaned_data.get("clear_headers"):
            self.instance.set_headers(self.cleaned_data.get("headers") or {})
        provider: Provider = super().save(commit)
        return provider


_HELP: Final = {
    "key": "Local servers often need none.",
    "headers": "One a line, like Name: value. They are kept like the key: encrypted, and never shown again. Entering "
    "some replaces all that are stored.",
}


def _query_names(address: str) -> set[str]:
    return {pair.partition("=")[0] for pair in address.partition("?")[2].split("&")}
