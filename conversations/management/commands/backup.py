"""``manage.py backup FOLDER``: what a site on SQLite can't do without, copied while it runs."""

import shutil
import sqlite3
from argparse import ArgumentParser
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from conversations.actions.files import FOLDER


class Command(BaseCommand):
    help = "Copy database, files and secret key into a new folder, consistently, while the site may run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that does not exist yet")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        if connection.vendor != "sqlite":
            message = "The database is PostgreSQL: use pg_dump, then copy files and secret_key from the data folder."
            raise CommandError(message)
        try:
            folder.mkdir(mode=0o700, parents=True)
        except OSError as error:
            message = f"{folder} can't be made: {error.strerror}"
            raise CommandError(message) from None
        _copy_database(Path(connection.settings_dict["NAME"]), folder / "chatsite.sqlite3")
        key = settings.DATA_DIR / "secret_key"
        if key.exists():
            shutil.copy2(key, folder)
        _copy_files(settings.DATA_DIR / FOLDER, folder / FOLDER)
        self.stdout.write(f"{folder} holds a copy. Keep it as safe as the site: it opens the stored provider keys.")


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
    target.chmod(0o600)
    if verdict != "ok":
        message = f"The copy is damaged, and so may be the database: {verdict}"
        raise CommandError(message)


def _copy_files(source: Path, target: Path) -> None:
    """After the database, so that every file it knows is there; what is removed meanwhile was used by nothing."""
    for file in source.glob("*/*"):
        place = target / file.parent.name
        for folder in (target, place):
            folder.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy2(file, place)
