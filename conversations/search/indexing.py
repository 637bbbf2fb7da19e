"""Keeping the index: all inside the caller's transaction, in bulk, sync."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from conversations.models import Conversation, Message, MessageImage, MessageStatus, Role, SearchDocument
from conversations.search.documents import EPOCH, SPREAD, Document, Numbered, document_of, number_of
from conversations.search.entries import INDEXED_ROLES, Entry
from conversations.search.store import store
from conversations.search.words import VERSION

T = TypeVar("T")

_AT_ONCE = 2000
_REMEMBERED = 4096
_remembering = Lock()
_latest: dict[int, None] = {}
"""Numbers this process used lately, the oldest first: of many documents at the same moment none need try them."""
_FINAL = (MessageStatus.COMPLETE, MessageStatus.STOPPED, MessageStatus.INTERRUPTED, MessageStatus.FAILED)


def index_new(entries: Iterable[Entry]) -> None:
    """Put in what was never indexed before: the fastest way, for sends, imports and seeding.

    Reads nothing: one statement on PostgreSQL, two on SQLite, for each 2,000 entries or less; many at once are
    fastest. The caller leaves out what must never be found (temporary or deleted ones, results of tools) and what is
    not final yet.
    """
    for some in _batches(entries, _AT_ONCE):
        _put_in([document_of(entry) for entry in some])


def index_messages(ids: Iterable[UUID]) -> None:
    """Bring the index up to date with these messages as they are now, whatever it holds of them.

    Final, live messages of people and models are put in, what was there is replaced; of all others, and of temporary
    conversations, what was there is taken out. A conversation in the bin stays in the index, where nobody finds it.
    """
    for some in _batches(ids, _AT_ONCE // 4):
        _refresh(Q(pk__in=some), Q(message__in=some))


def index_title(conversation: Conversation) -> None:
    """The same for the title of a conversation."""
    _refresh_titles([conversation.pk])


def index_conversations(ids: Iterable[UUID]) -> None:
    """Titles and all messages of conversations: after importing or copying them, or making a temporary one lasting."""
    for some in _batches(ids, _AT_ONCE // 4):
        _refresh_titles(some)
        rows = Message.objects.filter(conversation__in=some).order_by("pk").values_list("pk", flat=True)
        index_messages(list(rows))


def forget_messages(ids: Iterable[UUID]) -> None:
    """Take messages out: those deleted (softly too; call it while their texts are still there) or running again."""
    for some in _batches(ids, _AT_ONCE // 4):
        _take_out(list(SearchDocument.objects.filter(message__in=some).values_list("pk", "checksum", "message")))


def forget_conversations(ids: Iterable[UUID]) -> None:
    """Take conversations out with all their messages; call it before they are deleted for good."""
    for some in _batches(ids, _AT_ONCE // 4):
        _take_out_titles(SearchDocument.objects.filter(conversation__in=some))
        found = SearchDocument.objects.filter(message__conversation__in=some)
        for rows in _batches(found.values_list("pk", "checksum", "message"), _AT_ONCE // 4):
            _take_out(rows)


@transaction.atomic
def refresh(ids: Sequence[UUID]) -> int:
    """As ``index_messages``, looking also whether the words are really there; returns how many were not right."""
    return _refresh(Q(pk__in=ids), Q(message__in=ids), is_thorough=True)


@transaction.atomic
def refresh_titles(ids: Sequence[UUID]) -> int:
    return _refresh_titles(ids, is_thorough=True)


def _refresh(which: Q, where: Q, *, is_thorough: bool = False) -> int:
    wanted = {entry.message_id: document_of(entry) for entry in _entries(findable_messages().filter(which))}
    rows = SearchDocument.objects.filter(where).values_list("pk", "checksum", "version", "message")
    right = {row[3] for row in rows if row[3] in wanted and row[1:3] == (wanted[row[3]].checksum, VERSION)}
    lacking = store().lacking([row[0] for row in rows if row[3] in right]) if is_thorough else set()
    wrong = [row for row in rows if row[3] not in right or row[0] in lacking]
    _take_out([(number, checksum, pk) for number, checksum, _, pk in wrong])
    kept = {row[3] for row in rows} - {row[3] for row in wrong}
    missing = [document for pk, document in wanted.items() if pk not in kept]
    _put_in(missing)
    return len(wrong) + len(missing)


def _refresh_titles(ids: Sequence[UUID], *, is_thorough: bool = False) -> int:
    findable = findable_titles().filter(pk__in=ids).only("owner_id", "title", "created_at")
    wanted = {each.pk: document_of(Entry.of_title(each)) for each in findable}
    rows = list(SearchDocument.objects.filter(conversation__in=ids))
    lacking = store().lacking([row.pk for row in rows]) if is_thorough else set()
    right = {
        row.conversation_id
        for row in rows
        if row.pk not in lacking
        and row.conversation_id in wanted
        and (row.checksum, row.version) == (wanted[row.conversation_id].checksum, VERSION)
    }
    wrong = [row.pk for row in rows if row.conversation_id not in right]
    _take_out_titles(SearchDocument.objects.filter(pk__in=wrong))
    missing = [document for pk, document in wanted.items() if pk not in right]
    _put_in(missing)
    return len(wrong) + len(missing)


def findable_messages() -> QuerySet[Message]:
    is_final = Q(role=Role.USER) | Q(status__in=_FINAL)
    live = Message.objects.live().filter(role__in=INDEXED_ROLES, conversation__is_temporary=False)
    return live.filter(is_final)


def findable_titles() -> QuerySet[Conversation]:
    return Conversation.objects.filter(is_temporary=False)


def _entries(messages: QuerySet[Message]) -> Iterator[Entry]:
    image = Exists(MessageImage.objects.filter(message=OuterRef("pk")))
    columns = ("conversation__owner_id", "conversation_id", "pk", "role", "text", "created_at", "model_name", "status")
    for owner_id, conversation_id, pk, role, text, at, model_name, status, shows in messages.annotate(
        shows=image
    ).values_list(*columns, "shows"):
        yield Entry(owner_id, conversation_id, pk, role, text, at, model_name, shows, Entry.is_error(status))


def _put_in(documents: Sequence[Document]) -> None:
    left, spread = list(documents), SPREAD
    while left:
        rows = _numbered(left, spread)
        inserted = store().insert(rows)
        left = [each.document for each in rows if each.number not in inserted] if len(inserted) < len(rows) else []
        if left:
            left, spread = _not_in(left), spread * 8


def _numbered(documents: Iterable[Document], spread: int) -> list[Numbered]:
    """In the index's order; those of the same time spread over the numbers near it."""
    numbers: dict[int, Document] = {}
    for document in documents:
        number = number_of(document.entry.at) + secrets.randbelow(spread)
        while number in numbers or number in _latest:
            number += 1
        numbers[number] = document
    _remember(numbers)
    return [Numbered(number, numbers[number]) for number in sorted(numbers)]


