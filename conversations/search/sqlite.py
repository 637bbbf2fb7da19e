"""The index on SQLite: FTS5 without content (https://www.sqlite.org/fts5.html#contentless_tables).

The words are made in Python, each with the person's number before it, so that nobody's list of places is ever walked
for somebody else's search. A row without content is taken out by giving its words again exactly; where they aren't
known any more only the document goes, and the words stay behind, found by nobody, until the index is rebuilt.
"""

from collections.abc import Collection, Iterable, Sequence

from django.db import connection

from conversations.models.search import SearchDocument
from conversations.search.documents import Numbered
from conversations.search.expressions import Expression, Part, Term, Window, conversation_mark, term

# a number whose words stayed behind is taken too
_INSERT = """
INSERT INTO conversations_searchdocument
  (id, owner_id, message_id, conversation_id, title, length, checksum, version)
SELECT %s, %s, %s, %s, %s, %s, %s, %s
WHERE NOT EXISTS (SELECT 1 FROM conversations_searchwords_docsize WHERE id = %s)
ON CONFLICT DO NOTHING
"""
_INSERT_WORDS = "INSERT INTO conversations_searchwords (rowid, words) VALUES (%s, %s)"
_REMOVE_WORDS = """
INSERT INTO conversations_searchwords (conversations_searchwords, rowid, words)
SELECT 'delete', %s, %s WHERE EXISTS (SELECT 1 FROM conversations_searchwords_docsize WHERE id = %s)
"""
_FIND = """
SELECT rowid FROM conversations_searchwords
WHERE conversations_searchwords MATCH %s AND rowid < %s AND rowid >= %s ORDER BY rowid DESC LIMIT %s
"""
_CLEAR = "INSERT INTO conversations_searchwords (conversations_searchwords) VALUES ('delete-all')"
_ORPHANS = """
SELECT count(*) FROM conversations_searchwords_docsize
WHERE id NOT IN (SELECT id FROM conversations_searchdocument)
"""
_AT_ONCE = 500


class SqliteStore:
    def insert(self, rows: Sequence[Numbered]) -> Collection[int]:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [_row(each) for each in rows])
            numbers = {each.number for each in rows}
            if cursor.rowcount != len(rows):
                numbers = self._just_inserted(rows)
            cursor.executemany(_INSERT_WORDS, [(each.number, _words(each)) for each in rows if each.number in numbers])
        return numbers

    def _just_inserted(self, rows: Sequence[Numbered]) -> set[int]:
        subjects = {each.number: (each.document.entry.message_id, each.document.title_of) for each in rows}
        found = SearchDocument.objects.filter(pk__in=subjects).values_list("pk", "message_id", "conversation_id")
        ours = {number for number, *subject in found if subjects[number] == tuple(subject)}
        return ours & self.lacking(ours)

    def remove(self, known: Sequence[Numbered], unknown: Collection[int]) -> None:
        with connection.cursor() as cursor:
            if known:
                cursor.executemany(_REMOVE_WORDS, [(each.number, _words(each), each.number) for each in known])
        SearchDocument.objects.filter(pk__in=[*(each.number for each in known), *unknown]).delete()

    def lacking(self, numbers: Collection[int]) -> set[int]:
        wanted, found = list(numbers), set()
        with connection.cursor() as cursor:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                places = ",".join(["%s"] * len(some))
                cursor.execute(f"SELECT id FROM conversations_searchwords_docsize WHERE id IN ({places})", some)  # noqa: S608  # only placeholders
                found |= {row[0] for row in cursor.fetchall()}
        return set(wanted) - found

    def find(self, expression: Expression, parts: Sequence[Part], window: Window) -> list[int]:
        if not parts:
            return []
        match = " OR ".join(f"({_match(expression, part)})" for part in parts)
        with connection.cursor() as cursor:
            cursor.execute(_FIND, [match, window.below, window.lowest, window.limit])
            return [row[0] for row in cursor.fetchall()]

    def orphan_count(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_ORPHANS)
            count: int = cursor.fetchone()[0]
        return count

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_CLEAR)
            cursor.execute("DELETE FROM conversations_searchdocument")


def _row(each: Numbered) -> tuple[int | str | None, ...]:
    document, entry = each.document, each.document.entry
    message, title_of = entry.message_id, document.title_of
    return (
        each.number,
        entry.owner_id,
        message.hex if message else None,
        title_of.hex if title_of else None,
        document.title,
        document.length,
        document.checksum,
        document.version,
        each.number,
    )


def _words(each: Numbered) -> str:
    document = each.document
    before = f"{document.entry.owner_id}:"
    return before + f" {before}".join([*document.marks, *document.words])


def _match(expression: Expression, part: Part) -> str:
    """In FTS5's language; words hold nothing that could end its quotes."""
    groups = [*expression.all_of]
    if part.conversations is not None:
        groups.append(tuple(term(conversation_mark(pk)) for pk in part.conversations))
    match = " AND ".join(f"({_any(group, part.owner_id)})" for group in groups)
    if expression.none_of:
        match = f"({match}) NOT ({_any(expression.none_of, part.owner_id)})"
    return match


def _any(terms: Iterable[Term], owner_id: int) -> str:
    return " OR ".join(_phrase(each, owner_id) for each in terms)


def _phrase(each: Term, owner_id: int) -> str:
    quoted = " ".join(f"{owner_id}:{word}" for word in each.words)
    return f'"{quoted}"{" *" if each.is_prefix else ""}'
