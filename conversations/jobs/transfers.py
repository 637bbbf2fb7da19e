"""Exports and imports from a queued row to a finished file or report. Sync: for a thread that may take its time.

Rows are claimed as those of answers are: by a conditional update with a lease. What a process that ends had begun goes
back into the queue, and so does, once, what a dead one had begun. An import that is started again goes on where
it was, for nothing is imported twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from conversations.actions.transfers import FOLDER
from conversations.jobs.claims import LEASE, Write
from conversations.models import Transfer, TransferStatus

KEPT_FOR: Final = timedelta(days=7)
ABANDONED_AFTER: Final = timedelta(days=1)
"""An upload that stopped coming, and files that belong to no row."""

_LOST: Final = "The server ended twice while this was at work. Its log may say why. What was done until then stays."


def run_next(worker: str, write: Write, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Do one queued transfer from beginning to end; False if there was none.

    Once ``is_over`` says so, it goes back into the queue.
    """
    if not Transfer.objects.filter(status=TransferStatus.QUEUED).exists():
        return False
    # with what it needs 2 MB, for most days nothing; before the claim, for nobody would end what can't be begun
    from conversations.jobs.transfer_runs import run  # noqa: PLC0415

    transfer = write(lambda: _claim(worker))
    if transfer is None:
        return False
    run(transfer, write, is_over)
    return True


@transaction.atomic
def recover() -> int:
    """Begin once more what a process that is gone had begun, and end what was begun twice; how many there were."""
    running = Transfer.objects.filter(status=TransferStatus.RUNNING)
    lost = list(running.filter(Q(lease_until=None) | Q(lease_until__lt=timezone.now())))
    for transfer in lost:
        mine = running.filter(pk=transfer.pk, worker=transfer.worker)
        if transfer.options.get("begun_again"):
            mine.update(status=TransferStatus.FAILED, error_message=_LOST, finished_at=timezone.now())
        else:
            options = {**transfer.options, "begun_again": True}
            mine.update(status=TransferStatus.QUEUED, lease_until=None, options=options)
    return len(lost)


def renew(worker: str) -> None:
    """Say that a process is still there, whatever its transfer is busy with."""
    _of(worker).update(lease_until=timezone.now() + LEASE)


def put_back(worker: str) -> int:
    """Into the queue with what a process has at work; how many there were. One that was to be stopped is stopped."""
    ended = (
        _of(worker)
        .exclude(stop_requested_at=None)
        .update(status=TransferStatus.STOPPED, lease_until=None, finished_at=timezone.now())
    )
    return ended + _of(worker).update(status=TransferStatus.QUEUED, lease_until=None)


def remove_old(now: datetime) -> int:
    """Remove transfers of a week ago with their files; how many there were. Then files of no row."""
    abandoned = Q(status=TransferStatus.UPLOADING, created_at__lt=now - ABANDONED_AFTER)
    due = Transfer.objects.filter(Q(created_at__lt=now - KEPT_FOR) | abandoned).exclude(status=TransferStatus.RUNNING)
    rows = list(due[:50])
    for transfer in rows:
        transfer.delete()
        if transfer.path:
            transfer.place.unlink(missing_ok=True)
    if not rows:
        _remove_strays((now - ABANDONED_AFTER).timestamp())
    return len(rows)


def _remove_strays(before: float) -> None:
    """Files whose row is gone with its owner, and what a process that died was writing."""
    known = set(Transfer.objects.values_list("path", flat=True))
    folder = settings.DATA_DIR / FOLDER
    strays = [path for path in folder.glob("*") if f"{FOLDER}/{path.name}" not in known and _is_older(path, before)]
    for path in strays:
        path.unlink(missing_ok=True)


def _is_older(path: Path, before: float) -> bool:
    try:
        return path.stat().st_mtime < before
    except FileNotFoundError:
        return False  # another process was faster


@transaction.atomic
def _claim(worker: str) -> Transfer | None:
    queued = Transfer.objects.filter(status=TransferStatus.QUEUED).order_by("created_at").select_related("owner")
    for transfer in queued[:10]:
        mine = Transfer.objects.filter(pk=transfer.pk, status=TransferStatus.QUEUED)
        if mine.update(status=TransferStatus.RUNNING, worker=worker, lease_until=timezone.now() + LEASE, done=0):
            transfer.worker = worker
            return transfer
    return None


def _of(worker: str) -> models.QuerySet[Transfer]:
    return Transfer.objects.filter(worker=worker, status=TransferStatus.RUNNING)
