"""Exports and imports from a queued row to a finished file or report. Sync: for a thread that may take its time.

Rows are claimed as those of answers are: by a conditional update with a lease. What a dead process had begun is failed
with a sentence; an import that is started again goes on where it was, for nothing is imported twice.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations.actions.transfers import FOLDER
from conversations.exceptions import ChatError
from conversations.jobs.exports import Exporter
from conversations.jobs.imports import Importer, Outcome, Write
from conversations.models import Transfer, TransferKind, TransferStatus
from conversations.transfer import archive, detect, html_export, markdown_export
from conversations.transfer.limits import ImportLimits
from conversations.transfer.sources import Readable, Source, Unreadable

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
KEPT_FOR: Final = timedelta(days=7)
EVERY: Final = 0.5
"""Seconds between two notes of how far it is."""
MOST_LINES: Final = 2000
"""Lines of a report that are kept, refusals first; all are counted."""
WRITERS: Final = {
    "archive": archive.write_archive,
    "markdown": markdown_export.write_markdown,
    "html": html_export.write_html,
}
LABELS: Final = {"archive": "chatsite archive", "markdown": "Markdown", "html": "HTML"}


class StoppedError(Exception):
    """Its owner has had enough."""


class LeftError(Exception):
    """The process ends; another one begins again."""


def run_next(worker: str, write: Write, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Do one queued transfer from beginning to end; False if there was none.

    Once ``is_over`` says so, it goes back into the queue.
    """
    transfer = write(lambda: _claim(worker))
    if transfer is None:
        return False
    run(transfer, write, is_over)
    return True


def run(transfer: Transfer, write: Write, is_over: Callable[[], bool] = lambda: False) -> None:
    """Do a transfer that is claimed."""
    _Run(transfer, write, is_over).work()


def fail_orphans() -> int:
    """End what a process that is gone had begun; how many there were."""
    lost = Transfer.objects.filter(status=TransferStatus.RUNNING).filter(
        Q(lease_until=None) | Q(lease_until__lt=timezone.now())
    )
    sentence = "The server was restarted meanwhile. Start it again: nothing is imported twice."
    return lost.update(status=TransferStatus.FAILED, error_message=sentence, finished_at=timezone.now())


def remove_old(now: datetime) -> int:
    """Remove transfers of a week ago with their files; how many there were."""
    due = list(Transfer.objects.filter(created_at__lt=now - KEPT_FOR).exclude(status=TransferStatus.RUNNING)[:50])
    for transfer in due:
        remove(transfer)
    return len(due)


def remove(transfer: Transfer) -> None:
    """The row and its file."""
    transfer.delete()
    if transfer.path:
        transfer.place.unlink(missing_ok=True)


@transaction.atomic
def _claim(worker: str) -> Transfer | None:
    queued = Transfer.objects.filter(status=TransferStatus.QUEUED).order_by("created_at").select_related("owner")
    for transfer in queued[:10]:
        mine = Transfer.objects.filter(pk=transfer.pk, status=TransferStatus.QUEUED)
        if mine.update(status=TransferStatus.RUNNING, worker=worker, lease_until=timezone.now() + LEASE, done=0):
            return transfer
    return None


