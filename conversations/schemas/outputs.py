"""Structured outputs: what was asked for, whether an answer is that, and templates to start from."""

import re
from collections.abc import Mapping
from typing import Any, Final

from conversations.schemas.checked_schemas import schema_problems

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def format_problems(value: Any) -> list[str]:
    """What is wrong with a ``response_format`` or a ``text.format``; empty if it can be sent."""
    if not isinstance(value, Mapping) or value.get("type") != "json_schema":
        return []
    inner = value.get("json_schema", value)
    if not isinstance(inner, Mapping):
        return ["json_schema must be an object."]
    name = inner.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return ["The schema needs a name of letters, digits, _ and -, at most 64."]
    return schema_problems(inner.get("schema"), strict=inner.get("strict") is True)
