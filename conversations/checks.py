"""System checks: refuse at the start what can't work together, and say what to change.

That several processes share SQLite, or PostgreSQL without Redis, can't be seen from settings: ``serve`` locks the data
folder for that (``management/preparation.py``).
"""

import ipaddress
import os
import sqlite3
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004  # Django's own name for it

SQLITE_NEEDED = (3, 35, 0)


def check_database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    engine = settings.DATABASES["default"]["ENGINE"]
    found: list[CheckMessage] = []
    if engine.endswith(".sqlite3") and sqlite3.sqlite_version_info < SQLITE_NEEDED:
        found.append(
            Error(
                f"SQLite is {sqlite3.sqlite_version}; {'.'.join(map(str, SQLITE_NEEDED))} or newer is needed",
                hint="Use a Python with a newer SQLite, or PostgreSQL with CHATSITE_DATABASE_URL.",
                id="chatsite.E001",
            )
        )
    if engine.endswith(".sqlite3") and settings.REDIS_URL:
        found.append(
            Warning(
                "Redis is set but the database is SQLite: there can still be one process only",
                hint="Set CHATSITE_DATABASE_URL to a PostgreSQL database to run several.",
                id="chatsite.W001",
            )
        )
    return found


def check_variables(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    known = set(settings.VARIABLES)
    return [
        Warning(f"{name} is not a setting of chatsite: a typing error?", id="chatsite.W002")
        for name in sorted(os.environ)
        if name.startswith("CHATSITE_")
        and not name.startswith("CHATSITE_TEST_")
        and name.removesuffix("_FILE") not in known
    ]


def check_proxies(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for proxy in settings.TRUSTED_PROXIES:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            message = f"CHATSITE_TRUSTED_PROXIES: {proxy!r} is no address or network"
            found.append(Error(message, hint="Like 127.0.0.1 or 10.0.0.0/8, with commas between.", id="chatsite.E002"))
    if settings.IS_HTTPS and not settings.TRUSTED_PROXIES:
        found.append(
            Warning(
                "The site is https, so a proxy stands before it, but none is trusted",
                hint="Set CHATSITE_TRUSTED_PROXIES to its address (127.0.0.1 if it runs on this machine): "
                "else all people share one address for the limits on signing in.",
                id="chatsite.W003",
            )
        )
    return found


def check_address(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.SITE.is_bound_widely and settings.SITE.is_local:
        found.append(
            Warning(
                f"The server listens on every address of this machine but answers only to {settings.SITE_URL}",
                hint="Set CHATSITE_SITE_URL to the address that people type.",
                id="chatsite.W004",
            )
        )
    if not settings.IS_HTTPS and not settings.SITE.is_local:
        found.append(
            Warning(
                "The site is not https: passwords and conversations can be read on the way",
                hint="Put a proxy with a certificate before it and set CHATSITE_SITE_URL to https://…",
                id="chatsite.W005",
            )
        )
    return found


ALL = (check_database, check_variables, check_proxies, check_address)
