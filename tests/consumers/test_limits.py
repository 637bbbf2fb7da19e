"""Limits of sockets, and the end of their sessions."""

import asyncio
import contextlib
import json
import time

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests import stored
from tests.site import Person, Site, new_name, running_site
from tests.tab import open_tab
from tests.upstream.fixtures import Upstream


async def test_a_flood_is_refused_by_name_and_closed(shared_site: Site, person: Person) -> None:
    async with open_tab(shared_site, person) as tab:
        with contextlib.suppress(ConnectionClosed):
            for number in range(500):
                await tab.tell("ping", id=str(number))
        assert await tab.closed() == 4429
        refusals = [frame for frame in tab.frames if frame["type"] == "error"]
        assert [refusal["code"] for refusal in refusals] == ["limit"]
        assert 60 <= len([frame for frame in tab.frames if frame["type"] == "reply"]) < 120


async def test_others_are_served_while_one_floods(shared_site: Site, person: Person, stranger: Person) -> None:
    async def flood() -> None:
        for _ in range(10):
            with contextlib.suppress(ConnectionClosed, ConnectionError):
                async with open_tab(shared_site, stranger) as tab:
                    for _ in range(400):
                        await tab.connection.send("[" * 2000)

    flooding = asyncio.create_task(flood())
    waits = []
    async with open_tab(shared_site, person) as tab:
        while not flooding.done():
            began = time.monotonic()
            await tab.ask("ping")
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.06)
    await flooding
    waits.sort()
    print(f"pings {len(waits)}, p95 {waits[int(len(waits) * 0.95)] * 1000:.0f} ms")
    assert waits[int(len(waits) * 0.95)] < 0.2


async def test_a_person_has_twenty_sockets(shared_site: Site) -> None:
    somebody = shared_site.add_person(new_name())
    async with contextlib.AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(open_tab(shared_site, somebody)) for _ in range(20)]
        for tab in tabs:
            assert (await tab.ask("ping"))["ok"]
        extra = await stack.enter_async_context(open_tab(shared_site, somebody))
        assert await extra.closed() == 4429
        await tabs[0].connection.close()
        again = await stack.enter_async_context(open_tab(shared_site, somebody))
        assert (await again.ask("ping"))["ok"]


async def test_sockets_that_broke_are_not_counted_for_ever(shared_site: Site) -> None:
    somebody = shared_site.add_person(new_name())
    for _ in range(30):
        async with open_tab(shared_site, somebody) as tab:
            await tab.tell("ping")
            tab.connection.transport.abort()
    async with open_tab(shared_site, somebody) as tab:
        assert (await tab.ask("ping"))["ok"]


async def _sign_out(site: Site, somebody: Person) -> None:
    async with httpx.AsyncClient(base_url=site.url, cookies=somebody.cookies, trust_env=False) as browser:
        await browser.get("/password/")
        token = browser.cookies["csrf"]
        page = await browser.post("/sign-out/", data={"csrfmiddlewaretoken": token}, headers={"Origin": site.url})
        assert page.status_code == 302, page.text[:500]


def _deactivate(site: Site, somebody: Person) -> None:
    site.run(
        "from conversations.models import User; User.objects.filter(pk=pk).update(is_active=False)", pk=somebody.user_id
    )


def _change_password(site: Site, somebody: Person) -> None:
    code = "from conversations.models import User; u = User.objects.get(pk=pk); u.set_password('other'); u.save()"
    site.run(code, pk=somebody.user_id)


def _end_session(site: Site, somebody: Person) -> None:
    code = "from django.contrib.sessions.models import Session; Session.objects.filter(pk=key).delete()"
    site.run(code, key=somebody.session)


async def test_signing_out_closes_the_sockets_of_that_session_alone(shared_site: Site) -> None:
    name = new_name()
    here, there = shared_site.add_person(name), shared_site.add_person(name)
    async with (
        open_tab(shared_site, here) as one,
        open_tab(shared_site, here) as two,
        open_tab(shared_site, there) as other,
    ):
        await one.ask("ping")
        began = time.monotonic()
        await _sign_out(shared_site, here)
        assert [await one.closed(5), await two.closed(5)] == [4401, 4401]
        assert time.monotonic() - began < 5
        assert one.frames[-1]["type"] == "session.ended"
        assert (await other.ask("ping"))["ok"]


