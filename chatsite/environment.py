"""What settings make of the environment's words: the site's address, the secret key. Fails loudly."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
_ANY_ADDRESS = {"", "0.0.0.0", "::"}  # noqa: S104  # compared, not bound
_OWN_PORTS = {"http": 80, "https": 443}
_LOG_LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}


class Site(NamedTuple):
    """Where people reach the product. ``url`` has no path and is written as browsers write an origin."""

    url: str
    host: str
    is_https: bool
    is_local: bool
    """Only this machine can reach it: its name is one of the loopback names."""
    is_bound_widely: bool
    """The server listens on every address of the machine, whatever the site's name."""
    origins: list[str]
    """What a browser may send as Origin: the site itself, on one's own machine under each of its names."""


def check_words(read: Callable[[str], Any], names: Iterable[str]) -> None:
    """Read every variable once; raises ImproperlyConfigured, naming the first that can't be used."""
    for name in names:
        try:
            read(name)
        except ValueError:
            message = f"{name} must be a whole number"
            raise ImproperlyConfigured(message) from None
    if read("CHATSITE_LOG_LEVEL") not in _LOG_LEVELS:
        message = f"CHATSITE_LOG_LEVEL must be one of {', '.join(sorted(_LOG_LEVELS))}"
        raise ImproperlyConfigured(message)
    for name in ("CHATSITE_SESSION_DAYS", "CHATSITE_SESSION_IDLE_DAYS"):
        if read(name) < 1:
            message = f"{name} must be at least 1"
            raise ImproperlyConfigured(message)
    try:
        ZoneInfo(read("CHATSITE_TIME_ZONE"))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        message = "CHATSITE_TIME_ZONE must be the name of a time zone, like Europe/Berlin"
        raise ImproperlyConfigured(message) from None


def read_site(url: str, host: str, port: int) -> Site:
    """The site at ``url``; if that is empty, at the address the server is bound to.

    Raises ImproperlyConfigured.
    """
    host = host.strip("[]")
    given = url or _origin("http", "127.0.0.1" if host in _ANY_ADDRESS else host, port)
    try:
        parts = urlsplit(given)
        name, given_port = parts.hostname, parts.port
    except ValueError:
        parts, name, given_port = urlsplit(""), None, None
    if parts.scheme not in _OWN_PORTS or not name or parts.path.strip("/") or parts.query or parts.username:
        message = "CHATSITE_SITE_URL must look like https://chat.example.org, without a path"
        raise ImproperlyConfigured(message)
    names = _LOOPBACK_NAMES if name in _LOOPBACK_NAMES else (name,)
    return Site(
        url=_origin(parts.scheme, name, given_port),
        host=_bracketed(name),
        is_https=parts.scheme == "https",
        is_local=name in _LOOPBACK_NAMES,
        is_bound_widely=host in _ANY_ADDRESS,
        origins=[_origin(parts.scheme, each, given_port) for each in names],
    )


def read_secret_key(given: str, folder: Path) -> str:
    """The operator's key, else one made once and kept in the data folder, readable by its owner only.

    Raises ImproperlyConfigured when it is too short to be one.
    """
    if given:
        if len(given) < 32:
            message = "CHATSITE_SECRET_KEY must have at least 32 characters"
            raise ImproperlyConfigured(message)
        return given
    file = folder / "secret_key"
    if not file.exists():
        _make_secret_key(file)
    key = file.read_text().strip()
    if len(key) < 32:
        message = f"The secret key in {file} is damaged. Put the old one back, or stored provider keys are lost."
        raise ImproperlyConfigured(message)
    return key


def read_database(url: str, file: Path) -> dict[str, Any]:
    """Django's settings of the database at ``url``; if that is empty, of SQLite in ``file``.

    Raises ImproperlyConfigured.
    """
    kind = url.partition(":")[0]
    if kind in {"postgresql", "postgres"}:
        config: dict[str, Any] = environ.Env.db_url_config(url)
        config["CONN_HEALTH_CHECKS"] = True  # a connection from before a restart of the database is not handed out
        config["OPTIONS"] = config.get("OPTIONS", {}) | {"pool": {"min_size": 1, "max_size": 20, "timeout": 5}}
        return config
    if kind not in {"sqlite", ""}:
        message = "CHATSITE_DATABASE_URL must begin with postgresql:// or sqlite:///"
        raise ImproperlyConfigured(message)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": environ.Env.db_url_config(url)["NAME"] if url else file,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
                "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=134217728"
            ),
        },
    }


def make_folder(folder: Path) -> Path:
    """The folder, made for its owner alone if it is not there.

    Raises ImproperlyConfigured when it can't be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        message = f"The data folder {folder} can't be made: {error.strerror}"
        raise ImproperlyConfigured(message) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        message = f"The data folder {folder} can't be written to"
        raise ImproperlyConfigured(message)
    return folder


def _make_secret_key(file: Path) -> None:
    descriptor, draft = tempfile.mkstemp(dir=file.parent)  # mode 0600
    with os.fdopen(descriptor, "w") as new:
        new.write(secrets.token_urlsafe(64))
    with contextlib.suppress(FileExistsError):  # another process was first: its key holds
        os.link(draft, file)
    Path(draft).unlink()


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _origin(scheme: str, name: str, port: int | None) -> str:
    ending = "" if port in {None, _OWN_PORTS[scheme]} else f":{port}"
    return f"{scheme}://{_bracketed(name)}{ending}"
