"""Schemas for models nobody described."""

from functools import cache

from conversations.schemas.parameters import Schema
from conversations.schemas.shapes import generic_name, schema_of

_LENGTHS = ("max_tokens", "max_completion_tokens")


@cache
def generic_schema(kind: str, request_format: str, *, length_field: str) -> Schema:
    """What servers of a kind generally take in a request format.

    ``length_field`` is what the endpoint calls the bound of an answer in Chat Completions: only that one is in.
    """
    without = [name for name in _LENGTHS if name != length_field] if request_format == "chat_completions" else []
    return schema_of(generic_name(kind, request_format), without=without)
