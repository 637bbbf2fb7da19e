"""Stop: from any tab, at any moment, with one end."""

import asyncio
import random
import time

from tests import stored
from tests.site import Person, Site, new_name
from tests.tab import open_tab
from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream


async def test_stop_in_another_tab_closes_the_upstream_connection_and_keeps_the_text(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(shared_site, person) as one, open_tab(shared_site, person) as two:
        reply = await one.send("Hello", model=models["words-600-60"])
        await one.wait_for_type("generation.delta", seq=5)
        pressed = time.time()
        assert (await two.ask("generation.stop", generation=reply["generation"]))["ok"]
        end = await one.wait_for_end(reply["generation"], seconds=2)
    assert upstream.outcome() == "closed by client"
    assert upstream.requests()[-1]["ended_at"] - pressed < 2
    text = stored.message(shared_site, reply["answer"])["text"]
    assert end["status"] == "stopped"
    assert text
    assert expected_text("words-600-60").startswith(text)
    assert one.shown[reply["generation"]].is_true


async def test_stop_at_any_moment_leaves_one_end(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    async with open_tab(shared_site, person) as tab:
        for _ in range(12):
            reply = await tab.send("Hello", model=models["words-200-400"])
            await asyncio.sleep(chance.choice([0, chance.uniform(0, 0.05), chance.uniform(0, 0.6)]))
            await tab.tell("generation.stop", id="s", generation=reply["generation"])
            end = await tab.wait_for_end(reply["generation"], seconds=3)
            ends = [
                f for f in tab.frames if f["type"] == "generation.finished" and f["generation"] == reply["generation"]
            ]
            assert len(ends) == 1
            row = stored.generation(shared_site, reply["generation"])
            assert row["status"] == stored.message(shared_site, reply["answer"])["status"] == end["status"]
            assert end["status"] in {"stopped", "complete"}
            assert len(stored.usages(shared_site, reply["generation"])) == (0 if row["fence"] == 0 else 1)
            await asyncio.sleep(0.15)  # the limit of frames a second is tested elsewhere
    assert all(request["outcome"] != "running" for request in upstream.requests())


async def test_four_answers_run_the_others_wait_with_their_place_and_move_up(
    shared_site: Site, models: dict[str, str], upstream: Upstream
) -> None:
    crowd = shared_site.add_person(new_name())
    async with open_tab(shared_site, crowd) as tab:
        replies = [await tab.send(f"Hello {n}", model=models["words-600-60"]) for n in range(7)]
        for place, reply in enumerate(replies[4:]):
            await tab.wait_for_type("generation.queued", generation=reply["generation"], position=place)
        assert len(upstream.requests()) == 4
        await tab.ask("generation.stop", generation=replies[0]["generation"])
        await tab.wait_for_type("generation.started", generation=replies[4]["generation"], seconds=3)
        await tab.wait_for_type("generation.queued", generation=replies[6]["generation"], position=1)
        await tab.ask("generation.stop", generation=replies[6]["generation"])
        end = await tab.wait_for_end(replies[6]["generation"], seconds=2)
        assert (end["status"], end["length"]) == ("stopped", 0)
        for reply in replies[1:6]:
            await tab.ask("generation.stop", generation=reply["generation"])
        for reply in replies:
            await tab.wait_for_end(reply["generation"])


async def test_deleting_a_conversation_stops_its_answer(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=models["words-600-60"])
        await tab.wait_for_type("generation.delta")
        code = "from conversations.models import Conversation; Conversation.objects.filter(pk=pk).delete()"
        shared_site.run(code, pk=reply["conversation"])
    assert upstream.outcome() == "closed by client"


async def test_a_socket_that_closes_does_not_end_the_answer(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=models["words-200-400"])
    async with asyncio.timeout(10):
        while stored.message(shared_site, reply["answer"])["status"] != "complete":
            await asyncio.sleep(0.05)
    assert stored.message(shared_site, reply["answer"])["text"] == expected_text("words-200-400")
