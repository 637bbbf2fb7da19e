"""People who sign in."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class Theme(models.TextChoices):
    SYSTEM = "system", "System"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


def theme_choices() -> list[tuple[str, str]]:
    return list(Theme.choices)


class User(AbstractUser):
    """A person. ``username`` is the name to sign in with, ``display_name`` what colleagues read."""

    first_name = None  # type: ignore[assignment]  # one display name instead of the two
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField("display name", max_length=100, blank=True)
    theme = models.CharField(max_length=10, choices=theme_choices, default=Theme.SYSTEM)

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering: ClassVar = ["username"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
