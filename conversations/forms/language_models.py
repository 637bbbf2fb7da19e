"""A model as its admin fills it in."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils import timezone

from conversations.actions.catalogue import served_name
from conversations.actions.language_models import formats_taken
from conversations.forms.parameter_schemas import SchemaField
from conversations.models import LanguageModel, Provider
from conversations.models.language_models import RequestFormat, request_formats
from conversations.schemas import catalogue
from conversations.schemas.catalogue import Entry

FLAGS: Final = {"is_default", "is_title_model"}
ABILITIES: Final = {
    "vision": "Images in",
    "original_detail": "Images in full size",
    "files": "Files in",
    "audio": "Audio in",
    "tools": "Tools",
    "parallel_tools": "Several tools at once",
    "structured": "Structured output (JSON schema)",
    "reasoning": "Reasoning",
    "caching": "Prompt caching",
    "web_search": "Web search (run by the provider)",
}
SCHEMA_FIELDS: Final = {f"schema_{name}": name for name in RequestFormat.values}
BASE_PRICES: Final = ("input_price", "cached_price", "output_price")
STEP_PRICES: Final = ("step_input_price", "step_cached_price", "step_output_price")
PRICES: Final = (*BASE_PRICES, *STEP_PRICES)


class LinesField(forms.CharField):
    """A list of texts, one on each line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(line) for line in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class LanguageModelRowForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """One row of the list: its fields have no label in sight, so each says whose it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{self.instance}: {field.label}"


@dataclass(frozen=True)
class Offer:
    """An entry of the catalogue for a provider: ``is_there`` if the provider has the model."""

    entry: Entry
    is_there: bool
    is_chosen: bool

    @property
    def facts(self) -> str:
        """Who made it, its size and its price, on one line."""
        entry = self.entry
        size = f"{entry.context_window:,} tokens, answers up to {entry.output_limit:,}"
        prices = entry.prices
        money = "" if prices.input is None else f"{prices.input} in, {prices.output} out (USD per million)"
        return " · ".join(part for part in (entry.vendor, size, money) if part)

    @property
    def is_shut_down(self) -> bool:
        return self.entry.shutdown_on is not None and self.entry.shutdown_on <= timezone.localdate()


class ProviderForm(forms.Form):
    """For which provider."""

    provider = forms.ModelChoiceField(Provider.objects.order_by("name"), empty_label=None)


class ImportForm(forms.Form):
    """Entries of the catalogue for one provider: the one named in the address, else the first that has some."""

    entries = forms.MultipleChoiceField(error_messages={"required": "Choose at least one model."})

    def __init__(self, query: Any, data: Any = None) -> None:
        super().__init__(data)
        asked = ProviderForm(query)
        self.provider: Provider | None = asked.cleaned_data["provider"] if asked.is_valid() else _first_provider()
        self.providers = ProviderForm(initial={"provider": self.provider})
        self.offers, self.others = [], []
        kind = self.provider.kind if self.provider else ""
        known = set(self.provider.models.values_list("wire_name", flat=True)) if self.provider else set()
        chosen = set(data.getlist("entries")) if data else set()
        for entry in catalogue.entries():
            if self.provider and entry.kind == kind:
                self.offers.append(Offer(entry, served_name(self.provider, entry) in known, entry.key in chosen))
            else:
                self.others.append(entry)
        entries: Any = self.fields["entries"]
        entries.choices = [(offer.entry.key, offer.entry.name) for offer in self.offers]


def _first_provider() -> Provider | None:
    kinds = {entry.kind for entry in catalogue.entries()}
    found = list(Provider.objects.order_by("name"))
    return next((provider for provider in found if provider.kind in kinds), found[0] if found else None)


class AddressField(forms.URLField):
    """A URL; https where no scheme is typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "assume_scheme": "https"})


def _day(label: str, help_text: str) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


class LanguageModelForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    starters = LinesField(
        required=False,
        help_text="What a new conversation offers to begin with: up to four, one on each line.",
        widget=forms.Textarea(attrs={"rows": 5, "cols": 80}),
    )
    other_formats = forms.MultipleChoiceField(
        label="Further request formats",
        required=False,
        choices=request_formats,
        widget=forms.CheckboxSelectMultiple,
        help_text="People may switch to these. Each has a parameter form of its own.",
    )
    abilities = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="If none is ticked, nothing is refused: the provider decides.",
    )
    deprecated_on = _day("Deprecated on", "From then on the picker says so.")
    shutdown_on = _day("Shut down on", "From then on the provider no longer answers for it.")
    schema_chat_completions = SchemaField(label="Parameters in Chat Completions")
    schema_responses = SchemaField(label="Parameters in Responses")
    schema_form = SchemaField(label="Parameters of the form")

    class Meta:
        model = LanguageModel
        fields = (
            "provider", "wire_name", "name", "description", "position", "is_enabled", "is_default", "is_title_model",
            "starters", "system_prompt", "request_format", "other_formats", "overflow", "abilities", "context_window",
            "output_limit", *BASE_PRICES, "step_tokens", *STEP_PRICES,
            "information_url", "terms_url", "has_zero_retention", "deprecated_on", "shutdown_on",
        )  # fmt: skip
        field_classes = {"information_url": AddressField, "terms_url": AddressField}  # noqa: RUF012  # read by Django
        widgets = {  # noqa: RUF012
            "wire_name": forms.TextInput(attrs={"size": 60, "spellcheck": "false"}),
            "name": forms.TextInput(attrs={"size": 60}),
            "description": forms.TextInput(attrs={"size": 80}),
            "information_url": forms.URLInput(attrs={"size": 60, "spellcheck": "false"}),
            "terms_url": forms.URLInput(attrs={"size": 60, "spellcheck": "false"}),
            "system_prompt": forms.Textarea(attrs={"rows": 8, "cols": 80}),
        }
        labels = {  # noqa: RUF012
            "input_price": "Input",
            "cached_price": "Cached input",
            "output_price": "Output",
            "step_tokens": "Higher prices above",
            "step_input_price": "Input above it",
            "step_cached_price": "Cached input above it",
            "step_output_price": "Output above it",
        }
        help_texts = {  # noqa: RUF012
            "position": "Smaller numbers stand higher in the picker.",
            "is_default": "Takes the place of the present default.",
            "is_title_model": "Names conversations after their first answer. Takes the place of the present one.",
            "system_prompt": "Goes before every conversation, unless a rule, a person or a conversation changes it.",
            **dict.fromkeys(PRICES, ""),
            "step_tokens": "Input tokens of one request. Above them the whole request costs the prices below.",
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        kept = [name for name in self.instance.abilities if name not in ABILITIES]
        abilities: Any = self.fields["abilities"]
        abilities.choices = [*ABILITIES.items(), *((name, name) for name in kept)]
        for price in PRICES:
            self.initial[price] = _short(self.initial.get(price))
        for field, request_format in SCHEMA_FIELDS.items():
            self.fields[field].initial = self.instance.schemas.get(request_format)

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        for flag, word in (("is_default", "the default"), ("is_title_model", "the model for titles")):
            if cleaned.get(flag) and not cleaned.get("is_enabled"):
                self.add_error(flag, f"A model that is switched off can't be {word}.")
        if any(cleaned.get(price) is not None for price in STEP_PRICES) and not cleaned.get("step_tokens"):
            self.add_error("step_tokens", "Say above how many input tokens the higher prices hold.")
        if _passes(cleaned, "deprecated_on", "shutdown_on"):
            self.add_error("shutdown_on", "This is before the day from which it is deprecated.")
        if _passes(cleaned, "output_limit", "context_window"):
            self.add_error("output_limit", "This is more than the whole context window.")
        self._check_formats(cleaned)
        cleaned["other_formats"] = [f for f in cleaned.get("other_formats", []) if f != cleaned.get("request_format")]
        return cleaned

    def _check_formats(self, cleaned: dict[str, Any]) -> None:
        """Not what the provider's kind and way in can't send."""
        if "provider" not in cleaned:
            return
        taken = formats_taken(cleaned["provider"])
        names = ", ".join(RequestFormat(name).label for name in taken)
        chosen = {
            "request_format": [cleaned.get("request_format", "")],
            "other_formats": cleaned.get("other_formats", []),
        }
        for field, formats in chosen.items():
            if any(name and name not in taken for name in formats):
                self.add_error(field, f"{cleaned['provider']} takes only {names}, by its way in.")

    def _post_clean(self) -> None:
        given = {name: self.cleaned_data.get(field) for field, name in SCHEMA_FIELDS.items()}
        self.instance.schemas = {**self.instance.schemas, **given}
        self.instance.schemas = {name: schema for name, schema in self.instance.schemas.items() if schema}
        super()._post_clean()  # type: ignore[misc]  # where Django fills in the instance

    def _get_validation_exclusions(self) -> set[str]:
        """Another default is no mistake here: saving takes the mark off it."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | FLAGS


def _short(price: Any) -> Any:
    """2 rather than 2.000000."""
    return f"{price.normalize():f}" if isinstance(price, Decimal) else price


def _passes(cleaned: dict[str, Any], one: str, other: str) -> bool:
    return bool(cleaned.get(one) and cleaned.get(other) and cleaned[one] > cleaned[other])
