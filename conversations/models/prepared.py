"""Queries that are put into SQL once: with as many columns as ours have that takes longer than the answer.

Django compiles a query each time it runs, half a millisecond for sixty columns. What is asked for with every message
is compiled once per thread here, and runs as any other query does from there on. That helps in threads that stay, as
those of ``conversations.threads`` do; a request over HTTP has one of its own and compiles as ever.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models

R = TypeVar("R")
_KINDS: dict[type, Callable[[int], Any]] = {
    uuid.UUID: lambda number: uuid.UUID(int=2**127 + number),
    int: lambda number: 2**62 + number,
}


class Prepared(Generic[R]):
    """``Prepared(lambda pk: Message.objects.filter(pk=pk), uuid.UUID)``: called with a value it gives the list of rows.

    ``build`` is called with stand-ins of ``kinds`` (``uuid.UUID`` or ``int``) and must use each of them, else the first
    call raises TypeError. All else in the query stays as it is then: no time of day, nothing of a setting.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any, R]], *kinds: type) -> None:
        self._build, self._kinds = build, kinds
        self._of_thread = threading.local()

    def __call__(self, *values: Any) -> list[R]:
        try:
            statement: _Statement = self._of_thread.statement
        except AttributeError:
            statement = self._of_thread.statement = self._prepare()
        return statement.rows(values)

    def first(self, *values: Any) -> R | None:
        """The first row; None if there is none."""
        rows = self(*values)
        return rows[0] if rows else None

    def _prepare(self) -> _Statement:
        stand_ins = [_KINDS[kind](number) for number, kind in enumerate(self._kinds)]
        queryset: Any = self._build(*stand_ins)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        written = [_written(value) for value in stand_ins]
        places = [written.index(value) if value in written else None for value in params]
        if set(range(len(stand_ins))) - set(places):
            raise TypeError("A prepared query must use each of its values.")
        statement = _Statement(queryset, list(params), places)
        compiler.as_sql = lambda *_args, **_options: (sql, statement.params)
        queryset.query.get_compiler = lambda *_args, **_options: compiler
        return statement


@dataclass
class _Statement:
    """A compiled query of one thread."""

    queryset: Any
    params: list[Any]
    places: list[int | None]
    """For each parameter the value that stands for it; None for one that is always the same."""

    def rows(self, values: tuple[Any, ...]) -> list[Any]:
        written = [_written(value) for value in values]
        pairs = zip(self.places, self.params, strict=True)
        self.params = [before if place is None else written[place] for place, before in pairs]
        return list(self.queryset._iterable_class(self.queryset))  # noqa: SLF001  # what iterating over it does


def _written(value: Any) -> Any:
    """As this database takes it."""
    return _UUIDS.get_db_prep_value(value, connection) if isinstance(value, uuid.UUID) else value


_UUIDS: models.UUIDField[Any, Any] = models.UUIDField()
