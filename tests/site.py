"""The product as a process of its own, on a real port with a data folder of its own, for tests to talk to.

``Site.start()`` runs what ``make run`` runs. People are made and signed in through the site's own code, run in a second
process on the same data; tests then speak HTTP and WebSocket to it like any browser.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.upstream.fixtures import Upstream

ROOT = Path(__file__).parents[1]
START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Person:
    """Somebody signed in: the cookie is all a browser has."""

    name: str
    user_id: int
    session: str

    @property
    def cookies(self) -> dict[str, str]:
        return {"session": self.session}


@dataclass
class Site:
    """One running site. ``environment`` adds CHATSITE_… variables."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CHATSITE_", "OPENAI_"))}
        own = {
            "CHATSITE_DATA": str(self.folder),
            "CHATSITE_PORT": str(self.port),
            "CHATSITE_DISCOVER_PROVIDERS": "false",
            "PYTHONUNBUFFERED": "1",
        }
        return kept | own | self.environment

    def start(self) -> None:
        """Start and wait until it serves."""
        with self.log.open("ab") as log:
            command = [sys.executable, "manage.py", "serve"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment(), stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health/live/", trust_env=False).status_code == 200:
                    return
            time.sleep(0.02)
        pytest.fail(f"The site did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self, seconds: float = 40) -> int:
        """Ask it to end; its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def run(self, code: str, **values: Any) -> Any:
        """Run code of ours in a process on the same data; ``values`` are its globals, ``result`` is what comes back."""
        program = (
            "import django, json, sys; django.setup()\n"
            "given = json.load(sys.stdin); space = {**given['values'], 'result': None}\n"
            "exec(given['code'], space); print(json.dumps(space['result']))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=self._environment() | {"DJANGO_SETTINGS_MODULE": "chatsite.settings"},
            input=json.dumps({"code": code, "values": values}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def add_person(self, name: str, *, is_admin: bool = False) -> Person:
        """A new person, signed in; the password is the name twice and a number."""
        code = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from conversations.models import User
user, made = User.objects.get_or_create(username=name, defaults={"is_staff": is_admin, "is_superuser": is_admin})
if made:
    user.set_password(f"{name}-{name}-7"); user.save()
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session.create()
result = [user.pk, session.session_key]
"""
        user_id, key = self.run(code, name=name, is_admin=is_admin)
        return Person(name, user_id, key)

    def add_models(self, upstream: Upstream, *wire_names: str, **provider: Any) -> list[str]:
        """Models of the fake upstream; their ids. The first becomes the default."""
        code = """
from conversations.models import LanguageModel, Provider
row, _ = Provider.objects.get_or_create(name="Upstream", defaults={"base_url": url, **provider})
LanguageModel.objects.update(is_default=False)
made = [LanguageModel.objects.create(provider=row, wire_name=n, name=n, is_default=not i) for i, n in enumerate(names)]
result = [str(model.pk) for model in made]
"""
        ids: list[str] = self.run(code, url=upstream.url, names=wire_names, provider=provider)
        return ids

    def messages(self, conversation: str) -> list[dict[str, Any]]:
        """All messages of a conversation as stored, oldest first."""
        code = """
from conversations.models import Message
fields = ("id", "parent_id", "role", "status", "text", "reasoning", "client_id")
rows = Message.objects.filter(conversation=conversation).order_by("id").values(*fields)
result = [{k: (str(v) if v is not None and k.endswith("id") else v) for k, v in row.items()} for row in rows]
"""
        rows: list[dict[str, Any]] = self.run(code, conversation=conversation)
        return rows


@contextlib.contextmanager
def running_site(**environment: str) -> Iterator[Site]:
    """A site in a temporary folder, ended however the test ends."""
    with tempfile.TemporaryDirectory(prefix="chatsite-site-") as folder:
        site = Site(Path(folder), environment)
        try:
            site.start()
            yield site
        finally:
            if site.process is not None and site.process.poll() is None:
                site.kill()


@pytest.fixture(scope="session")
def shared_site() -> Iterator[Site]:
    """One site for all tests that leave it as it was: each makes people of its own."""
    with running_site() as site:
        yield site


@pytest.fixture
def site() -> Iterator[Site]:
    """A site for one test alone: it may be killed, stopped, or filled."""
    with running_site() as alone:
        yield alone


def new_name(prefix: str = "person") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"
