"""Shared conversations over two processes: presence, writing, the stream, and the end of access."""

import asyncio
import time

import pytest

from conversations.consumers.forwarding import ACCESS_LOST
from conversations.consumers.presence import FORGET_AFTER
from tests.faults.test_two_processes import QUICK, own_redis, pair
from tests.sharing import browsing, shared
from tests.site import Site
from tests.tab import Tab, open_tab
from tests.upstream.fixtures import Upstream

pytestmark = [pytest.mark.postgresql, pytest.mark.redis]
__all__ = ["own_redis", "pair"]
SOON = 5.0


async def _look(tab: Tab, conversation: str) -> None:
    assert (await tab.ask("conversation.open", conversation=conversation))["ok"]


async def test_people_meet_whichever_process_they_are_connected_to(pair: tuple[Site, Site], upstream: Upstream) -> None:
    alice, bob = (pair[0].add_person(name) for name in ("alice", "bob"))
    (model,) = pair[0].add_models(upstream, QUICK)
    made = shared(pair[0], alice, {"bob": "editor"})
    async with open_tab(pair[0], alice) as here:
        await _look(here, made["conversation"])
        async with open_tab(pair[1], bob) as there:
            await _look(there, made["conversation"])
            for tab, other in ((here, "bob"), (there, "alice")):
                assert other in (await tab.wait_for_type("presence.changed", SOON, count=1))["html"]
            await there.ask("presence.typing", conversation=made["conversation"])
            await here.wait_for_type("presence.typing", SOON, name="bob")
            sent = await there.send("Hi", conversation=made["conversation"], parent=made["answer"], model=model)
            assert "Hi" in (await here.wait_for_type("message.added", SOON))["html"]
            await here.wait_for_end(sent["generation"])
            assert here.shown[sent["generation"]].is_true
        seen = len(here.frames)
        await here.wait_for(
            lambda f: f in here.frames[seen:] and f["type"] == "presence.changed" and not f["count"], SOON
        )


async def test_access_ends_on_the_other_process_too(pair: tuple[Site, Site], upstream: Upstream) -> None:
    alice, bob = (pair[0].add_person(name) for name in ("alice", "bob"))
    pair[0].add_models(upstream, QUICK)
    made = shared(pair[0], alice, {"bob": "editor"})
    async with open_tab(pair[1], bob) as there:
        await _look(there, made["conversation"])

        def remove() -> int:
            with browsing(pair[0], alice) as web:
                return web.post(f"/members/{made['bob']}/delete/").status_code

        began = time.monotonic()
        assert await asyncio.to_thread(remove) == 200
        assert (await there.wait_for_type("conversation.removed", SOON))["reason"]
        assert await there.closed(SOON) == ACCESS_LOST
        print(f"closed after {time.monotonic() - began:.2f} s")
        assert time.monotonic() - began < SOON


@pytest.mark.faults
async def test_the_people_of_a_process_that_died_are_gone_soon(pair: tuple[Site, Site], upstream: Upstream) -> None:
    alice, bob = (pair[0].add_person(name) for name in ("alice", "bob"))
    pair[0].add_models(upstream, QUICK)
    made = shared(pair[0], alice, {"bob": "editor"})
    async with open_tab(pair[0], alice) as here, open_tab(pair[1], bob) as there:
        for tab in (here, there):
            await _look(tab, made["conversation"])
        await here.wait_for_type("presence.changed", SOON, count=1)
        pair[1].kill()
        died, seen = time.monotonic(), len(here.frames)
        gone = FORGET_AFTER + 2 * SOON
        await here.wait_for(
            lambda f: f in here.frames[seen:] and f["type"] == "presence.changed" and not f["count"], gone
        )
        print(f"gone after {time.monotonic() - died:.1f} s")
