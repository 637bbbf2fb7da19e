"""JSON Schemas that describe a model's parameters, as an admin types them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from conversations.schemas.form_schemas import form_schema_problems

LONGEST_SCHEMA: Final = 200_000
_ADVICE: Final = "Leave it empty to use what servers of this kind generally take."


class SchemaField(forms.CharField):
    """A JSON Schema of type object whose properties are parameters; None where nothing is entered."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"rows": 12, "cols": 80, "spellcheck": "false", "class": "code"}
        super().__init__(
            required=False, max_length=LONGEST_SCHEMA, help_text=_ADVICE, widget=forms.Textarea(attrs=attrs), **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, Mapping) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            message = f"This is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
            raise ValidationError(message) from None
        except ValueError:
            raise ValidationError("The schema holds a number that is too large.") from None
        except RecursionError:
            raise ValidationError("The schema is nested too deeply.") from None

    def validate(self, value: Any) -> None:
        if value is not None and (problems := form_schema_problems(value)):
            raise ValidationError(problems)

    def run_validators(self, value: Any) -> None:
        """Those of texts see the text only: ``to_python`` has made something else of it."""
        if isinstance(value, str):
            super().run_validators(value)

    def clean(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > LONGEST_SCHEMA:
            raise ValidationError(f"A schema is at most {LONGEST_SCHEMA:,} characters long.")
        return super().clean(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or None))
        except ValidationError:
            return True
