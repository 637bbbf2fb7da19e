"""The fake upstream as a fixture: one process a session, clean for each test that asks for ``upstream``."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.upstream.steps import Step

_ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Upstream:
    """The running fake. ``url`` is its base URL, ``tls_url`` that of its twin with an untrusted certificate."""

    port: int
    tls_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def tls_url(self) -> str:
        return f"https://localhost:{self.tls_port}/v1"

    def at(self, prefix: str) -> str:
        """The base URL of a system, such as ``/openai/v1``: see ``tests.upstream``."""
        return f"http://127.0.0.1:{self.port}{prefix}"

    def script(self, name: str, steps: list[Step], *, times: int | None = None) -> None:
        """Play ``steps`` for a model, or a route like "GET /v1/models": ``times`` times, then what was posted next."""
        self._call("/_script", {"name": name, "steps": steps, "times": times})

    def open(self, gate: str) -> None:
        """Let scripts that wait at this gate go on."""
        self._call("/_open", {"gate": gate})

    def requests(self) -> list[dict[str, Any]]:
        """What arrived: method, path, query, headers, body, connection, at, outcome, ended_at.

        ``outcome`` is running, done, closed by client or closed by script.
        """
        requests: list[dict[str, Any]] = self._call("/_requests")
        return requests

    def open_connections(self) -> int:
        return int(self._call("/_connections")["open"])

    def total_connections(self) -> int:
        """How many connections carried requests since the last reset."""
        return int(self._call("/_connections")["total"])

    def outcome(self, number: int = -1) -> str:
        """How a request ended, once it has: waits some seconds for the fake to see it."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            requests = self.requests()
            if requests and requests[number]["outcome"] != "running":
                return str(requests[number]["outcome"])
            time.sleep(0.01)
        return "running"

    def reset(self) -> None:
        """Forget scripts, gates and requests, and cut all connections."""
        self._call("/_reset", {})

    def _call(self, path: str, value: object = None) -> Any:
        data = None if value is None else json.dumps(value).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data, timeout=10) as response:
            return json.load(response)


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    command = [sys.executable, "-m", "tests.upstream", "--port", "0"]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Upstream(int(process.stdout.readline()), int(process.stdout.readline()))
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def upstream_process() -> Iterator[Upstream]:
    with running_upstream() as running:
        yield running


@pytest.fixture
def upstream(upstream_process: Upstream) -> Upstream:
    upstream_process.reset()
    return upstream_process
