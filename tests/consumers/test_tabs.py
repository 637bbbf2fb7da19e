"""What several tabs see of one answer: the same text, the same HTML, whenever they came."""

import asyncio
import json
import time
import uuid

import pytest

from conversations.rendering import markdown
from tests import stored
from tests.site import Person, Site
from tests.tab import Tab, open_tab
from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream


def texts_of(tab: Tab, generation: str) -> str:
    shown = tab.shown[generation]
    assert shown.is_true
    assert shown.gaps == 0
    return shown.html


async def test_two_tabs_end_with_the_html_of_the_text(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(shared_site, person) as one, open_tab(shared_site, person) as two:
        reply = await one.send("Hello", model=models["words-200-400"])
        await two.wait_for_type("conversation.changed", conversation=reply["conversation"])
        assert (await two.ask("conversation.open", conversation=reply["conversation"]))["ok"]
        await one.wait_for_end(reply["generation"])
        end = await two.wait_for_end(reply["generation"])
    text = stored.message(shared_site, reply["answer"])["text"]
    assert text == expected_text("words-200-400")
    assert texts_of(one, reply["generation"]) == texts_of(two, reply["generation"]) == markdown.render(text)
    assert (end["status"], end["length"]) == ("complete", len(text))
    assert stored.message(shared_site, reply["answer"])["html"] == markdown.render(text)


async def test_a_tab_that_comes_late_gets_a_snapshot_and_goes_on_from_there(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(shared_site, person) as one:
        reply = await one.send("Hello", model=models["words-600-60"])
        await one.wait_for_type("generation.delta", seq=10)
        async with open_tab(shared_site, person) as late:
            await late.ask("conversation.open", conversation=reply["conversation"])
            snapshot = await late.wait_for_type("generation.snapshot")
            await late.wait_for_type("generation.delta", seq=snapshot["seq"] + 1, seconds=1)
            await late.ask("generation.stop", generation=reply["generation"])
            await late.wait_for_end(reply["generation"])
            await one.wait_for_end(reply["generation"], seconds=1)
        assert snapshot["seq"] >= 10
        assert texts_of(one, reply["generation"]) == texts_of(late, reply["generation"])


async def test_opening_again_and_again_never_loses_or_doubles_a_piece(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=models["words-4000-300"])
        for _ in range(40):
            await tab.ask("conversation.close", conversation=reply["conversation"])
            await tab.ask("conversation.open", conversation=reply["conversation"])
            await asyncio.sleep(0.05)
        await tab.wait_for_type("generation.delta")
        await tab.ask("generation.stop", generation=reply["generation"])
        await tab.wait_for_end(reply["generation"])
        assert tab.shown[reply["generation"]].is_true


async def test_a_reload_shows_text_within_a_second_also_where_nobody_watched(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=models["words-600-60"])
        await tab.wait_for_type("generation.delta")
    await asyncio.sleep(1.3)
    async with open_tab(shared_site, person) as tab:
        began = time.monotonic()
        await tab.ask("conversation.open", conversation=reply["conversation"])
        snapshot = await tab.wait_for_type("generation.snapshot")
        await tab.wait_for_type("generation.delta", seq=snapshot["seq"] + 1)
        assert time.monotonic() - began < 1
        await tab.ask("generation.stop", generation=reply["generation"])


async def test_the_other_tab_hears_of_the_message_and_the_sender_does_not(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(shared_site, person) as one, open_tab(shared_site, person) as two:
        first = await one.send("Hello <b>", model=models["words-200-400"])
        await one.wait_for_end(first["generation"])
        await two.ask("conversation.open", conversation=first["conversation"])
        second = await one.send("More", conversation=first["conversation"], parent=first["answer"])
        added = await two.wait_for_type("message.added")
        assert added["messages"] == [second["question"], second["answer"]]
        assert "More" in added["html"]
        await two.wait_for_end(second["generation"])
        assert not [frame for frame in one.frames if frame["type"] == "message.added"]
        row = await two.wait_for_type("conversation.changed", conversation=first["conversation"])
    assert row["title"] == "Hello <b>"
    assert "<b>" not in row["html"].replace("<bdi>", "")


async def test_a_continuation_shows_what_stands_there_before_the_first_new_word(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=models["words-600-60"])
        await tab.wait_for_type("generation.delta", seq=8)
        await tab.ask("generation.stop", generation=reply["generation"])
        await tab.wait_for_end(reply["generation"])
    before = stored.message(shared_site, reply["answer"])["text"]
    upstream.script("words-600-60", [{"do": "gate", "name": "go on"}], times=1)
    async with open_tab(shared_site, person) as tab:
        again = await tab.ask("message.continue", message=reply["answer"], client_id=str(uuid.uuid4()))
        await tab.wait_for_type("generation.started", generation=again["generation"])
        await tab.ask("conversation.open", conversation=reply["conversation"])
        snapshot = await tab.wait_for_type("generation.snapshot", generation=again["generation"])
        await tab.ask("generation.stop", generation=again["generation"])
        await tab.wait_for_end(again["generation"])
        assert tab.shown[again["generation"]].is_true
    assert "".join(snapshot["blocks"]) + snapshot["tail"]
    assert stored.message(shared_site, reply["answer"])["text"] == before


@pytest.mark.parametrize("round_", range(3))
async def test_the_same_send_over_two_sockets_at_once_is_one_message(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream, round_: int
) -> None:
    order = {"client_id": str(uuid.uuid4()), "model": models["words-200-400"]}
    async with open_tab(shared_site, person) as one, open_tab(shared_site, person) as two:
        replies = await asyncio.gather(*(tab.send("Once", **order) for tab in (one, two, one, two)))
        assert {reply["answer"] for reply in replies} == {replies[0]["answer"]}
        await one.wait_for_end(replies[0]["generation"])
        again = await two.send("Once", **order)
    assert again["answer"] == replies[0]["answer"]
    assert len(stored.messages(shared_site, again["conversation"])) == 2
    assert len(upstream.requests()) == 1


async def test_text_no_database_holds_is_replaced_on_both_ways(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    pieces = ["a\x00b", "\ud800", "c", "\ud83d", "\ude00", "\u2028\u0085", "\x1b\x07", "\r", "\n", "<script>"]
    events = [f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': p}}]})}\n\n" for p in pieces]
    end = 'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    body = "".join([*events, end]).encode()
    upstream.script(
        "scripted",
        [
            {"do": "head", "status": 200, "headers": {"Content-Type": "text/event-stream"}},
            {"do": "send", "data": __import__("base64").b64encode(body).decode(), "cut": 7},
        ],
        times=1,
    )
    async with open_tab(shared_site, person) as tab:
        await tab.connection.send(
            json.dumps(
                {"type": "message.send", "id": "1", "client_id": str(uuid.uuid4()), "text": "x\0y\ud800z"}
                | {"model": models["scripted"]}
            )
        )
        reply = await tab.wait_for_type("reply")
        end_frame = await tab.wait_for_end(reply["generation"])
        assert end_frame["status"] == "complete"
        assert tab.shown[reply["generation"]].is_true
    question, answer = stored.messages(shared_site, reply["conversation"])
    assert question["text"] == "x\ufffdy\ufffdz"
    assert answer["text"].startswith("a\ufffdb\ufffdc😀\u2028\u0085")
    assert "<script>" not in answer["html"]