class _Run:
    """One transfer at work."""

    def __init__(self, transfer: Transfer, write: Write, is_over: Callable[[], bool]) -> None:
        self._transfer, self._write, self._is_over = transfer, write, is_over
        self._noted = 0.0

    def work(self) -> None:
        """To its end, whatever that is."""
        try:
            if self._transfer.kind == TransferKind.EXPORT:
                self._export()
            else:
                self._import()
        except StoppedError:
            self._end(TransferStatus.STOPPED)
        except LeftError:
            self._write(lambda: _ours(self._transfer).update(status=TransferStatus.QUEUED, lease_until=None))
        except ChatError as error:
            self._end(TransferStatus.FAILED, error_message=error.message[:500])
        except OSError:
            logger.exception("The transfer %s failed on the disk", self._transfer.pk)
            self._end(TransferStatus.FAILED, error_message="The server's disk could not take or give the file.")
        except Exception:
            logger.exception("The transfer %s failed", self._transfer.pk)
            self._end(TransferStatus.FAILED, error_message="Something went wrong on this site. Its log says what.")

    # ---- export ----

    def _export(self) -> None:
        transfer = self._transfer
        chosen = transfer.options.get("conversations")
        exporter = Exporter(transfer.owner, None if chosen is None else map(uuid.UUID, chosen))
        self._note(0, total=exporter.count())
        path = f"{FOLDER}/{transfer.pk.hex}.zip"
        target = settings.DATA_DIR / path
        target.parent.mkdir(mode=0o700, exist_ok=True)
        WRITERS[transfer.format](
            target, exporter.records(), exporter.open_image, created_at=timezone.now(), progress=self._note
        )
        target.chmod(0o600)
        self._end(TransferStatus.COMPLETE, path=path, size=target.stat().st_size)

    # ---- import ----

    def _import(self) -> None:
        transfer = self._transfer
        report = Report()
        with detect.open_source(transfer.place, limits=ImportLimits(unpacked=settings.LIMIT_IMPORT_BYTES)) as source:
            self._write(lambda: Transfer.objects.filter(pk=transfer.pk).update(format=source.format))
            self._note(0, total=source.count())
            importer = Importer(transfer.owner)
            for done, found in enumerate(source.conversations(), start=1):
                report.add(*self._take(importer, source, found))
                self._note(done, report=report)
        if not transfer.is_dry_run:
            transfer.place.unlink(missing_ok=True)
            self._write(lambda: Transfer.objects.filter(pk=transfer.pk).update(path=""))
        self._end(TransferStatus.COMPLETE, report=report.as_json())

    def _take(
        self, importer: Importer, source: Source, found: Readable | Unreadable
    ) -> tuple[Outcome, tuple[str, ...]]:
        """One conversation of the file: what became of it, and what was repaired in it."""
        if not isinstance(found, Readable):
            return Outcome(found.title, "refused", (found.reason,)), ()
        if self._transfer.is_dry_run:
            known = importer.known(found.record)
            return Outcome(found.record.title, "again" if known else "made", (known,) if known else ()), found.notes
        return importer.take(found.record, source.read_image, self._write), found.notes

    # ---- how far it is ----

    def _note(self, done: int, *, total: int | None = None, report: Report | None = None) -> None:
        """Write down how far it is, now and then. Raises StoppedError where its owner wants no more."""
        if total is None and time.monotonic() - self._noted < EVERY:
            return
        self._noted = time.monotonic()
        if self._is_over():
            raise LeftError
        values: dict[str, Any] = {"done": done, "lease_until": timezone.now() + LEASE}
        values |= {} if total is None else {"total": total}
        values |= {} if report is None else {"report": report.as_json()}
        if not self._write(lambda: _ours(self._transfer).filter(stop_requested_at=None).update(**values)):
            raise StoppedError

    def _end(self, status: TransferStatus, **values: Any) -> None:
        values |= {"status": status, "finished_at": timezone.now(), "lease_until": None}
        if status == TransferStatus.COMPLETE:
            values["done"] = Transfer.objects.values_list("total", flat=True).get(pk=self._transfer.pk) or 0
        self._write(lambda: _ours(self._transfer).update(**values))


def _ours(transfer: Transfer) -> Any:
    return Transfer.objects.filter(pk=transfer.pk, status=TransferStatus.RUNNING)


class Report:
    """What an import did (or, dry, would do), conversation by conversation."""

    def __init__(self) -> None:
        self._counts = {"made": 0, "again": 0, "refused": 0, "repaired": 0}
        self._lines: dict[str, list[dict[str, Any]]] = {"refused": [], "made": [], "again": []}

    def add(self, outcome: Outcome, repaired: tuple[str, ...]) -> None:
        self._counts[outcome.result] += 1
        self._counts["repaired"] += bool(repaired)
        lines = self._lines[outcome.result]
        if len(lines) < MOST_LINES:
            notes = [*outcome.notes, *repaired]
            lines.append({"title": outcome.title[:200], "outcome": outcome.result, "notes": notes[:20]})

    def as_json(self) -> dict[str, Any]:
        lines = [line for kind in self._lines.values() for line in kind][:MOST_LINES]
        return {**self._counts, "lines": lines}
