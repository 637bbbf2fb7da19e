"""What has to be true before the server may listen: one process for the data, tables and files up to date."""

import fcntl
import hashlib
import importlib.metadata
import multiprocessing
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from conversations.actions.providers import create_demo_provider, discover_providers
from conversations.jobs.unused_files import remove_unused_files
from conversations.models import Provider

_MIGRATION_LOCK = 0x63686174  # any fixed number; only this product uses it in its database


def claim_data_folder() -> TextIO | None:
    """Lock the data folder for this process until it ends; keep what is returned.

    Needed while processes can't hear each other: on SQLite, or without Redis. Raises CommandError if
    another process holds it.
    """
    if connection.vendor != "sqlite" and settings.REDIS_URL:
        return None
    file = (settings.DATA_DIR / "serve.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        message = (
            f"chatsite already runs with the data folder {settings.DATA_DIR} (process {holder}). Several processes "
            "need PostgreSQL and Redis: set CHATSITE_DATABASE_URL and CHATSITE_REDIS_URL."
        )
        raise CommandError(message) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def require_free_port() -> None:
    """Raise CommandError, in one plain sentence, when the server could not listen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.HOST.strip("[]") or None, settings.PORT, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        message = (
            f"Can't listen on {settings.HOST}:{settings.PORT}: {error.strerror}. "
            "Choose another port with make run PORT=8123 or CHATSITE_PORT."
        )
        raise CommandError(message) from None


def prepare_apart(output: TextIO) -> None:
    """``prepare``; on Linux in a process of its own: a tenth of all memory, which only migrations need, goes with it.

    Raises CommandError if the site can't be made ready.
    """
    if sys.platform != "linux":  # elsewhere the system's libraries may not be used after a fork
        trouble = _trouble_of_preparing(output)
    else:
        connection.close()  # none may be used on both sides
        context = multiprocessing.get_context("fork")
        answer, told = context.Pipe(duplex=False)
        child = context.Process(target=_prepare_and_tell, args=(output, told))
        child.start()
        told.close()
        try:
            trouble = answer.recv()
        except EOFError:
            trouble = "The site could not be made ready; what is printed above says why."
        child.join()
    if trouble:
        raise CommandError(trouble)


def _prepare_and_tell(output: TextIO, told: Connection) -> None:
    told.send(_trouble_of_preparing(output))


def _trouble_of_preparing(output: TextIO) -> str:
    try:
        prepare(output)
    except DatabaseError as error:
        return f"The database can't be used: {str(error).strip().splitlines()[0]}"
    except CommandError as error:
        return str(error)
    return ""


def prepare(output: TextIO) -> None:
    """Bring tables and static files up to date and fill an empty site. Does nothing when nothing is due."""
    with _one_at_a_time():
        migrate(output)
        collect_static_files(output)
        if not Provider.objects.exists():
            if settings.DISCOVER_PROVIDERS:
                discover_providers(dict(os.environ), probe_local=True)
            create_demo_provider()  # last: a start that was cut short begins again with the search
        remove_unused_files()


def migrate(output: TextIO) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Bringing the database up to date …", file=output, flush=True)
        call_command("migrate", interactive=False, verbosity=0)


def collect_static_files(output: TextIO) -> None:
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    due = _fingerprint_of_static_files()
    if not stamp.exists() or stamp.read_text() != due:
        print("Collecting static files …", file=output, flush=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(due)


def _fingerprint_of_static_files() -> str:
    """Changes whenever a file of ours or of a package is added, removed or written, or its packer is another."""
    found = hashlib.sha256(f"{importlib.metadata.version('servestatic')} {settings.STATIC_URL}".encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            found.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return found.hexdigest()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Several processes that start together prepare one after the other: by folder, and by database."""
    with (settings.DATA_DIR / "prepare.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])
