"""JSON Schemas that describe a model's parameters, as an admin types them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from conversations.schemas.checked_schemas import schema_problems

MOST_PARAMETERS: Final = 200
LONGEST_SCHEMA: Final = 200_000
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_CONTROLS: Final = ("slider", "number", "switch", "select", "strings", "text", "json")
_GROUPS: Final = ("basic", "advanced")
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
        if value is not None and (problems := parameter_schema_problems(value)):
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


def parameter_schema_problems(schema: Any) -> list[str]:
    """What keeps a JSON document from describing parameters, in plain sentences; empty if nothing does."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return ['The schema must be an object with "type": "object".']
    problems = schema_problems(schema, strict=False)
    if problems:
        return problems
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return ['The schema has no "properties": each of them is one parameter.']
    if len(properties) > MOST_PARAMETERS:
        return [f"The schema has more than {MOST_PARAMETERS} parameters."]
    return [problem for name, form in properties.items() for problem in _property_problems(name, form, properties)]


def _property_problems(name: str, form: Any, known: Mapping[str, Any]) -> Iterator[str]:
    if not _NAME.fullmatch(name) or len(name) > 100:
        yield f"“{name[:60]}” can't be a parameter: use letters, digits, _ and -, with dots for nesting."
        return
    if not isinstance(form, dict):
        yield f"{name} must be an object."
        return
    if not isinstance(form.get("items", {}), dict):
        yield f"{name}: items must be an object."
    for keyword, allowed in (("x-control", _CONTROLS), ("x-group", _GROUPS)):
        if keyword in form and form[keyword] not in allowed:
            yield f"{name}: {keyword} must be one of {', '.join(allowed)}."
    for keyword in ("x-order", "x-step"):
        if keyword in form and not _is_number(form[keyword]):
            yield f"{name}: {keyword} must be a number."
    yield from _relation_problems(name, form, known)


def _relation_problems(name: str, form: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    for keyword in ("x-excludes", "x-requires"):
        relations = form.get(keyword, {})
        if not isinstance(relations, dict):
            yield f"{name}: {keyword} must be an object of other parameters."
            continue
        for other, told in relations.items():
            if other not in known:
                yield f"{name}: {keyword} names {other[:60]}, which is no parameter here."
            elif not (isinstance(told, str) if keyword == "x-excludes" else _is_need(told)):
                form_of = "a sentence" if keyword == "x-excludes" else 'an object with a "message" and perhaps "values"'
                yield f"{name}: {keyword} for {other} must be {form_of}."


def _is_need(told: Any) -> bool:
    return (
        isinstance(told, dict)
        and isinstance(told.get("message"), str)
        and isinstance(told.get("values", []), list)
        and set(told) <= {"message", "values"}
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
