"""``manage.py export_conversations PERSON FILE``: what the page of exports does, from a shell."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from conversations.exceptions import ChatError
from conversations.jobs.exports import Exporter
from conversations.jobs.transfer_runs import WRITERS
from conversations.models import User


class Command(BaseCommand):
    help = "Write all conversations of one person into a ZIP file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", help="a sign-in name")
        parser.add_argument("file", type=Path, help="a file that does not exist yet")
        parser.add_argument("--format", choices=sorted(WRITERS), default="archive")

    def handle(self, *args: Any, person: str, file: Path, **options: Any) -> None:
        owner = User.objects.filter(username=person).first()
        if owner is None:
            message = f"Nobody signs in as {person}."
            raise CommandError(message)
        if file.exists():
            message = f"{file} exists already."
            raise CommandError(message)
        exporter, counted = Exporter(owner), [0]
        with tqdm(total=exporter.count(), unit=" conversations", disable=None, file=self.stderr) as bar:

            def note(done: int) -> None:
                bar.update(done - counted[0])
                counted[0] = done

            try:
                write = WRITERS[options["format"]]
                write(file, exporter.records(), exporter.open_image, created_at=timezone.now(), progress=note)
            except ChatError as error:
                raise CommandError(error.message) from error
            except OSError as error:
                message = f"{file} can't be written: {error.strerror}"
                raise CommandError(message) from error
        file.chmod(0o600)
        self.stdout.write(f"Wrote {counted[0]} conversation{'' if counted[0] == 1 else 's'} into {file}.")
