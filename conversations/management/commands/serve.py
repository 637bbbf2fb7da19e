"""``manage.py serve``: a whole site in one process."""

import os
import sys
from functools import partial
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.urls import reverse

from conversations.actions.accounts import current_setup_link
from conversations.management import preparation
from conversations.management.server import ChatServer
from conversations.models import SetupLink


class Command(BaseCommand):
    help = "Bring the data folder up to date and serve the site until SIGTERM or Ctrl+C."

    def handle(self, *args: Any, **options: Any) -> None:
        lock = preparation.claim_data_folder()
        preparation.require_free_port()
        os.umask(0o077)  # database and secret key are nobody else's, also in a folder that others may enter
        preparation.prepare_apart(sys.stdout)
        server = ChatServer(_application(), partial(announce, current_setup_link()))
        connection.close()
        server.run()
        if lock:
            lock.close()
        if server.failure:
            raise CommandError(server.failure)


def _application() -> Any:
    module, _, name = settings.ASGI_APPLICATION.rpartition(".")
    return getattr(import_module(module), name)


def announce(link: SetupLink | None) -> None:
    print(f"chatsite is ready: {settings.SITE_URL}/ (Ctrl+C stops it)", flush=True)
    if link:
        print(
            "\nThere is no admin yet. Open this link to choose the first admin's name and password:\n\n"
            f"    {settings.SITE_URL}{reverse('setup', args=[link.token])}\n\n"
            "It works once and for 24 hours. Whoever has it becomes the admin, so keep it to yourself.",
            flush=True,
        )
