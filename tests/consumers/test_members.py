"""Shared conversations over the socket: who may do what, who hears what, and how access ends."""

import asyncio
import time
import uuid
from dataclasses import dataclass

import pytest

from conversations.consumers.forwarding import ACCESS_LOST
from tests import stored
from tests.sharing import Web, browsing, shared
from tests.site import Person, Site, new_name
from tests.tab import Frame, Tab, open_tab
from tests.upstream.fixtures import Upstream

SOON = 5.0


@dataclass
class Cast:
    """Alice owns ``made["conversation"]``, bob may write in it, vera may read it, carol is a stranger."""

    site: Site
    alice: Person
    bob: Person
    vera: Person
    carol: Person
    made: dict[str, str]

    @property
    def conversation(self) -> str:
        return self.made["conversation"]


@pytest.fixture(scope="module")
def people(shared_site: Site) -> list[Person]:
    return [shared_site.add_person(new_name(name)) for name in ("alice", "bob", "vera", "carol")]


@pytest.fixture
def cast(shared_site: Site, models: dict[str, str], people: list[Person]) -> Cast:
    alice, bob, vera, carol = people
    made = shared(shared_site, alice, {bob.name: "editor", vera.name: "viewer"})
    return Cast(shared_site, alice, bob, vera, carol, made)


async def look(tab: Tab, cast: Cast) -> Frame:
    reply = await tab.ask("conversation.open", conversation=cast.conversation)
    assert reply.get("ok"), reply
    return reply


async def post(cast: Cast, actor: Person, path: str, **fields: str) -> int:
    def work() -> int:
        with browsing(cast.site, actor) as web:
            return web.post(path, **fields).status_code

    return await asyncio.to_thread(work)


def orders_of_writers(cast: Cast) -> dict[str, dict[str, object]]:
    """All that only those who may write may order."""
    made, once = cast.made, {"client_id": str(uuid.uuid4())}
    return {
        "message.send": {**once, "conversation": made["conversation"], "parent": made["answer"], "text": "x"},
        "message.edit": {**once, "message": made["question"], "text": "x"},
        "message.regenerate": {**once, "message": made["answer"]},
        "message.continue": {**once, "message": made["answer"]},
        "message.retry": {**once, "message": made["answer"]},
        "message.answer_tools": {**once, "message": made["answer"], "results": []},
        "branch.select": {"message": made["answer"]},
        "presence.typing": {"conversation": made["conversation"]},
    }


async def test_a_viewer_may_open_but_order_nothing(cast: Cast) -> None:
    async with open_tab(cast.site, cast.vera) as tab:
        await look(tab, cast)
        rights = await tab.wait_for_type("members.changed")
        assert (rights["may_edit"], rights["is_shared"]) == (False, True)
        for kind, fields in orders_of_writers(cast).items():
            assert (await tab.ask(kind, **fields))["code"] == "not_found", kind
    assert len(stored.messages(cast.site, cast.conversation)) == 2


async def test_a_stranger_may_not_even_open(cast: Cast) -> None:
    async with open_tab(cast.site, cast.carol) as tab:
        assert (await tab.ask("conversation.open", conversation=cast.conversation))["code"] == "not_found"
        for kind, fields in orders_of_writers(cast).items():
            assert (await tab.ask(kind, **fields))["code"] == "not_found", kind


async def test_all_see_the_question_of_an_editor_and_its_answer(cast: Cast, models: dict[str, str]) -> None:
    async with (
        open_tab(cast.site, cast.alice) as alice,
        open_tab(cast.site, cast.bob) as bob,
        open_tab(cast.site, cast.vera) as vera,
    ):
        for tab in (alice, bob, vera):
            await look(tab, cast)
        fields = {"conversation": cast.conversation, "parent": cast.made["answer"], "model": models["words-200-400"]}
        sent = await bob.send("What does Bob want?", **fields)
        for tab in (alice, vera):
            added = await tab.wait_for_type("message.added")
            assert cast.bob.name in added["html"]
            await tab.wait_for_type("generation.delta", generation=sent["generation"])
            end = await tab.wait_for_end(sent["generation"])
            assert tab.shown[sent["generation"]].is_true
            assert ("regenerate" in end["html"]) == (tab is alice)
        assert "edit" not in (await vera.wait_for_type("message.added"))["html"].replace("editor", "")
    assert str(stored.generation(cast.site, sent["generation"])["owner_id"]) == str(cast.bob.user_id)


