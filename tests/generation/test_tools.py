"""Calls while they are written and when they are kept; and answers asked for as JSON, which are shown as code."""

import asyncio
import json
import random
import uuid
import zlib
from collections.abc import Iterator

import msgspec
import pytest

from conversations.actions.runs import Sent
from conversations.events import GenerationDelta, Subscription, broadcaster, conversation_topic, encode
from conversations.generation import endings, records, stream
from conversations.generation.calls import GatheredCalls
from conversations.generation.records import Job
from conversations.generation.stream import LiveStream
from conversations.models import GenerationStatus, LanguageModel, Message, User
from conversations.providers.base import ChatRequest, ToolCall, ToolCallDelta
from conversations.rendering import markdown
from conversations.rendering.raw import JSON_OPENING
from tests.tab import Shown
from tests.trees import say

CONVERSATION = "tools"
WANTED: dict[str, object] = {"response_format": {"type": "json_object"}}
ANSWER = '{"a*b": ["*one*", "<i>", "`x`"],\n    "n": 1}'


def _job(text: str = "", parameters: dict[str, object] | None = None) -> Job:
    request = ChatRequest("m", (), parameters=parameters or {})
    return Job("g", CONVERSATION, "m", 1, 1, None, None, request, text, "")


@pytest.fixture
def live() -> Iterator[LiveStream]:
    yield LiveStream(_job())
    stream.live.clear()


def _pieces(chance: random.Random) -> list[ToolCallDelta]:
    """Two calls, interleaved and cut anywhere; each begins with a piece that has only id and name."""
    queues: list[list[ToolCallDelta]] = []
    for index in (0, 1):
        text = json.dumps({"city": "Zürich", "number": index})
        cuts = sorted(chance.sample(range(1, len(text)), 6))
        parts = [text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        queues.append([ToolCallDelta(index, f"id-{index}", f"tool_{index}", part) for part in ["", *parts]])
    pieces = []
    while any(queues):
        pieces.append(chance.choice([queue for queue in queues if queue]).pop(0))
    return pieces


async def test_a_viewer_who_comes_at_any_moment_sees_the_whole_calls(live: LiveStream) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    chance, late, watcher, since = random.Random(seed), Shown(), Subscription(), 0
    broadcaster.start()
    pieces = _pieces(chance)
    when = chance.randrange(len(pieces))
    for number, piece in enumerate(pieces):
        live.add_tool_call(piece)
        if number == when:
            broadcaster.join(conversation_topic(CONVERSATION), watcher)
            late.snapshot(msgspec.json.decode(encode(await live.snapshot())))
            since = late.seq
        await asyncio.sleep(chance.choice([0, 0, 0.04]))
    await live.close()
    while not watcher.is_empty:
        event = await watcher.get()
        if isinstance(event, GenerationDelta) and event.seq > since:
            late.delta(msgspec.json.decode(encode(event)))
    broadcaster.leave_all(watcher)
    assert late.gaps == 0
    assert [ToolCall(*late.calls[index]) for index in (0, 1)] == list(live.tool_calls)
    assert json.loads(late.calls[1][2]) == {"city": "Zürich", "number": 1}


async def test_what_a_tool_of_the_provider_does_is_in_the_snapshot_until_it_is_over(live: LiveStream) -> None:
    live.say_status("Searching the web …")
    assert (await live.snapshot()).status == "Searching the web …"
    live.say_status("")
    assert (await live.snapshot()).status == ""
    await live.close()


def test_each_call_has_an_id_of_its_own() -> None:
    gathered = GatheredCalls()
    for index, call_id in enumerate(["a", "a", "", "x" * 300, "call_2"]):
        gathered.add(ToolCallDelta(index, call_id, f"tool_{index}", "{}"))
    ids = [call.id for call in gathered.calls()]
    assert ids[0] == "a"
    assert len(set(ids)) == len(ids) == 5
    assert all(len(each) <= 200 for each in ids)


async def test_an_answer_asked_for_as_json_is_one_block_of_code_from_its_first_letter() -> None:
    live = LiveStream(_job(parameters=WANTED))
    broadcaster.start()
    for letter in ANSWER:
        live.add_text(letter)
        blocks, tail = live.state().blocks, live.state().tail
        assert "<em>" not in "".join(blocks) + tail
    html, digest = await live.close()
    live.leave()
    assert html == markdown.render(JSON_OPENING + ANSWER)
    assert digest == zlib.crc32(html.encode())
    assert html.count("<figure") == 1


async def test_a_refusal_and_an_answer_without_text_are_no_code() -> None:
    for text, is_refusal in (("I can't *do* that.", True), ("", False)):
        live = LiveStream(_job(parameters=WANTED))
        broadcaster.start()
        if text:
            live.add_text(text, is_refusal=is_refusal)
        live.add_tool_call(ToolCallDelta(0, "a", "b", "{}"))
        html, _ = await live.close()
        live.leave()
        assert html == markdown.render(text)


async def test_json_that_goes_on_stays_one_block_of_code() -> None:
    live = LiveStream(_job(ANSWER[:20], parameters=WANTED))
    broadcaster.start()
    live.add_text(ANSWER[20:])
    html, _ = await live.close()
    live.leave()
    assert html == markdown.render(JSON_OPENING + ANSWER)


def _end(sent: Sent, status: GenerationStatus, reason: str) -> Message:
    (job,), _ = records.claim("tests")
    calls = ToolCall("a", "whole", "{}"), ToolCall("b", "half", '{"city": "Par')
    progress = records.Progress(job.generation, job.message, job.fence, "", "", 1, tool_calls=calls)
    assert endings.finish(job, endings.Ending(progress, status, "", markdown.VERSION, 0, finish_reason=reason))
    return Message.objects.get(pk=sent.answer.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "reason", "kept"),
    [
        (GenerationStatus.COMPLETE, "tool_calls", ["whole", "half"]),
        (GenerationStatus.COMPLETE, "length", ["whole"]),
        (GenerationStatus.STOPPED, "", []),
        (GenerationStatus.INTERRUPTED, "", []),
        (GenerationStatus.FAILED, "", []),
    ],
)
def test_only_an_answer_that_came_to_its_end_keeps_its_calls(
    alice: User, model: LanguageModel, status: GenerationStatus, reason: str, kept: list[str]
) -> None:
    message = _end(say(alice, client_id=uuid.uuid4()), status, reason)
    assert [call["name"] for call in message.tool_calls] == kept


@pytest.mark.django_db(transaction=True)
def test_json_that_a_crash_cut_is_kept_as_code(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    records.claim("tests")
    row = sent.generation
    row.refresh_from_db()
    row.request["parameters"] = {name: {"value": value, "source": "own"} for name, value in WANTED.items()}
    row.save(update_fields=["request"])
    Message.objects.filter(pk=sent.answer.pk).update(text=ANSWER)
    assert endings.interrupt_orphans("another", is_alone=True) == 1
    assert Message.objects.get(pk=sent.answer.pk).html == markdown.render(JSON_OPENING + ANSWER)
