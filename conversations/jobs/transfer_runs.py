"""One export or import at work, from its claimed row to a finished file or report. Sync: it may take minutes."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations.actions.folders import tell_sidebars
from conversations.actions.transfers import FOLDER
from conversations.exceptions import ChatError
from conversations.jobs.claims import LEASE, LeftError, Write
from conversations.jobs.exports import Exporter
from conversations.jobs.imports import Importer, Outcome
from conversations.models import Transfer, TransferKind, TransferStatus
from conversations.transfer import archive, detect, html_export, markdown_export
from conversations.transfer.limits import ImportLimits
from conversations.transfer.sources import Readable, Source, Unreadable

logger = logging.getLogger(__name__)

EVERY: Final = 0.5
"""Seconds between two notes of how far it is."""
MOST_LINES: Final = 2000
"""Lines of a report that are kept, refusals first; all are counted."""
MOST_NOTES: Final = 20
WRITERS: Final = {
    "archive": archive.write_archive,
    "markdown": markdown_export.write_markdown,
    "html": html_export.write_html,
}


class StoppedError(Exception):
    """Its owner has had enough."""


def run(transfer: Transfer, write: Write, is_over: Callable[[], bool] = lambda: False) -> None:
    """Do a transfer that is claimed. Raises LeftError where ``write`` does: nothing can be written any more."""
    _Run(transfer, write, is_over).work()


class _Run:
    """One transfer at work."""

    def __init__(self, transfer: Transfer, write: Write, is_over: Callable[[], bool]) -> None:
        self._transfer, self._write, self._is_over = transfer, write, is_over
        self._noted = 0.0
        self._report = Report()

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
        with detect.open_source(transfer.place, limits=ImportLimits(unpacked=settings.LIMIT_IMPORT_BYTES)) as source:
            self._write(lambda: Transfer.objects.filter(pk=transfer.pk).update(format=source.format))
            self._note(0, total=source.count())
            importer = Importer(transfer.owner)
            for done, found in enumerate(source.conversations(), start=1):
                self._report.add(*self._take(importer, source, found))
                self._note(done)
        if transfer.is_dry_run:
            self._end(TransferStatus.COMPLETE)
            return
        self._end(TransferStatus.COMPLETE, path="")
        transfer.place.unlink(missing_ok=True)

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

    def _note(self, done: int, *, total: int | None = None) -> None:
        """Write down how far it is, now and then. Raises StoppedError where its owner wants no more, LeftError at once
        where the process ends."""
        if self._is_over():
            raise LeftError
        if total is None and time.monotonic() - self._noted < EVERY:
            return
        self._noted = time.monotonic()
        values: dict[str, Any] = {"done": done, "lease_until": timezone.now() + LEASE}
        values |= {} if total is None else {"total": total}
        if self._transfer.kind == TransferKind.IMPORT:
            values["report"] = self._report.counts
        if not self._write(lambda: _ours(self._transfer).filter(stop_requested_at=None).update(**values)):
            raise StoppedError

    def _end(self, status: TransferStatus, **values: Any) -> None:
        values |= {"status": status, "finished_at": timezone.now(), "lease_until": None}
        if self._transfer.kind == TransferKind.IMPORT:
            values["report"] = self._report.as_json()
        if status == TransferStatus.COMPLETE:
            values["done"] = Coalesce("total", 0)
        self._write(lambda: self._write_end(values))

    @transaction.atomic
    def _write_end(self, values: dict[str, Any]) -> None:
        if _ours(self._transfer).update(**values) and self._report.counts["made"] and not self._transfer.is_dry_run:
            tell_sidebars(self._transfer.owner_id, whole=True)


def _ours(transfer: Transfer) -> models.QuerySet[Transfer]:
    """Its row as long as it is at work here."""
    return Transfer.objects.filter(pk=transfer.pk, worker=transfer.worker, status=TransferStatus.RUNNING)


class Report:
    """What an import did (or, dry, would do), conversation by conversation."""

    def __init__(self) -> None:
        self.counts = {"made": 0, "again": 0, "refused": 0, "repaired": 0}
        self._lines: dict[str, list[dict[str, Any]]] = {"refused": [], "made": [], "again": []}

    def add(self, outcome: Outcome, repaired: tuple[str, ...]) -> None:
        """``repaired`` are sentences; of what is there already nothing is repaired."""
        repaired = () if outcome.result == "again" else repaired
        self.counts[outcome.result] += 1
        self.counts["repaired"] += bool(repaired)
        lines = self._lines[outcome.result]
        if len(lines) < MOST_LINES:
            notes = [*outcome.notes, *repaired]
            lines.append({"title": outcome.title[:200], "outcome": outcome.result, "notes": notes[:MOST_NOTES]})

    def as_json(self) -> dict[str, Any]:
        lines = [line for kind in self._lines.values() for line in kind][:MOST_LINES]
        return {**self.counts, "lines": lines}
