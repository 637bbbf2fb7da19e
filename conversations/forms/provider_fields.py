"""Fields of a provider's form that take several values, one a line."""

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from conversations.providers.cloudflare import setting_problem
from conversations.providers.wire import RESERVED_HEADERS

MOST_LINES: Final = 30
LONGEST_VALUE: Final = 4096
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_QUERY_NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,100}")


class LinesField(forms.CharField):
    """Names and values, one pair a line, to a dict; ``separator`` stands between them."""

    separator = ":"
    example = "Name: value"

    def __init__(self, **kwargs: Any) -> None:
        area = forms.Textarea(attrs={"rows": 4, "cols": 60, "spellcheck": "false", "autocomplete": "off"})
        super().__init__(**{"required": False, "max_length": 20_000, "widget": area, **kwargs})

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines()]
        pairs: dict[str, str] = {}
        for line in filter(None, lines):
            name, found, text = (part.strip() for part in line.partition(self.separator))
            if not found:
                raise ValidationError(f"Each line is {self.example}; this one is not: “{name[:40]}”.")
            if name.lower() in {known.lower() for known in pairs}:
                raise ValidationError(f"{name} is there twice.")
            self._check(name, text)
            pairs[name] = text
        if len(pairs) > MOST_LINES:
            raise ValidationError(f"That is more than {MOST_LINES} lines.")
        return pairs

    def _check(self, name: str, text: str) -> None:
        if not text.isprintable() or len(text) > LONGEST_VALUE:
            raise ValidationError(f"The value of {name} is too long or can't be sent.")


class HeadersField(LinesField):
    """Never shown again: the page comes without them."""

    def _check(self, name: str, text: str) -> None:
        super()._check(name, text)
        if not _HEADER_NAME.fullmatch(name):
            raise ValidationError(f"“{name[:40]}” can be no name of a header.")
        if name.lower() in RESERVED_HEADERS:
            raise ValidationError(f"{name} belongs to the connection and can't be set.")
        if not text or not text.isascii():
            raise ValidationError(f"The value of {name} is empty or has characters that can't be sent in a header.")
        if problem := setting_problem(name, text):
            raise ValidationError(problem)


class QueryField(LinesField):
    separator = "="
    example = "name=value"

    def _check(self, name: str, text: str) -> None:
        super()._check(name, text)
        if not _QUERY_NAME.fullmatch(name):
            raise ValidationError(f"“{name[:40]}” can be no name of a query parameter.")

    def prepare_value(self, value: Any) -> Any:
        """In the order of the names: PostgreSQL keeps none."""
        return "\n".join(f"{name}={text}" for name, text in sorted(value.items())) if isinstance(value, dict) else value