async def test_an_editor_stops_what_another_asked_for_and_a_viewer_can_not(cast: Cast, models: dict[str, str]) -> None:
    async with (
        open_tab(cast.site, cast.alice) as alice,
        open_tab(cast.site, cast.bob) as bob,
        open_tab(cast.site, cast.vera) as vera,
    ):
        await look(bob, cast)
        fields = {"conversation": cast.conversation, "parent": cast.made["answer"], "model": models["words-600-60"]}
        sent = await alice.send("Long", **fields)
        await bob.wait_for_type("generation.delta", generation=sent["generation"])
        assert (await vera.ask("generation.stop", generation=sent["generation"]))["code"] == "not_found"
        assert (await bob.ask("generation.stop", generation=sent["generation"]))["ok"]
        assert (await bob.wait_for_end(sent["generation"], 5))["status"] == "stopped"


@pytest.mark.parametrize("way", ["removed", "left"])
async def test_the_socket_of_an_ex_member_is_closed_soon(cast: Cast, way: str) -> None:
    async with open_tab(cast.site, cast.bob) as bob, open_tab(cast.site, cast.alice) as alice:
        await look(bob, cast)
        await look(alice, cast)
        actor = cast.alice if way == "removed" else cast.bob
        began = time.monotonic()
        assert await post(cast, actor, f"/members/{cast.made[cast.bob.name]}/delete/") == 200
        assert (await bob.wait_for_type("conversation.removed", SOON))["reason"]
        assert await bob.closed(SOON) == ACCESS_LOST
        print(f"closed after {time.monotonic() - began:.2f} s")
        assert time.monotonic() - began < SOON
        assert (await alice.ask("ping"))["ok"]
    async with open_tab(cast.site, cast.bob) as again:
        assert (await again.ask("conversation.open", conversation=cast.conversation))["code"] == "not_found"


_LEAVE_GROUP = """
from django.contrib.auth.models import Group
from conversations.models import Member, User
if how == "group":
    Group.objects.get(name=name).user_set.remove(user_id)
elif how == "deleted group":
    Group.objects.get(name=name).delete()
else:
    User.objects.filter(pk=user_id).update(is_active=False)
result = True
"""


@pytest.mark.parametrize("how", ["group", "deleted group", "account"])
async def test_access_that_ends_behind_the_back_of_this_process_ends_here_soon(cast: Cast, how: str) -> None:
    name, fred = new_name("group"), cast.site.add_person(new_name("fred"))
    made = shared(cast.site, cast.alice, groups={name: "editor"})
    code = "from django.contrib.auth.models import Group\nGroup.objects.get(name=name).user_set.add(user_id)"
    cast.site.run(code, name=name, user_id=fred.user_id)
    async with open_tab(cast.site, fred) as tab:
        assert (await tab.ask("conversation.open", conversation=made["conversation"]))["ok"]
        await asyncio.to_thread(cast.site.run, _LEAVE_GROUP, how=how, name=name, user_id=fred.user_id)
        assert await tab.closed(SOON) in {ACCESS_LOST, 4401}


async def test_a_role_holds_at_once_and_the_page_hears_it(cast: Cast) -> None:
    async with open_tab(cast.site, cast.bob) as bob:
        await look(bob, cast)
        assert (await bob.wait_for_type("members.changed"))["may_edit"]
        await post(cast, cast.alice, f"/members/{cast.made[cast.bob.name]}/update/", role="viewer")
        await bob.wait_for_type("members.changed", SOON, may_edit=False)
        kind, fields = "message.send", orders_of_writers(cast)["message.send"]
        assert (await bob.ask(kind, **fields))["code"] == "not_found"


async def test_who_is_invited_sees_the_row_at_once_and_loses_it_at_once(cast: Cast) -> None:
    async with open_tab(cast.site, cast.carol) as carol, open_tab(cast.site, cast.vera) as vera:
        path = f"/conversations/{cast.conversation}/people/add/"
        assert await post(cast, cast.alice, path, person=cast.carol.name, role="viewer") == 200
        row = await carol.wait_for_type("conversation.changed", SOON, conversation=cast.conversation)
        assert "Ours" in row["html"]
        assert f"{cast.conversation}/delete/" not in row["html"]
        code = "from conversations.models import Member\nresult = str(Member.objects.get(user_id=user).pk)"
        member = await asyncio.to_thread(cast.site.run, code, user=cast.carol.user_id)
        await post(cast, cast.alice, f"/members/{member}/delete/")
        await carol.wait_for_type("conversation.removed", SOON, conversation=cast.conversation)
        await vera.ask("ping")
        assert not [frame for frame in vera.frames if frame["type"] == "conversation.removed"]


