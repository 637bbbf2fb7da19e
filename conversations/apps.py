"""The application's configuration."""

from django.apps import AppConfig
from django.core.checks import register

from conversations import checks


class ConversationsConfig(AppConfig):
    name = "conversations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for check in checks.ALL:
            register(check)