def _remember(numbers: Iterable[int]) -> None:
    """Only saves tries: whether a number is free is for the database to say."""
    with _remembering:  # on PostgreSQL several threads write
        _latest.update(dict.fromkeys(numbers))
        for number in list(islice(_latest, max(0, len(_latest) - _REMEMBERED))):
            del _latest[number]


def _not_in(documents: list[Document]) -> list[Document]:
    """Those whose number was taken, without those whose message or title is in the index already."""
    messages = [document.entry.message_id for document in documents if document.entry.message_id]
    titles = [document.title_of for document in documents if document.title_of]
    known: set[Any] = set(SearchDocument.objects.filter(message__in=messages).values_list("message", flat=True))
    known |= set(SearchDocument.objects.filter(conversation__in=titles).values_list("conversation", flat=True))
    return [document for document in documents if (document.title_of or document.entry.message_id) not in known]


def _take_out(rows: Sequence[tuple[int, int, UUID]]) -> None:
    """Messages: (number, checksum, id). Their words are made again from their texts."""
    if not rows:
        return
    texts = {
        entry.message_id: document_of(entry)
        for entry in _entries(Message.objects.filter(pk__in=[pk for _, _, pk in rows]))
    }
    known, unknown = [], []
    for number, checksum, pk in rows:
        document = texts.get(pk)
        if document is not None and document.checksum == checksum:
            known.append(Numbered(number, document))
        else:
            unknown.append(number)
    store().remove(known, unknown)


def _take_out_titles(rows: Iterable[SearchDocument]) -> None:
    """Their words are made again from what was indexed."""
    known: list[Numbered] = []
    unknown: list[int] = []
    for row in list(rows):
        of = row.conversation_id
        document = document_of(Entry(row.owner_id, of, None, "", row.title, EPOCH)) if of else None
        if document is not None and document.checksum == row.checksum:
            known.append(Numbered(row.pk, document))
        else:
            unknown.append(row.pk)
    if known or unknown:
        store().remove(known, unknown)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some