async def test_people_see_who_is_here_and_when_they_go(cast: Cast) -> None:
    async with open_tab(cast.site, cast.alice) as alice:
        await look(alice, cast)
        async with open_tab(cast.site, cast.vera) as vera:
            await look(vera, cast)
            here = await alice.wait_for_type("presence.changed", SOON, count=1)
            assert cast.vera.name in here["html"]
            assert cast.alice.name in (await vera.wait_for_type("presence.changed", SOON, count=1))["html"]
        left = time.monotonic()
        await alice.wait_for(
            lambda f: f["type"] == "presence.changed" and f["count"] == 0 and f is alice.frames[-1], SOON
        )
        print(f"gone after {time.monotonic() - left:.2f} s")


async def test_a_page_that_is_loaded_again_does_not_flicker(cast: Cast) -> None:
    async with open_tab(cast.site, cast.alice) as alice:
        await look(alice, cast)
        for _ in range(3):
            async with open_tab(cast.site, cast.bob) as bob:
                await look(bob, cast)
                await alice.wait_for_type("presence.changed", SOON, count=1)
        async with open_tab(cast.site, cast.bob) as bob:
            await look(bob, cast)
            await alice.ask("ping")
            assert [f["count"] for f in alice.frames if f["type"] == "presence.changed" and f["count"]] == [1]


async def test_writing_is_told_to_the_others_alone_and_not_too_often(cast: Cast) -> None:
    async with open_tab(cast.site, cast.alice) as alice, open_tab(cast.site, cast.bob) as bob:
        await look(alice, cast)
        await look(bob, cast)
        for _ in range(5):
            assert (await bob.ask("presence.typing", conversation=cast.conversation))["ok"]
        assert (await alice.wait_for_type("presence.typing", SOON))["name"] == cast.bob.name
        await alice.ask("ping")
        assert len([f for f in alice.frames if f["type"] == "presence.typing"]) == 1
        assert not [f for f in bob.frames if f["type"] == "presence.typing"]


async def test_two_who_write_at_once_make_siblings_and_nothing_is_lost(
    cast: Cast, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(cast.site, cast.alice) as alice, open_tab(cast.site, cast.bob) as bob:
        for tab in (alice, bob):
            await look(tab, cast)
        fields = {"conversation": cast.conversation, "parent": cast.made["answer"], "model": models["words-200-400"]}
        ours = await asyncio.gather(alice.send("From Alice", **fields), bob.send("From Bob", **fields))
        questions = [row for row in stored.messages(cast.site, cast.conversation) if row["role"] == "user"][1:]
        assert {row["text"] for row in questions} == {"From Alice", "From Bob"}
        assert len({row["parent_id"] for row in questions}) == 1
        first, second = sorted(ours, key=lambda reply: reply["revision"])
        loser = alice if first is ours[0] else bob
        told = await loser.wait_for_type("message.added", SOON, revision=second["revision"])
        assert "beside" in told
        for reply in ours:
            await loser.wait_for_end(reply["generation"])


async def test_the_same_client_id_of_two_people_is_two_orders(cast: Cast, models: dict[str, str]) -> None:
    fields = {"conversation": cast.conversation, "parent": cast.made["answer"], "client_id": str(uuid.uuid4())}
    async with open_tab(cast.site, cast.alice) as alice, open_tab(cast.site, cast.bob) as bob:
        mine = await alice.send("From Alice", model=models["words-200-400"], **fields)
        theirs = await bob.send("From Bob", model=models["words-200-400"], **fields)
        assert theirs["code"] == "conflict"
        again = await alice.send("From Alice", model=models["words-200-400"], **fields)
        assert again["answer"] == mine["answer"]


def test_a_page_shows_a_viewer_everything_but_ways_to_write(cast: Cast) -> None:
    def page(person: Person) -> str:
        with browsing(cast.site, person) as web:
            response = Web(web._client).get(f"/conversations/{cast.conversation}/")
            return response.text if response.status_code == 200 else ""

    seen = page(cast.vera)
    assert "You can read this conversation" in seen
    assert "Who is here?" in seen
    for way in ("composer-form", "regenerate", 'data-action="edit"', "picker-button", 'id="rename"'):
        assert way not in seen.split("<template", 1)[0], way
    assert "composer-form" in page(cast.bob)
    assert page(cast.carol) == ""