@pytest.mark.parametrize("revoke", [_deactivate, _change_password, _end_session])
async def test_a_socket_does_not_outlive_its_right(shared_site: Site, revoke: object) -> None:
    somebody = shared_site.add_person(new_name())
    async with open_tab(shared_site, somebody) as tab:
        await tab.ask("ping")
        revoke(shared_site, somebody)  # type: ignore[operator]
        assert await tab.closed(5) == 4401
    async with open_tab(shared_site, somebody) as tab:
        assert await tab.closed(5) == 4401


async def test_nothing_is_obeyed_after_the_session_has_ended(
    shared_site: Site, models: dict[str, str], upstream: Upstream
) -> None:
    somebody = shared_site.add_person(new_name())
    headers = {"Origin": shared_site.url, "Cookie": f"session={somebody.session}"}
    async with connect(shared_site.socket_url, additional_headers=headers, proxy=None) as connection:
        await connection.send('{"type": "ping"}')
        await connection.recv()
        _end_session(shared_site, somebody)
        async for text in connection:
            if json.loads(text)["type"] == "session.ended":
                break
        before = stored.counts(shared_site)
        order = {"type": "message.send", "client_id": "0" * 32, "text": "x", "model": models["words-200-400"]}
        with contextlib.suppress(ConnectionClosed):
            await connection.send(json.dumps(order))
        await connection.wait_closed()
    assert stored.counts(shared_site) == before
    assert upstream.requests() == []


async def test_a_reader_who_stops_reading_costs_little_and_holds_nobody_up(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    assert shared_site.process is not None
    server = psutil.Process(shared_site.process.pid)
    headers = {"Origin": shared_site.url, "Cookie": f"session={person.session}"}
    async with open_tab(shared_site, person) as tab, contextlib.AsyncExitStack() as stack:
        reply = await tab.send("Hello", model=models["words-600-60"])
        await tab.ask("generation.stop", generation=reply["generation"])
        order = json.dumps({"type": "conversation.open", "conversation": reply["conversation"]})
        for _ in range(10):
            socket = await stack.enter_async_context(
                connect(shared_site.socket_url, additional_headers=headers, proxy=None, max_queue=1, close_timeout=1)
            )
            await socket.send(order)
        before = server.memory_info().rss
        again = await tab.ask(
            "message.regenerate", message=reply["answer"], client_id=f"{1:032x}", model=models["words-3000-0"]
        )
        end = await tab.wait_for_end(again["generation"], seconds=40)
        grown = (server.memory_info().rss - before) / 2**20
        print(f"grown by {grown:.1f} MiB for 10 readers who do not read")
    assert end["status"] == "complete"
    assert grown < 40


async def test_a_reader_who_acknowledges_late_gets_a_snapshot(upstream: Upstream) -> None:
    with running_site(CHATSITE_LIMIT_UNSENT_BYTES="16384") as site:
        somebody, (model,) = site.add_person("late"), site.add_models(upstream, "words-4000-300")
        async with open_tab(site, somebody) as fast, open_tab(site, somebody) as slow:
            slow.is_acking = False
            reply = await fast.send("Hello", model=model)
            generation = reply["generation"]
            await slow.ask("conversation.open", conversation=reply["conversation"])
            await fast.wait_for(lambda f: f["type"] == "generation.delta" and f["seq"] >= 100)
            received = [len(json.dumps(f)) for f in slow.frames if f["type"].startswith("generation.")]
            behind = slow.shown[generation].seq
            assert behind < 90
            assert sum(received) < 3 * 16384
            slow.is_acking = True
            await slow.tell("ack", generation=generation, seq=behind)
            await slow.wait_for(lambda f: f["type"] == "generation.snapshot" and f["seq"] > behind, 3)
            await fast.ask("generation.stop", generation=generation)
            await slow.wait_for_end(generation)
            await fast.wait_for_end(generation)
            assert fast.shown[generation].is_true
            assert slow.shown[generation].is_true
