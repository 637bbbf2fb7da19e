"""What both databases offer: putting words in, taking them out, finding numbers by them."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Protocol

from django.db import connection

from conversations.search.documents import Numbered
from conversations.search.expressions import Expression, Part, Window
from conversations.search.postgresql import PostgresqlStore
from conversations.search.sqlite import SqliteStore


class Store(Protocol):
    def insert(self, rows: Sequence[Numbered]) -> Collection[int]:
        """Put documents in; returns the numbers of those that were.

        Passed over is what has a number that is taken, and a message or title that is in already.
        """

    def remove(self, known: Sequence[Numbered], unknown: Collection[int]) -> None:
        """Take documents out; ``unknown`` are those whose words can't be made again as they were put in."""

    def lacking(self, numbers: Collection[int]) -> set[int]:
        """Those of documents whose words are missing."""

    def find(self, expression: Expression, parts: Sequence[Part], window: Window) -> list[int]:
        """Numbers that match in any of the parts, the newest first."""

    def orphan_count(self) -> int:
        """Of words without a document: never found, but they take room."""

    def clear(self) -> None:
        """Take everything out."""


@cache
def store() -> Store:
    return PostgresqlStore() if connection.vendor == "postgresql" else SqliteStore()
