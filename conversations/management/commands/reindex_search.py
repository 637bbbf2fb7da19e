"""``manage.py reindex_search``: the search index compared with what was said, and put right."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from conversations.search import rebuilding


class Command(BaseCommand):
    help = (
        "Compare the search index with all conversations and put right what differs. May run beside the site and be "
        "interrupted at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count and report; exit code 1 if they differ")
        parser.add_argument(
            "--anew", action="store_true", help="empty the index first; until it is made again, less is found"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        if options["anew"]:
            rebuilding.clear()
        wrong = 0
        with tqdm(total=rebuilding.row_count(), unit=" rows", disable=None, file=self.stderr) as bar:
            for done, found in rebuilding.rebuild():
                bar.update(done)
                wrong += found
        self.stdout.write(f"Put right {wrong:,}." if wrong else "Everything was right.")
        orphans = rebuilding.count().orphans
        if orphans:
            self.stdout.write(f"Words of {orphans:,} removed texts take room. --anew gets rid of them.")

    def _check(self) -> None:
        counts = rebuilding.count()
        self.stdout.write(f"Messages: {counts.messages:,} of {counts.wanted_messages:,} in the index.")
        self.stdout.write(f"Titles: {counts.titles:,} of {counts.wanted_titles:,} in the index.")
        self.stdout.write(f"Outdated: {counts.outdated:,}. Words of removed texts: {counts.orphans:,}.")
        if not counts.is_right:
            message = "The index differs from what was said: run reindex_search."
            raise CommandError(message)
