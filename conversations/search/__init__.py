"""Full-text search over titles and messages, the same on SQLite and PostgreSQL.

Here live the words, the index, queries, ranking and snippets. Not here: who may see what (models) and pages (views).
Callers write ``from conversations import search``.
"""

from conversations.search.entries import Entry
from conversations.search.finding import search
from conversations.search.indexing import (
    forget_conversations,
    forget_messages,
    index_conversations,
    index_messages,
    index_new,
    index_title,
)
from conversations.search.results import Hit, Piece, Results
from conversations.search.within import matches_in

__all__ = [
    "Entry",
    "Hit",
    "Piece",
    "Results",
    "forget_conversations",
    "forget_messages",
    "index_conversations",
    "index_messages",
    "index_new",
    "index_title",
    "matches_in",
    "search",
]
