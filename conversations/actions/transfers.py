"""Exports and imports as people ask for them; the site's background work does them."""

import os
import uuid
from collections.abc import Sequence
from typing import BinaryIO, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from conversations.actions.texts import clean_text
from conversations.exceptions import ConflictError, InvalidInputError, LimitError, TooLargeError
from conversations.models import Conversation, Transfer, TransferKind, TransferStatus, User

FOLDER: Final = "transfers"
FORMATS: Final = ("archive", "markdown", "html")
MOST_UNFINISHED: Final = 3
PART: Final = 4 * 1024 * 1024
"""Bytes of an upload that come in one request."""
ABANDONED_AFTER: Final = 600
"""Seconds without a part."""


@transaction.atomic
def ask_for_export(person: User, *, written_as: str, conversations: Sequence[uuid.UUID] | None) -> Transfer:
    """Queue an export of these conversations, or of all of one's own. Raises InvalidInputError or LimitError."""
    if written_as not in FORMATS:
        raise InvalidInputError("Choose a format for the export.", field="format")
    if conversations is not None:
        found = Conversation.objects.visible_to(person).filter(pk__in=conversations).values_list("pk", flat=True)
        chosen = [str(pk) for pk in found]
        if not chosen:
            raise InvalidInputError("Choose the conversations to export.", field="conversation")
    _require_room(person)
    options = {"conversations": None if conversations is None else chosen}
    return Transfer.objects.create(owner=person, kind=TransferKind.EXPORT, format=written_as, options=options)


@transaction.atomic
def begin_upload(person: User, *, name: str, size: int) -> Transfer:
    """Make room for a file to be imported, which then comes in parts. Raises TooLargeError or LimitError."""
    _require_size(size)
    _forget_abandoned(person)
    _require_room(person)
    transfer = Transfer(owner=person, kind=TransferKind.IMPORT, status=TransferStatus.UPLOADING, is_dry_run=True)
    transfer.options = {"name": clean_text(name)[:200], "size": size}
    folder = settings.DATA_DIR / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    transfer.path = f"{FOLDER}/{transfer.pk.hex}.upload"
    transfer.place.touch(mode=0o600)
    transfer.save()
    return transfer


def add_part(transfer: Transfer, offset: int, part: bytes) -> int:
    """Put the next part behind what has come; returns how much has come in all.

    A part that came already is passed over, so that it may be sent again after its reply was lost. Raises
    ConflictError for one that leaves a gap, TooLargeError past what was announced.
    """
    require_uploading(transfer)
    with transfer.place.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if offset > size:
            raise ConflictError("A part of the file is missing. Choose the file again.")
        if offset + len(part) > transfer.options["size"]:
            raise TooLargeError("The file is larger than it was said to be. Choose it again.")
        if offset + len(part) > size:
            file.seek(offset)
            file.write(part)
        return max(size, offset + len(part))


def require_uploading(transfer: Transfer) -> None:
    """Raises ConflictError for one whose file is no longer awaited."""
    if transfer.status != TransferStatus.UPLOADING:
        raise ConflictError("This file has been taken in already.")


@transaction.atomic
def end_upload(transfer: Transfer) -> None:
    """All parts are here: look what is in the file. Raises ConflictError if some are missing."""
    require_uploading(transfer)
    if transfer.place.stat().st_size != transfer.options["size"]:
        raise ConflictError("A part of the file is missing. Choose the file again.")
    uploading = Transfer.objects.filter(pk=transfer.pk, status=TransferStatus.UPLOADING)
    uploading.update(status=TransferStatus.QUEUED, size=transfer.options["size"])


def take_upload(person: User, name: str, size: int, file: BinaryIO) -> Transfer:
    """A whole file at once, as a form without a script sends it. Raises as ``begin_upload``."""
    transfer = begin_upload(person, name=name, size=size)
    offset = 0
    while part := file.read(PART):
        offset = add_part(transfer, offset, part)
    end_upload(transfer)
    return transfer


@transaction.atomic
def begin_import(transfer: Transfer) -> None:
    """After the trial run, the real one, of the same file. Raises ConflictError if there is nothing to begin."""
    tried = Transfer.objects.filter(
        pk=transfer.pk,
        kind=TransferKind.IMPORT,
        status__in=[TransferStatus.COMPLETE, TransferStatus.FAILED, TransferStatus.STOPPED],
    ).exclude(path="")
    if not transfer.place.is_file() or not tried.update(
        status=TransferStatus.QUEUED, is_dry_run=False, done=0, report={}, error_message="", stop_requested_at=None
    ):
        raise ConflictError("There is nothing to import any more. Choose the file again.")


@transaction.atomic
def stop_transfer(transfer: Transfer) -> None:
    """Let it end where it is; what was imported stays."""
    Transfer.objects.filter(pk=transfer.pk, status=TransferStatus.QUEUED).update(
        status=TransferStatus.STOPPED, finished_at=timezone.now()
    )
    Transfer.objects.filter(pk=transfer.pk, status=TransferStatus.RUNNING).update(stop_requested_at=timezone.now())


@transaction.atomic
def remove_transfer(transfer: Transfer) -> None:
    """Forget it, with its file. Raises ConflictError while it runs."""
    if not Transfer.objects.filter(pk=transfer.pk).exclude(status=TransferStatus.RUNNING).delete()[0]:
        raise ConflictError("It is running. Stop it first.")
    if transfer.path:
        transaction.on_commit(lambda: transfer.place.unlink(missing_ok=True))


def _forget_abandoned(person: User) -> None:
    """Uploads of which nothing has come for a while: their tab was closed, or gave up."""
    before = timezone.now().timestamp() - ABANDONED_AFTER
    for transfer in Transfer.objects.owned_by(person).filter(status=TransferStatus.UPLOADING):
        if not transfer.place.is_file() or transfer.place.stat().st_mtime < before:
            remove_transfer(transfer)


def _require_size(size: int) -> None:
    limit = settings.LIMIT_IMPORT_BYTES
    if size > limit:
        raise TooLargeError(
            f"The file is larger than {limit / 1_000_000:,.0f} MB, the most that can be imported at once."
        )
    if size < 1:
        raise InvalidInputError("The file is empty.", field="file")


def _require_room(person: User) -> None:
    unfinished = Transfer.objects.owned_by(person).exclude(
        status__in=[TransferStatus.COMPLETE, TransferStatus.FAILED, TransferStatus.STOPPED]
    )
    if unfinished.count() >= MOST_UNFINISHED:
        raise LimitError(f"{MOST_UNFINISHED} of your exports and imports are not done yet. Wait for one, or remove it.")
