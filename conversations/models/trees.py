"""Walks in the tree of messages, in one query each, whatever its size: ids only. Table names are the model's own."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection

_UP = """
WITH RECURSIVE branch(id, parent_id, depth) AS (
  SELECT id, parent_id, 0 FROM conversations_message WHERE id = %s AND conversation_id = %s
  UNION ALL
  SELECT m.id, m.parent_id, b.depth + 1 FROM conversations_message m JOIN branch b ON m.id = b.parent_id
  WHERE b.depth + 1 < %s
)
SELECT id FROM branch
"""

_UP_FROM_EACH = """
WITH RECURSIVE branch(leaf_id, id, parent_id, depth) AS (
  SELECT id, id, parent_id, 0 FROM conversations_message WHERE id IN ({leaves})
  UNION ALL
  SELECT b.leaf_id, m.id, m.parent_id, b.depth + 1 FROM conversations_message m JOIN branch b ON m.id = b.parent_id
)
SELECT leaf_id, id FROM branch ORDER BY depth DESC
"""

# the newest child at each step (ids sort by time)
_NEWEST_LEAF = """
WITH RECURSIVE path(id) AS (
  SELECT CAST(%s AS {id_type})
  UNION ALL
  SELECT (SELECT m.id FROM conversations_message m
          WHERE m.parent_id = path.id AND m.deleted_at IS NULL ORDER BY m.id DESC LIMIT 1)
  FROM path WHERE path.id IS NOT NULL
)
SELECT id FROM path WHERE id IS NOT NULL
"""

_BELOW = """
WITH RECURSIVE below(id) AS (
  SELECT id FROM conversations_message WHERE id = %s AND deleted_at IS NULL
  UNION ALL
  SELECT m.id FROM conversations_message m JOIN below b ON m.parent_id = b.id WHERE m.deleted_at IS NULL
)
SELECT id FROM below
"""


def ids_above(conversation_id: uuid.UUID, leaf_id: uuid.UUID | None, *, limit: int = 100_000) -> list[uuid.UUID]:
    """From the root (or ``limit`` above) down to ``leaf_id``, itself included; none for an unknown leaf."""
    if leaf_id is None:
        return []
    return _ids(_UP, [_raw(leaf_id), _raw(conversation_id), limit])[::-1]


def ids_above_each(leaf_ids: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Pairs of a leaf and an id on its branch, each branch from its root down to the leaf; the branches are mixed."""
    if not leaf_ids:
        return []
    sql = _UP_FROM_EACH.format(leaves=", ".join(["%s"] * len(leaf_ids)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [_raw(pk) for pk in leaf_ids])
        rows = cursor.fetchall()
    return list(zip(_read(row[0] for row in rows), _read(row[1] for row in rows), strict=True))


def newest_leaf_below(message_id: uuid.UUID) -> uuid.UUID:
    """The leaf one lands on when going down from a message along the newest children."""
    sql = _NEWEST_LEAF.format(id_type="uuid" if connection.vendor == "postgresql" else "char(32)")
    return _ids(sql, [_raw(message_id)])[-1]


def ids_below(message_id: uuid.UUID) -> list[uuid.UUID]:
    """A message and all that hangs below it, without what was deleted before."""
    return _ids(_BELOW, [_raw(message_id)])


def _ids(sql: str, values: Sequence[Any]) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return _read(row[0] for row in cursor.fetchall())


def _read(found: Iterable[Any]) -> list[uuid.UUID]:
    return [each if isinstance(each, uuid.UUID) else uuid.UUID(each) for each in found]


def _raw(pk: uuid.UUID) -> str | uuid.UUID:
    """A UUID as the database driver of raw SQL takes it."""
    return pk if connection.vendor == "postgresql" else pk.hex
