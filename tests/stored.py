"""What a running site has stored, read beside it straight from its SQLite file."""

import sqlite3
import uuid
from contextlib import closing
from typing import Any

from tests.site import Site

Row = dict[str, Any]


def _rows(site: Site, sql: str, *values: object) -> list[Row]:
    with closing(sqlite3.connect(site.folder / "chatsite.sqlite3", timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, values)]


def messages(site: Site, conversation: str) -> list[Row]:
    """All messages of a conversation, oldest first."""
    sql = "SELECT * FROM conversations_message WHERE conversation_id = ? ORDER BY id"
    return _rows(site, sql, uuid.UUID(conversation).hex)


def message(site: Site, pk: str) -> Row:
    (row,) = _rows(site, "SELECT * FROM conversations_message WHERE id = ?", uuid.UUID(pk).hex)
    return row


def generation(site: Site, pk: str) -> Row:
    (row,) = _rows(site, "SELECT * FROM conversations_generation WHERE id = ?", uuid.UUID(pk).hex)
    return row


def usages(site: Site, generation: str) -> list[Row]:
    return _rows(site, "SELECT * FROM conversations_usage WHERE generation_id = ?", uuid.UUID(generation).hex)


def counts(site: Site) -> Row:
    """How many conversations, messages and generations there are."""
    names = ("conversation", "message", "generation", "usage")
    parts = ", ".join(f"(SELECT COUNT(*) FROM conversations_{name}) AS {name}" for name in names)
    return _rows(site, f"SELECT {parts}")[0]
