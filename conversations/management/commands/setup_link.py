"""``manage.py setup_link``: the way in while there is no admin, for a link that was lost."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from conversations.actions.accounts import current_setup_link


class Command(BaseCommand):
    help = "Print the one-time link with which the first admin sets name and password."

    def handle(self, *args: Any, **options: Any) -> None:
        link = current_setup_link()
        if link is None:
            message = "This site has an admin already, who can sign in and add others. Lost the password? "
            raise CommandError(message + "Set a new one: manage.py changepassword NAME")
        self.stdout.write(f"{settings.SITE_URL}{reverse('setup', args=[link.token])}")
