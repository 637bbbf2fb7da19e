"""People and models on the shared site; and a look at its log, for no order may end in a stack trace."""

from collections.abc import Iterator

import pytest

from tests.site import Person, Site, new_name
from tests.upstream.fixtures import Upstream

MODELS = ("words-200-400", "words-600-60", "words-3000-0", "words-4000-300", "scripted")


@pytest.fixture(scope="session")
def models(shared_site: Site, upstream_process: Upstream) -> dict[str, str]:
    """Ids by the name that the fake upstream knows."""
    return dict(zip(MODELS, shared_site.add_models(upstream_process, *MODELS), strict=True))


@pytest.fixture(scope="session")
def person(shared_site: Site) -> Person:
    return shared_site.add_person(new_name())


@pytest.fixture(scope="session")
def stranger(shared_site: Site) -> Person:
    return shared_site.add_person(new_name("stranger"))


@pytest.fixture(autouse=True)
def _no_stack_trace(shared_site: Site) -> Iterator[None]:
    before = shared_site.log.stat().st_size
    yield
    with shared_site.log.open("rb") as log:
        log.seek(before)
        written = log.read().decode("utf-8", "replace")
    assert "Traceback" not in written, written
