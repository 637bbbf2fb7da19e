"""``manage.py import_conversations PERSON FILE``: what the page of imports does, from a shell."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from conversations.exceptions import ChatError
from conversations.jobs.imports import Importer, Outcome
from conversations.models import User
from conversations.transfer.detect import open_source
from conversations.transfer.limits import ImportLimits
from conversations.transfer.sources import Readable, Source, Unreadable


class Command(BaseCommand):
    help = "Import an export of chatsite, ChatGPT, Open WebUI or LibreChat for one person. Nothing is imported twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", help="a sign-in name")
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only say what would be imported")

    def handle(self, *args: Any, person: str, file: Path, **options: Any) -> None:
        owner = User.objects.filter(username=person).first()
        if owner is None:
            message = f"Nobody signs in as {person}."
            raise CommandError(message)
        try:
            with open_source(file, ImportLimits(unpacked=settings.LIMIT_IMPORT_BYTES)) as source:
                counts = self._import(source, Importer(owner), is_dry_run=options["dry_run"])
        except ChatError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            message = f"{file} can't be read: {error.strerror}"
            raise CommandError(message) from error
        done = "Would import" if options["dry_run"] else "Imported"
        self.stdout.write(
            f"{done} {counts['made']} of {counts.total()} conversations; {counts['again']} were there already, "
            f"{counts['refused']} could not be read."
        )

    def _import(self, source: Source, importer: Importer, *, is_dry_run: bool) -> Counter[str]:
        counts: Counter[str] = Counter()
        with tqdm(total=source.count(), unit=" conversations", disable=None, file=self.stderr) as bar:
            for found in source.conversations():
                outcome = _take(importer, source, found, is_dry_run=is_dry_run)
                counts[outcome.result] += 1
                if outcome.result == "refused":
                    bar.write(f"{outcome.title or 'Without a title'}: {' '.join(outcome.notes)}", file=self.stderr)
                bar.update()
        return counts


def _take(importer: Importer, source: Source, found: Readable | Unreadable, *, is_dry_run: bool) -> Outcome:
    if isinstance(found, Unreadable):
        return Outcome(found.title, "refused", (found.reason,))
    if is_dry_run:
        return Outcome(found.record.title, "again" if importer.known(found.record) else "made")
    return importer.take(found.record, source.read_image, lambda write: write())
