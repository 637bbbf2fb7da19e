"""One growing answer in memory: numbered pieces, snapshots that join without seam, and the same HTML at the end."""

import asyncio
import random
import zlib
from collections.abc import Iterator

import msgspec
import pytest

from conversations.events import (
    GenerationDelta,
    GenerationSnapshot,
    Lost,
    Subscription,
    broadcaster,
    conversation_topic,
    encode,
)
from conversations.generation import stream
from conversations.generation.records import Job
from conversations.generation.stream import LiveStream
from conversations.rendering import markdown
from tests.tab import Shown
from tests.upstream.texts import tokens_of

CONVERSATION = "c"


def _job(text: str = "", reasoning: str = "") -> Job:
    return Job("g", CONVERSATION, "m", 1, 1, None, None, None, text, reasoning)


@pytest.fixture
def subscription() -> Iterator[Subscription]:
    watcher = Subscription()
    broadcaster.join(conversation_topic(CONVERSATION), watcher)
    yield watcher
    broadcaster.leave_all(watcher)
    stream.live.clear()


async def _read(subscription: Subscription, shown: Shown) -> None:
    while True:
        event = await subscription.get()
        frame = msgspec.json.decode(encode(event))
        if isinstance(event, GenerationSnapshot):
            shown.snapshot(frame)
        elif isinstance(event, GenerationDelta):
            shown.delta(frame)


async def _settled(shown: Shown, live: LiveStream) -> None:
    async with asyncio.timeout(5):
        while shown.seq < live.seq:
            await asyncio.sleep(0)


@pytest.mark.parametrize("model", ["words-300-0-a", "words-300-0-b", "words-900-0-c"])
async def test_a_viewer_who_comes_at_any_moment_ends_with_the_whole(subscription: Subscription, model: str) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    chance, early, late = random.Random(seed), Shown(), Shown()
    broadcaster.start()
    live = LiveStream(_job())
    reader = asyncio.create_task(_read(subscription, early))
    second = Subscription()
    joining = None
    tokens = tokens_of(model)
    when = chance.randrange(len(tokens))
    for number, token in enumerate(tokens):
        live.add_text(token)
        if number == when:
            broadcaster.join(conversation_topic(CONVERSATION), second)
            late.snapshot(msgspec.json.decode(encode(await live.snapshot())))
            joining = asyncio.create_task(_read(second, late))
        if chance.random() < 0.1:
            await asyncio.sleep(chance.choice([0, 0.001, 0.04]))
    html, digest = await live.close()
    await _settled(early, live)
    await _settled(late, live)
    assert early.html == late.html == html == markdown.render("".join(tokens))
    assert digest == zlib.crc32(html.encode())
    assert (early.gaps, late.gaps, early.tail, late.tail) == (0, 0, "", "")
    for task in (reader, joining):
        if task:
            task.cancel()
    broadcaster.leave_all(second)


async def test_the_first_piece_goes_out_at_once_and_the_last_ones_are_not_held_back(subscription: Subscription) -> None:
    broadcaster.start()
    live = LiveStream(_job())
    assert live.add_text("First")
    assert live.seq == 1
    assert not live.add_text(" and last")
    async with asyncio.timeout(0.5):
        while live.seq < 2:
            await asyncio.sleep(0.005)


async def test_a_continuation_begins_with_what_is_there(subscription: Subscription) -> None:
    broadcaster.start()
    live = LiveStream(_job("Already *here*"))
    snapshot = await live.snapshot()
    assert "<em>here</em>" in "".join(snapshot.blocks) + snapshot.tail
    live.add_text(" and more")
    html, _ = await live.close()
    assert html == markdown.render("Already *here* and more")
    assert live.text == "Already *here* and more"


async def test_reasoning_ends_with_the_first_word_of_the_answer(subscription: Subscription) -> None:
    broadcaster.start()
    live = LiveStream(_job())
    live.add_reasoning("Hm ")
    live.add_reasoning("…")
    live.add_text("So.")
    await live.close()
    assert live.reasoning == "Hm …"
    assert live.reasoned_at is not None
    assert live.state().reasoning == "Hm …"


async def test_a_renderer_that_fails_costs_no_text(subscription: Subscription) -> None:
    broadcaster.start()
    live = LiveStream(_job())
    live.add_text("Some ")
    live._renderer.feed = None  # type: ignore[method-assign, assignment]  # no input is known that breaks it
    live.add_text("*text*")
    await asyncio.sleep(0.1)
    html, _ = await live.close()
    assert html == markdown.render("Some *text*")
    assert live.text == "Some *text*"


async def test_a_stream_that_ended_is_forgotten(subscription: Subscription) -> None:
    broadcaster.start()
    live = LiveStream(_job())
    live.add_text("x")
    await live.close()
    live.leave()
    assert stream.live == {}


def test_pieces_that_a_due_snapshot_holds_are_not_read_before_it() -> None:
    waiting = Subscription()
    for number in range(3):
        waiting.put(GenerationDelta("c", "g", "m", number, []))
        waiting.put(GenerationDelta("c", "other", "m", number, []))
    waiting.put(Lost("c", "g"))
    waiting.put(GenerationDelta("c", "g", "m", 3, []))
    assert [(type(e).__name__, e.generation) for e in waiting._queue if isinstance(e, GenerationDelta | Lost)] == [
        *[("GenerationDelta", "other")] * 3,
        ("Lost", "g"),
        ("GenerationDelta", "g"),
    ]


def test_a_full_subscription_holds_one_mark_for_each_answer_and_all_facts() -> None:
    full = Subscription()
    for number in range(2 * Subscription.CAPACITY):
        full.put(GenerationDelta("c", f"g{number % 3}", "m", number, []))
    assert len(full._queue) <= Subscription.CAPACITY + 1
    marks = [event for event in full._queue if isinstance(event, Lost)]
    assert {mark.generation for mark in marks} == {"g0", "g1", "g2"}


async def test_the_provider_is_read_from_at_once_until_it_has_spoken_and_then_shortly_before_each_tick(
    subscription: Subscription,
) -> None:
    broadcaster.start()
    live = LiveStream(_job())
    assert live.pause() == 0
    live.add_text("One ")
    assert stream.SHORTEST / 2 < live.pause() < stream.SHORTEST
    broadcaster.leave_all(subscription)
    assert stream.SHORTEST < live.pause() <= stream.LONGEST
    live.leave()
