"""The server killed, stopped and paused at random moments: nothing that was acknowledged or long shown is lost."""

import asyncio
import random
import re
import signal
import time
import uuid

import pytest

from tests import stored
from tests.faults.chances import new_chance, rounds
from tests.site import Person, Site, running_site
from tests.tab import Frame, Tab, open_tab
from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream
from tests.upstream.steps import done, head, words

MODEL = "words-900-150-crash"
TEXT = expected_text(MODEL)


def _plain(html: str) -> str:
    """The letters of what is shown, to be found in the text."""
    return "".join(re.findall(r"\w", re.sub(r"<[^>]*>", "", html)))


async def _shown_and_killed(site: Site, person: Person, model: str, chance: random.Random) -> list[Frame]:
    """Send, and kill the server at a random moment; the replies that came, with what was shown a second before."""
    async with open_tab(site, person) as tab:
        sends = [asyncio.create_task(tab.send(f"Hello {n}", model=model)) for n in range(3)]
        end = time.monotonic() + chance.uniform(0.05, 4)
        history: list[tuple[float, dict[str, int]]] = []
        while time.monotonic() < end:
            history.append((time.monotonic(), _letters(tab)))
            await asyncio.sleep(0.03)
        site.kill()
        killed = time.monotonic()
        replies = [task.result() for task in sends if task.done() and not task.exception()]
        for task in sends:
            task.cancel()
    old = [letters for moment, letters in history if moment <= killed - 1]
    for reply in replies:
        reply["letters"] = old[-1].get(reply["generation"], 0) if old else 0
    return [reply for reply in replies if reply["type"] == "reply"]


def _letters(tab: Tab) -> dict[str, int]:
    return {pk: len(_plain(shown.html + shown.tail)) for pk, shown in tab.shown.items()}


async def _check_after_restart(site: Site, person: Person, replies: list[Frame]) -> None:
    for reply in replies:
        rows = stored.messages(site, reply["conversation"])
        assert [row["role"] for row in rows] == ["user", "assistant"]
        answer = rows[-1]
        assert TEXT.startswith(answer["text"])
        run = stored.generation(site, reply["generation"])
        assert run["status"] in {"interrupted", "queued", "running", "complete"}
        if run["fence"] and run["status"] == "interrupted":
            assert answer["status"] == "interrupted"
            kept = sum(map(str.isalnum, answer["text"]))
            assert kept >= reply["letters"] * 0.97 - 40, (kept, reply["letters"])  # letters of language names, markup
            assert run["error_message"]


@rounds(3, 50)
async def test_a_killed_server_keeps_what_was_acknowledged_and_shown(upstream: Upstream, rounds: int) -> None:
    chance = new_chance()
    with running_site() as site:
        person, (model,) = site.add_person("alice"), site.add_models(upstream, MODEL)
        continued = 0
        for _ in range(rounds):
            replies = await _shown_and_killed(site, person, model, chance)
            upstream.reset()
            site.start()
            ready = time.monotonic()
            async with asyncio.timeout(5):
                while any(_is_old_run(site, reply) for reply in replies):
                    await asyncio.sleep(0.05)
            assert time.monotonic() - ready < 5
            await _check_after_restart(site, person, replies)
            continued += await _continue_all(site, person, upstream, replies)
        print(f"{rounds} kills, {continued} answers continued")
        assert not stored._rows(site, "SELECT id FROM conversations_generation WHERE status IN ('queued', 'running')")


def _is_old_run(site: Site, reply: Frame) -> bool:
    """Whether it still counts as running under the worker that was killed."""
    run = stored.generation(site, reply["generation"])
    assert site.process is not None
    return run["status"] == "running" and f":{site.process.pid}:" not in run["worker"]


async def _continue_all(site: Site, person: Person, upstream: Upstream, replies: list[Frame]) -> int:
    continued = 0
    async with open_tab(site, person) as tab:
        for reply in replies:
            await tab.ask("conversation.open", conversation=reply["conversation"])
            row = stored.message(site, reply["answer"])
            if row["status"] in {"queued", "running"}:  # was waiting when the server was killed, and runs now
                await tab.ask("generation.stop", generation=reply["generation"])
                await tab.wait_for_end(reply["generation"])
            elif row["status"] == "interrupted":
                upstream.script(MODEL, [head(), *words(" and", " so on"), *done()], times=1)
                kind = "message.continue" if row["text"].strip() else "message.retry"
                again = await tab.ask(kind, message=reply["answer"], client_id=str(uuid.uuid4()))
                end = await tab.wait_for_end(again["generation"])
                assert end["status"] == "complete"
                assert stored.message(site, reply["answer"])["text"] == row["text"] + " and so on"
                assert tab.shown[again["generation"]].is_true
                continued += 1
    return continued


async def test_sigterm_lets_answers_end_and_leaves_with_zero(upstream: Upstream) -> None:
    with running_site() as site:
        person, (model,) = site.add_person("alice"), site.add_models(upstream, "words-200-200-term")
        async with open_tab(site, person) as tab:
            reply = await tab.send("Hello", model=model)
            await tab.wait_for_type("generation.delta")
            stopping = asyncio.create_task(asyncio.to_thread(site.stop))
            await tab.wait_for_end(reply["generation"])
            assert await tab.closed(5) in {1012, 4012}
            assert await stopping == 0
        assert stored.message(site, reply["answer"])["text"] == expected_text("words-200-200-term")


@pytest.mark.faults
async def test_sigterm_keeps_answers_that_last_too_long_as_interrupted(upstream: Upstream) -> None:
    with running_site() as site:
        person, (model,) = site.add_person("alice"), site.add_models(upstream, "words-6000-100-term")
        async with open_tab(site, person) as tab:
            replies = [await tab.send("Hello", model=model) for _ in range(6)]
            await tab.wait_for_type("generation.delta")
            began = time.monotonic()
            code = await asyncio.to_thread(site.stop)
            seconds = time.monotonic() - began
            ends = [await tab.wait_for_end(reply["generation"], 1) for reply in replies[:4]]
        print(f"left with {code} after {seconds:.1f} s")
        assert (code, [end["status"] for end in ends]) == (0, ["interrupted"] * 4)
        assert seconds < 35
        rows = [stored.message(site, reply["answer"]) for reply in replies]
        assert [row["status"] for row in rows] == ["interrupted"] * 4 + ["queued"] * 2
        assert all(len(row["text"]) > 1000 for row in rows[:4])


@pytest.mark.parametrize("seconds", [1, pytest.param(20, marks=pytest.mark.faults)])
async def test_a_paused_server_goes_on(upstream: Upstream, seconds: float) -> None:
    with running_site() as site:
        person, (model,) = site.add_person("alice"), site.add_models(upstream, MODEL)
        async with open_tab(site, person) as tab:
            reply = await tab.send("Hello", model=model)
            await tab.wait_for_type("generation.delta", seq=5)
            assert site.process is not None
            site.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(seconds)
            site.process.send_signal(signal.SIGCONT)
            end = await tab.wait_for_end(reply["generation"])
            assert end["status"] == "complete"
            assert tab.shown[reply["generation"]].is_true
        assert stored.message(site, reply["answer"])["text"] == TEXT
        assert len(stored.usages(site, reply["generation"])) == 1
