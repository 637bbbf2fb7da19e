"""Endpoints that point at the fake upstream."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from conversations.providers import engine
from conversations.providers.base import Endpoint
from tests.upstream.fixtures import Upstream

CANARY = "sk-canary-3f9a1c77d2"


@pytest.fixture
def make_endpoint(upstream: Upstream) -> Callable[..., Endpoint]:
    def make(**changes: Any) -> Endpoint:
        settings: dict[str, Any] = {
            "id": "fake", "kind": "openai_compatible", "base_url": upstream.url, "key": CANARY,
            "connect_timeout": 2, "first_event_timeout": 5, "idle_timeout": 5, "total_timeout": 30,
        }  # fmt: skip
        return Endpoint(**{**settings, **changes})

    return make


@pytest.fixture
def endpoint(make_endpoint: Callable[..., Endpoint]) -> Endpoint:
    return make_endpoint()


@pytest.fixture(autouse=True)
async def _closed_connections() -> AsyncIterator[None]:
    """Each test has an event loop of its own, and with it a pool of its own."""
    yield
    await engine.close_all()
