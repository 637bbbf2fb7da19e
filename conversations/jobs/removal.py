"""Gone for good: rows, index and files. What people delete goes into the bin first, by actions."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction

from conversations import search
from conversations.events import ConversationRemoved
from conversations.generation.announcing import tell_readers
from conversations.jobs.unused_files import remove_files
from conversations.models import Conversation, File, Generation, Message, MessageImage


def remove_conversations(
    ids: Iterable[uuid.UUID], *, among: models.QuerySet[Conversation] | None = None, why: str = ""
) -> int:
    """Remove conversations with all that hangs on them; how many there were. What was spent stays in the ledger.

    Those that do not stand ``among`` the rows any more (somebody kept one, or brought it back) stay. With ``why``, a
    sentence, whoever has one open is told.
    """
    with transaction.atomic():
        rows = Conversation.objects.all() if among is None else among
        found = list(rows.filter(pk__in=list(ids)).order_by("pk").select_for_update())
        ids = [conversation.pk for conversation in found]
        files = _files_of(Message.objects.filter(conversation__in=ids), ids)
        search.forget_conversations(ids)
        _remove_messages(Message.objects.filter(conversation__in=ids))
        _, removed = Conversation.objects.filter(pk__in=ids).delete()
        for conversation in found if why else ():
            tell_readers(conversation, ConversationRemoved(str(conversation.pk), why))
    remove_files(files)
    return removed.get(Conversation._meta.label, 0)  # noqa: SLF001  # Django's documented interface


def remove_messages(ids: Iterable[uuid.UUID]) -> None:
    """Remove messages of which none is left above another that stays."""
    ids = list(ids)
    rows = Message.objects.filter(pk__in=ids)
    files = _files_of(rows, [])
    with transaction.atomic():
        search.forget_messages(ids)
        _remove_messages(rows)
    remove_files(files)


def _files_of(messages: models.QuerySet[Message], conversations: list[uuid.UUID]) -> set[uuid.UUID]:
    used = MessageImage.objects.filter(message__in=messages).exclude(file=None).values_list("file_id", flat=True)
    shared = File.objects.filter(share_links__conversation__in=conversations).values_list("pk", flat=True)
    return {pk for pk in used if pk} | set(shared)


def _remove_messages(messages: models.QuerySet[Message]) -> None:
    """By the tables: Django's own way walks down a tree level by level, and a long conversation has thousands."""
    for rows in (
        MessageImage.objects.filter(message__in=messages),
        Generation.objects.filter(message__in=messages),
        messages,
    ):
        _delete(rows)


def _delete(rows: models.QuerySet[Any]) -> None:
    rows._raw_delete(rows.db)  # noqa: SLF001  # one DELETE, without collecting what hangs on the rows
