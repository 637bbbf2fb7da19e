"""Schemas for models nobody described."""

from functools import lru_cache
from typing import Final

from conversations.schemas.parameters import Schema
from conversations.schemas.shapes import generic_name, only_length, schema_of

_LENGTHS: Final = ("max_tokens", "max_completion_tokens")


@lru_cache(maxsize=256)
def generic_schema(kind: str, request_format: str, *, length_field: str) -> Schema:
    """What servers of a kind generally take in a request format. The same object each time: don't change it.

    ``length_field`` is what the endpoint calls the bound of an answer in Chat Completions: only that one is in, but for
    kinds that are known to read no other than theirs.
    """
    length = only_length(kind) or length_field
    without = [name for name in _LENGTHS if name != length] if request_format == "chat_completions" else []
    return schema_of(generic_name(kind, request_format), without=without)
