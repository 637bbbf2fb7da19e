from typing import Any

from django.db import migrations

# Looks words up in the index, always: from a query of some hundred words PostgreSQL concludes that nearly every row
# matches, and reads all of them. A setting of the function holds for the plans inside it.
_MAKE = """
CREATE FUNCTION conversations_search_by_words(query tsquery, below bigint, lowest bigint, most integer)
RETURNS SETOF bigint LANGUAGE sql STABLE SET enable_seqscan = off AS $$
  WITH found AS MATERIALIZED (SELECT id FROM conversations_searchdocument WHERE words @@ query)
  SELECT id FROM found WHERE id < below AND id >= lowest ORDER BY id DESC LIMIT most
$$
"""
_REMOVE = "DROP FUNCTION conversations_search_by_words(tsquery, bigint, bigint, integer)"


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_MAKE)


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_REMOVE)


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0012_index_order"),
    ]

    operations = [
        migrations.RunPython(make, remove),
    ]
