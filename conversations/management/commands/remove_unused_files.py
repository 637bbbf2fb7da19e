"""``manage.py remove_unused_files``: what was added and never sent. Each start of the site does it as well."""

from typing import Any

from django.core.management.base import BaseCommand

from conversations.jobs.unused_files import remove_unused_files


class Command(BaseCommand):
    help = "Remove files that were handed over more than a day ago and belong to no message. May run beside the site."

    def handle(self, *args: Any, **options: Any) -> None:
        count = remove_unused_files()
        self.stdout.write(f"Removed {count} unused file{'' if count == 1 else 's'}.")
