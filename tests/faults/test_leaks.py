"""Hundreds of answers and tabs leave nothing behind in the process."""

import asyncio

import psutil
import pytest

from tests import stored
from tests.faults.chances import rounds
from tests.site import running_site
from tests.tab import open_tab
from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream


def _anonymous(server: psutil.Process) -> float:
    """MiB of its own: without the pages of files, for the database is mapped into memory as it grows."""
    memory = server.memory_info()
    return float(memory.rss - memory.shared) / 2**20


@rounds(24, 400)
async def test_many_answers_leave_nothing_behind(upstream: Upstream, rounds: int) -> None:
    with running_site() as site:
        model, person = site.add_models(upstream, "words-60-0-leak")[0], site.add_person("alice")
        assert site.process is not None
        server = psutil.Process(site.process.pid)
        sizes = []
        for number in range(rounds):
            async with open_tab(site, person) as tab:
                replies = await asyncio.gather(*(tab.send("Hello", model=model) for _ in range(3)))
                for reply in replies:
                    await tab.wait_for_end(reply["generation"])
            if number >= rounds // 3:
                sizes.append((_anonymous(server), server.num_fds()))
        (first, files), (last, files_last) = sizes[0], sizes[-1]
        print(f"{rounds * 3} answers: {first:.1f} to {last:.1f} MiB, {files} to {files_last} open files")
        assert last - first < 12
        assert files_last - files < 15
        assert stored.message(site, replies[0]["answer"])["text"] == expected_text("words-60-0-leak")
        assert await asyncio.to_thread(site.stop) == 0


@pytest.mark.faults
async def test_a_hundred_at_once_are_all_answered(upstream: Upstream) -> None:
    with running_site() as site:
        (model,) = site.add_models(upstream, "words-200-50-crowd")
        people = [site.add_person(f"p{number}") for number in range(25)]

        async def ask(number: int) -> str:
            async with open_tab(site, people[number % 25]) as tab:
                reply = await tab.send("Hello", model=model)
                end = await tab.wait_for_end(reply["generation"], 60)
                assert tab.shown[reply["generation"]].is_true
                return str(end["status"])

        assert await asyncio.gather(*map(ask, range(100))) == ["complete"] * 100
