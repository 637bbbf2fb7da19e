"""The database locked by another process while an answer streams: two seconds nobody sees, ten cost no text."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests import stored
from tests.site import Site, running_site
from tests.tab import open_tab
from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream

MODEL = "words-500-200-locked"


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Hold the one write lock of the database."""
    with closing(sqlite3.connect(site.folder / "chatsite.sqlite3", timeout=10, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_a_lock_of_two_seconds_is_not_noticed(upstream: Upstream) -> None:
    with running_site() as site:
        person, (model,) = site.add_person("alice"), site.add_models(upstream, MODEL)
        async with open_tab(site, person) as tab:
            reply = await tab.send("Hello", model=model)
            await tab.wait_for_type("generation.delta", seq=3)
            with locked(site):
                before, began = tab.shown[reply["generation"]].seq, time.monotonic()
                sending = asyncio.create_task(tab.send("Meanwhile", model=model))
                await asyncio.sleep(2)
                pieces = tab.shown[reply["generation"]].seq - before
                assert pieces > 10  # the answer goes on
            assert (await sending)["type"] == "reply"
            assert time.monotonic() - began < 5
            assert (await tab.wait_for_end(reply["generation"]))["status"] == "complete"
            assert tab.shown[reply["generation"]].is_true
        assert stored.message(site, reply["answer"])["text"] == expected_text(MODEL)


@pytest.mark.faults
async def test_a_lock_of_ten_seconds_is_named_and_costs_no_text(upstream: Upstream) -> None:
    with running_site() as site:
        person, (model,) = site.add_person("alice"), site.add_models(upstream, MODEL)
        async with open_tab(site, person) as tab, open_tab(site, person) as other:
            reply = await tab.send("Hello", model=model)
            await tab.wait_for_type("generation.delta", seq=3)
            client_id = f"{5:032x}"
            with locked(site):
                began = time.monotonic()
                refusal = await other.send("Meanwhile", model=model, client_id=client_id)
                named_after = time.monotonic() - began
                assert (refusal["type"], refusal["code"], refusal["retryable"]) == ("error", "unavailable", True)
                await asyncio.sleep(max(0.0, 10 - named_after))
            print(f"named after {named_after:.1f} s")
            end = await tab.wait_for_end(reply["generation"], 10)
            assert end["status"] == "complete"
            assert tab.shown[reply["generation"]].is_true
            again = await other.send("Meanwhile", model=model, client_id=client_id)
            assert (await other.wait_for_end(again["generation"]))["status"] == "complete"
        assert stored.message(site, reply["answer"])["text"] == expected_text(MODEL)
        assert len(stored.messages(site, again["conversation"])) == 2
        assert len(stored.usages(site, reply["generation"])) == 1


@pytest.mark.faults
async def test_locks_at_every_moment_leave_nothing_running(upstream: Upstream) -> None:
    """Claims, flushes and ends that fail in the middle."""
    with running_site() as site:
        person, (model,) = site.add_person("alice"), site.add_models(upstream, "words-60-200")
        async with open_tab(site, person) as tab:
            replies = []
            for round_ in range(8):
                replies.append(await tab.send("Hello", model=model))
                await asyncio.sleep(round_ * 0.02)
                with locked(site):
                    await asyncio.sleep(6)
            for reply in replies:
                assert (await tab.wait_for_end(reply["generation"], 30))["status"] == "complete"
                assert stored.message(site, reply["answer"])["text"] == expected_text("words-60-200")
        assert "error of ours" not in site.log.read_text()
