"""What all tests share. Loaded before Django, for its settings come from the environment made here.

Nothing of the developer's own environment reaches a test; each process of a parallel run has its own data folder.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

from tests.servers import MissingServerError, fresh_database, running_postgresql, running_redis

# what others import stands first, or its assertions stay bare
pytest_plugins = [
    "tests.cast",
    "tests.trees",
    "tests.upstream.fixtures",
    "tests.site",
    "tests.static_files",
]


def _make_environment() -> None:
    if "CHATSITE_TEST_FOLDER" not in os.environ:
        folder = tempfile.mkdtemp(prefix="chatsite-tests-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["CHATSITE_TEST_FOLDER"] = folder  # inherited by the processes of a parallel run
    for name in list(os.environ):
        if name.startswith(("CHATSITE_", "OPENAI_")) and not name.startswith("CHATSITE_TEST_"):
            del os.environ[name]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    os.environ["CHATSITE_DATA"] = str(Path(os.environ["CHATSITE_TEST_FOLDER"]) / worker)
    os.environ["CHATSITE_DATABASE_URL"] = os.environ.get("CHATSITE_TEST_DATABASE_URL", "")
    os.environ["CHATSITE_DISCOVER_PROVIDERS"] = "false"
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"


_make_environment()
django.setup()
del os.environ[
    "DJANGO_SETTINGS_MODULE"
]  # else the processes of a parallel run would read their settings before this file

from django.core.cache import cache  # noqa: E402  # reads the settings


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps an event loop running in its thread, where no other could start."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> None:
    """What people did in the tests before counts towards no limit."""
    cache.clear()


def missing(what: str) -> None:
    """Skip the test, for a part of the machine is missing; in CI nothing may be, so fail there."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def _postgresql_server() -> Iterator[str]:
    if given := os.environ.get("CHATSITE_TEST_DATABASE_URL"):
        yield given
        return
    try:
        with running_postgresql() as url:
            yield url
    except MissingServerError as error:
        missing(str(error))


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[str]:
    try:
        with running_redis() as url:
            yield url
    except MissingServerError as error:
        missing(str(error))


@pytest.fixture
def postgresql(_postgresql_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with fresh_database(_postgresql_server) as url:
        yield url


@pytest.fixture
def redis(_redis_server: str) -> str:
    """The URL of a Redis server for this run of the tests alone."""
    return _redis_server
