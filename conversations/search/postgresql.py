"""The index on PostgreSQL: a tsvector made in Python, with GIN; no extension is needed.

A GIN index can't give its finds in order, so a frequent word would mean to fetch and sort all of them. The newest
documents are looked through first, in order: a frequent word soon fills the limit there. What does not is rare enough
for GIN. Each word has the person's number before it, so that others' documents are never touched.
"""

from collections.abc import Collection, Iterable, Sequence

from django.db import connection

from conversations.models.search import SearchDocument
from conversations.search.documents import Numbered
from conversations.search.expressions import Expression, Part, Reach, Term, Window, conversation_mark, term
from conversations.search.words import GAP

_NEWEST = 4000
_NEWEST_FOR_PHRASES = 8000
"""GIN knows no places: each document that has all the words of a phrase would have to be read."""
_INSERT = """
INSERT INTO conversations_searchdocument
  (id, owner_id, message_id, conversation_id, title, length, checksum, version, words)
SELECT id, owner_id, message_id, conversation_id, title, length, checksum, version, words::tsvector
FROM unnest(%s::bigint[], %s::int[], %s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::bigint[], %s::int[], %s::text[])
  AS given (id, owner_id, message_id, conversation_id, title, length, checksum, version, words)
ON CONFLICT DO NOTHING RETURNING id
"""
_AMONG_NEWEST = """
SELECT id FROM (
  SELECT id, words FROM conversations_searchdocument
  WHERE owner_id = %s AND id < %s AND id >= %s ORDER BY id DESC LIMIT %s
) newest WHERE words @@ %s::tsquery ORDER BY id DESC LIMIT %s
"""
_NEXT_OLDER = """
SELECT id FROM conversations_searchdocument
WHERE owner_id = %s AND id < %s AND id >= %s ORDER BY id DESC OFFSET %s LIMIT 1
"""
_BY_WORDS = "SELECT * FROM conversations_search_by_words(%s::tsquery, %s, %s, %s)"


class PostgresqlStore:
    def insert(self, rows: Sequence[Numbered]) -> Collection[int]:
        columns = list(zip(*map(_row, rows), strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [list(column) for column in columns])
            return {row[0] for row in cursor.fetchall()}

    def remove(self, known: Sequence[Numbered], unknown: Collection[int]) -> None:
        SearchDocument.objects.filter(pk__in=[*(each.number for each in known), *unknown]).delete()

    def lacking(self, numbers: Collection[int]) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM conversations_searchdocument WHERE id = ANY(%s) AND words IS NULL", [list(numbers)]
            )
            return {row[0] for row in cursor.fetchall()}

    def find(self, expression: Expression, parts: Sequence[Part], window: Window) -> list[int]:
        found: set[int] = set()
        narrow = [part for part in parts if window.reach is Reach.FEW or part.conversations is not None]
        if narrow:
            found |= set(self._by_words(" | ".join(f"({_query(expression, part)})" for part in narrow), window))
        for part in parts:
            if part not in narrow:
                found |= set(self._of_person(expression, part, window))
        return sorted(found, reverse=True)[: window.limit]

    def _of_person(self, expression: Expression, part: Part, window: Window) -> list[int]:
        query, place = _query(expression, part), [part.owner_id, window.below, window.lowest]
        has_phrase = window.reach is Reach.ALL and any(
            len(each.words) > 1 for group in expression.all_of for each in group
        )
        count = _NEWEST_FOR_PHRASES if has_phrase else _NEWEST
        with connection.cursor() as cursor:
            cursor.execute(_AMONG_NEWEST, [*place, count, query, window.limit])
            newest = [row[0] for row in cursor.fetchall()]
            if len(newest) == window.limit or window.reach is Reach.NEWEST:
                return newest
            cursor.execute(_NEXT_OLDER, [*place, count])
            older = cursor.fetchone()
        if older is None:
            return newest
        left = Window(older[0] + 1, window.lowest, window.limit - len(newest))
        return newest + self._by_words(query, left)

    def _by_words(self, query: str, window: Window) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(_BY_WORDS, [query, window.below, window.lowest, window.limit])
            return [row[0] for row in cursor.fetchall()]

    def orphan_count(self) -> int:
        return 0  # words stand in the row itself

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM conversations_searchdocument")


def _row(each: Numbered) -> tuple[object, ...]:
    document, entry = each.document, each.document.entry
    return (
        each.number,
        entry.owner_id,
        entry.message_id,
        document.title_of,
        document.title,
        document.length,
        document.checksum,
        document.version,
        _vector(each),
    )


def _vector(each: Numbered) -> str:
    """https://www.postgresql.org/docs/current/datatype-textsearch.html; words hold nothing that needs escaping."""
    owner_id = each.document.entry.owner_id
    places: dict[str, list[str]] = {}
    for place, word in enumerate(each.document.words, start=1):
        if word != GAP:
            places.setdefault(word, []).append(str(place))
    marks = [f"'{owner_id}:{mark}'" for mark in each.document.marks]
    return " ".join([*marks, *(f"'{owner_id}:{word}':{','.join(found)}" for word, found in places.items())])


def _query(expression: Expression, part: Part) -> str:
    """As text of a tsquery."""
    groups = [*expression.all_of]
    if part.conversations is not None:
        groups.append(tuple(term(conversation_mark(pk)) for pk in part.conversations))
    query = " & ".join(f"({_any(group, part.owner_id)})" for group in groups)
    if expression.none_of:
        query = f"{query} & !({_any(expression.none_of, part.owner_id)})"
    return query


def _any(terms: Iterable[Term], owner_id: int) -> str:
    return " | ".join(_phrase(each, owner_id) for each in terms)


def _phrase(each: Term, owner_id: int) -> str:
    quoted = [f"'{owner_id}:{word}'" for word in each.words]
    if each.is_prefix:
        quoted[-1] += ":*"
    return f"({' <-> '.join(quoted)})"
