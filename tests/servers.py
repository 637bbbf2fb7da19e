"""PostgreSQL and Redis for tests: own servers on free ports of this machine, with their data in temporary folders.

``python -m tests.servers COMMAND…`` runs a command with such a PostgreSQL in ``CHATSITE_TEST_DATABASE_URL``.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

START_SECONDS = 30.0


class MissingServerError(Exception):
    """The program is not installed; the message says how to get it."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_postgresql() -> Iterator[str]:
    """A server of its own; yields the URL of a database in it. Raises MissingServerError."""
    programs = _postgresql_programs()
    owner = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    with tempfile.TemporaryDirectory(prefix="chatsite-postgresql-") as folder:
        if owner:
            os.chown(folder, pwd.getpwnam(owner).pw_uid, pwd.getpwnam(owner).pw_gid)
        data, port = Path(folder) / "data", free_port()
        cluster: list[str | Path] = [programs / "initdb", "-D", data, "-U", "chatsite", "--auth=trust", "--no-sync"]
        subprocess.run(
            [*cluster, "--encoding=UTF8", "--locale=C.UTF-8"],
            check=True,
            user=owner,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with _process([programs / "postgres", "-D", data, *arguments], owner, folder, port):
            url = f"postgresql://chatsite@127.0.0.1:{port}/postgres"
            _wait_until_it_answers(url)
            yield url


@contextmanager
def running_redis() -> Iterator[str]:
    """A server of its own; yields its URL. Raises MissingServerError."""
    program = shutil.which("redis-server")
    if not program:
        message = "Redis is not installed (Debian: apt-get install redis-server)"
        raise MissingServerError(message)
    with tempfile.TemporaryDirectory(prefix="chatsite-redis-") as folder:
        port = free_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        with _process([program, *options], None, folder, port):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """An empty database on the PostgreSQL server at this URL, dropped at the end."""
    name = f"chatsite_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _postgresql_programs() -> Path:
    folders = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    message = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    raise MissingServerError(message)


@contextmanager
def _process(command: Sequence[str | Path], owner: str | None, folder: str, port: int) -> Iterator[None]:
    with (Path(folder) / "log").open("w") as log:
        process = subprocess.Popen(command, user=owner, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_until_it_listens(process, port, Path(folder) / "log")
        yield
    finally:
        process.send_signal(2)  # SIGINT: PostgreSQL's fast shutdown; Redis ends too
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    message = f"The server did not start:\n{log.read_text()[-2000:]}"
    raise RuntimeError(message)


def _wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def main() -> int:
    try:
        with running_postgresql() as url:
            environment = os.environ | {"CHATSITE_TEST_DATABASE_URL": url}
            return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
    except MissingServerError as error:
        print(f"Skipped: {error}")
        return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
