"""``manage.py seed_demo_data``: a team's worth of made-up conversations, to try the product and to measure it."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from conversations.jobs.removal import remove_conversations
from conversations.management.demo_data import PREFIX, DemoData
from conversations.models import Conversation, User


class Command(BaseCommand):
    help = (
        "Fill the site with made-up people and conversations. --person gives a fifth of them to somebody who is "
        "there already; --remove takes all of it away again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=5)
        parser.add_argument("--conversations", type=int, default=500)
        parser.add_argument("--messages", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--person", default="", help="the sign-in name of somebody who gets a fifth")
        parser.add_argument("--remove", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self._remove()
            return
        counts = {name: options[name] for name in ("people", "conversations", "messages")}
        if min(counts.values()) < 1 or counts["messages"] < 2 * counts["conversations"]:
            message = "At least one person and conversation, and two messages for each conversation."
            raise CommandError(message)
        person = User.objects.filter(username=options["person"]).first()
        if options["person"] and person is None:
            message = f"Nobody signs in as {options['person']}."
            raise CommandError(message)
        began = time.monotonic()
        with tqdm(total=counts["messages"], unit=" messages", disable=None, file=self.stderr) as bar:
            for made in DemoData(options["seed"], person).write(**counts):
                bar.update(made)
        seconds = time.monotonic() - began
        self.stdout.write(
            f"Made {counts['messages']} messages in {counts['conversations']} conversations of {counts['people']} "
            f"people in {seconds:.0f} s ({counts['messages'] / seconds:.0f} messages a second)."
        )

    def _remove(self) -> None:
        rows = Conversation.objects.filter(import_key__startswith=PREFIX)
        count = rows.count()
        with tqdm(total=count, unit=" conversations", disable=None, file=self.stderr) as bar:
            while some := list(rows.values_list("pk", flat=True)[:200]):
                remove_conversations(some)
                bar.update(len(some))
        User.objects.filter(username__startswith=PREFIX).delete()
        self.stdout.write(f"Removed {count} conversations.")
