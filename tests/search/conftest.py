"""An empty index for every test: what the tests of races commit is flushed table by table, which the index's is not."""

import pytest

from conversations.search.store import store


@pytest.fixture(autouse=True)
def _empty_index(request: pytest.FixtureRequest) -> None:
    if {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("db")
        store().clear()
