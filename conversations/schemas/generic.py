"""Schemas for models nobody described."""

from conversations.schemas.parameters import Schema


def generic_schema(kind: str, request_format: str, *, length_field: str) -> Schema:
    """What servers of a kind generally take in a request format."""
    return {"type": "object", "properties": {}}
