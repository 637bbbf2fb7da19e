"""Two processes on PostgreSQL and Redis: one product, whichever of them a tab is connected to."""

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.site import Person, Site, free_port
from tests.tab import Frame, Tab, open_tab
from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream

pytestmark = [pytest.mark.postgresql, pytest.mark.redis]
SLOW, QUICK = "words-600-60", "words-200-100"


class Redis:
    """A server that can be killed and started again under the same address."""

    def __init__(self, folder: str) -> None:
        program = shutil.which("redis-server")
        if program is None:
            missing("Redis is not installed")
        self.port = free_port()
        self._command = [str(program), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="chatsite-redis-") as folder:
        server = Redis(folder)
        try:
            yield server
        finally:
            server.kill()


@pytest.fixture
def pair(postgresql: str, own_redis: Redis) -> Iterator[tuple[Site, Site]]:
    environment = {"CHATSITE_DATABASE_URL": postgresql, "CHATSITE_REDIS_URL": own_redis.url}
    with tempfile.TemporaryDirectory(prefix="chatsite-site-") as folder:
        pair = Site(Path(folder), environment), Site(Path(folder), environment)
        try:
            for site in pair:
                site.start()
            yield pair
        finally:
            for site in pair:
                if site.process is not None and site.process.poll() is None:
                    site.kill()


@contextlib.asynccontextmanager
async def _tabs(pair: tuple[Site, Site], person: Person) -> AsyncIterator[tuple[Tab, Tab]]:
    async with open_tab(pair[0], person) as one, open_tab(pair[1], person) as two:
        yield one, two


async def _watch(tab: Tab, reply: Frame) -> None:
    assert (await tab.ask("conversation.open", conversation=reply["conversation"]))["ok"]


async def test_a_tab_on_the_other_process_sees_the_stream_and_stops_it(
    pair: tuple[Site, Site], upstream: Upstream
) -> None:
    person, (slow, quick) = pair[0].add_person("alice"), pair[0].add_models(upstream, SLOW, QUICK)
    async with _tabs(pair, person) as (here, there):
        reply = await there.send("Hello", model=quick)
        await here.wait_for_type("conversation.changed", conversation=reply["conversation"])
        opened = time.monotonic()
        await _watch(here, reply)
        await here.wait_for_type("generation.delta", generation=reply["generation"])
        print(f"the other process sees text after {time.monotonic() - opened:.2f} s")
        ends = [await tab.wait_for_end(reply["generation"]) for tab in (here, there)]
        assert ends[0]["hash"] == ends[1]["hash"]
        for tab in (here, there):
            assert tab.shown[reply["generation"]].is_true
        assert pair[1].messages(reply["conversation"])[-1]["text"] == expected_text(QUICK)

        reply = await there.send("Hello", model=slow)
        await _watch(here, reply)
        await here.wait_for_type("generation.delta", generation=reply["generation"])
        pressed = time.time()
        await here.ask("generation.stop", generation=reply["generation"])
        assert (await there.wait_for_end(reply["generation"], 2))["status"] == "stopped"
        assert upstream.outcome() == "closed by client"
        assert upstream.requests()[-1]["ended_at"] - pressed < 2


async def test_limits_hold_over_both_processes(pair: tuple[Site, Site], upstream: Upstream) -> None:
    person, (model,) = pair[0].add_person("alice"), pair[0].add_models(upstream, SLOW)
    async with _tabs(pair, person) as tabs:
        replies = await asyncio.gather(*(tabs[n % 2].send(f"Hello {n}", model=model) for n in range(10)))
        await tabs[0].wait_for_type("generation.queued")
        await asyncio.sleep(2.5)
        assert len(upstream.requests()) == 4
        for reply in replies:
            await tabs[0].ask("generation.stop", generation=reply["generation"])


@pytest.mark.faults
async def test_the_same_send_to_both_processes_is_one_message(pair: tuple[Site, Site], upstream: Upstream) -> None:
    person, (model,) = pair[0].add_person("alice"), pair[0].add_models(upstream, QUICK)
    async with _tabs(pair, person) as tabs:
        for number in range(5):
            order = {"client_id": f"{number:032x}", "model": model}
            replies = await asyncio.gather(*(tab.send("Once", **order) for tab in tabs))
            assert replies[0]["answer"] == replies[1]["answer"]
        assert len(pair[0].messages(replies[0]["conversation"])) == 2


@pytest.mark.faults
async def test_the_other_process_ends_the_answers_of_one_that_died(pair: tuple[Site, Site], upstream: Upstream) -> None:
    person, (model,) = pair[0].add_person("alice"), pair[0].add_models(upstream, SLOW)
    async with _tabs(pair, person) as (here, there):
        reply = await there.send("Hello", model=model)
        await _watch(here, reply)
        await here.wait_for_type("generation.delta", generation=reply["generation"])
        pair[1].kill()
        died = time.monotonic()
        end = await here.wait_for_end(reply["generation"], 30)
        print(f"interrupted after {time.monotonic() - died:.1f} s")
        assert end["status"] == "interrupted"
    text = pair[0].messages(reply["conversation"])[-1]["text"]
    assert text
    assert expected_text(SLOW).startswith(text)


@pytest.mark.faults
async def test_a_relay_that_was_away_is_caught_up(
    pair: tuple[Site, Site], own_redis: Redis, upstream: Upstream
) -> None:
    person, (model,) = pair[0].add_person("alice"), pair[0].add_models(upstream, "words-900-60")
    async with _tabs(pair, person) as (here, there):
        reply = await there.send("Hello", model=model)
        await _watch(here, reply)
        await here.wait_for_type("generation.delta", generation=reply["generation"])
        own_redis.kill()
        await asyncio.sleep(2)
        assert (await here.ask("ping"))["ok"]
        own_redis.start()
        back = time.monotonic()
        await here.wait_for_type("resync", seconds=5)
        shown = here.shown[reply["generation"]]
        behind, gaps = shown.seq, -1
        async with asyncio.timeout(5):
            while shown.seq < behind + 5:
                if shown.gaps > gaps:  # as a page does: at the resync, and at each gap
                    gaps = shown.gaps
                    await _watch(here, reply)
                await asyncio.sleep(0.2)
        print(f"caught up {time.monotonic() - back:.1f} s after Redis was back")
        await here.ask("generation.stop", generation=reply["generation"])
        for tab in (here, there):
            await tab.wait_for_end(reply["generation"], 5)
            assert tab.shown[reply["generation"]].is_true
