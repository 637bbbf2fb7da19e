"""Updates of many rows, each with values of its own, in one statement: as many queries would each be compiled anew."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def update_each(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, by: Sequence[str] = ("id",)
) -> int:
    """Set the fields ``names`` of the rows that have the values of ``by``; how many were found.

    Each of ``rows`` has the values to set and then those to look for. Nothing is set on instances, no signal is sent.
    """
    options = model._meta  # noqa: SLF001  # Django's documented interface
    fields: list[Any] = [options.get_field(name) for name in (*names, *by)]
    columns = [f"{connection.ops.quote_name(field.column)} = %s" for field in fields]
    places, conditions = ", ".join(columns[: len(names)]), " AND ".join(columns[len(names) :])
    statement = f"UPDATE {connection.ops.quote_name(options.db_table)} SET {places} WHERE {conditions}"  # noqa: S608  # our names
    with connection.cursor() as cursor:
        cursor.executemany(statement, [_written(fields, row) for row in rows])
        return int(cursor.rowcount)


def _written(fields: Sequence[Any], row: Sequence[Any]) -> list[Any]:
    pairs = zip(fields, row, strict=True)
    return [field.get_db_prep_save(value, connection) for field, value in pairs]
