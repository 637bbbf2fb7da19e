"""A model as its admin fills it in."""

from typing import Any

from django import forms

from conversations.models import LanguageModel

FLAGS = {"is_default", "is_title_model"}


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


class LanguageModelForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    starters = LinesField(
        required=False,
        help_text="What a new conversation offers to begin with: up to four, one on each line.",
        widget=forms.Textarea(attrs={"rows": 5, "cols": 80}),
    )

    class Meta:
        model = LanguageModel
        fields = (
            "provider", "wire_name", "name", "description", "position", "is_enabled", "is_default", "is_title_model",
            "system_prompt", "context_window", "input_price", "cached_price",
            "output_price", "starters",
        )  # fmt: skip
        widgets = {  # noqa: RUF012  # read by Django, never changed
            "wire_name": forms.TextInput(attrs={"size": 60, "spellcheck": "false"}),
            "name": forms.TextInput(attrs={"size": 60}),
            "description": forms.TextInput(attrs={"size": 80}),
            "system_prompt": forms.Textarea(attrs={"rows": 8, "cols": 80}),
        }
        help_texts = {  # noqa: RUF012
            "position": "Smaller numbers stand higher in the picker.",
            "is_default": "Takes the place of the present default.",
            "is_title_model": "Names conversations after their first answer. Takes the place of the present one.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        for flag, word in (("is_default", "the default"), ("is_title_model", "the model for titles")):
            if cleaned.get(flag) and not cleaned.get("is_enabled"):
                self.add_error(flag, f"A model that is switched off can't be {word}.")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """Another default is no mistake here: saving takes the mark off it."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | FLAGS
