"""A constraint Django has no class for: a foreign key over two columns."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models


class CompositeForeignKey(models.BaseConstraint):
    """``fields`` of this table point to ``to_fields`` of the same table, held by the database itself.

    The target columns need a unique constraint. Checked at the end of the transaction, on SQLite
    (foreign keys of table constraints, https://www.sqlite.org/foreignkeys.html) and PostgreSQL alike.
    """

    def __init__(
        self,
        *,
        fields: tuple[str, ...],
        to_fields: tuple[str, ...],
        name: str,
        violation_error_message: str | None = None,
    ) -> None:
        super().__init__(name=name, violation_error_message=violation_error_message)
        self.fields = tuple(fields)
        self.to_fields = tuple(to_fields)

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        own = ", ".join(quote(_column(model, name)) for name in self.fields)
        there = ", ".join(quote(_column(model, name)) for name in self.to_fields)
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({own}) REFERENCES {quote(model._meta.db_table)} ({there})"
            " DEFERRABLE INITIALLY DEFERRED"
        )

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, model: Any, instance: models.Model, exclude: Any = None, using: str = DEFAULT_DB_ALIAS) -> None:
        values = [getattr(instance, model._meta.get_field(name).attname) for name in self.fields]
        if None in values:
            return
        wanted = dict(zip(self.to_fields, values, strict=True))
        if not model._default_manager.using(using).filter(**wanted).exists():
            raise ValidationError(self.get_violation_error_message())

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, tuple(args), {**kwargs, "fields": self.fields, "to_fields": self.to_fields}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompositeForeignKey) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, self.fields, self.to_fields))


def _column(model: Any, name: str) -> str:
    column: str = model._meta.get_field(name).column
    return column
