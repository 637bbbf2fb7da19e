"""Whatever a frame holds: a named error or a close; never a stack trace, an upstream call or a row."""

import asyncio
import contextlib
import json
import random
import uuid
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests import stored
from tests.site import Person, Site
from tests.tab import open_tab
from tests.upstream.fixtures import Upstream

SOME_ID = str(uuid.uuid4())
CODES = {"invalid", "too_large", "unknown_order", "not_found", "conflict"}


def send(**fields: Any) -> str:
    return json.dumps({"type": "message.send", "client_id": SOME_ID, "text": "hello"} | fields)


FRAMES: dict[str, str] = {
    "nothing": "",
    "blank": "  ",
    "no JSON": "{",
    "two values": '{"type": "ping"}{"type": "ping"}',
    "a list": '[{"type": "ping"}]',
    "a string": '"ping"',
    "a number": "1",
    "null": "null",
    "NaN": '{"type": "ping", "id": "1", "x": NaN}',
    "Infinity": f'{{"type": "ack", "generation": "{SOME_ID}", "seq": Infinity}}',
    "an infinite number": f'{{"type": "ack", "generation": "{SOME_ID}", "seq": 1e999}}',
    "a huge number": '{{"type": "ack", "generation": "{}", "seq": 1{}}}'.format(SOME_ID, "0" * 300),
    "a number of 10,000 digits": '{"type": "ping", "x": 1%s}' % ("0" * 10_000),
    "a negative number": f'{{"type": "ack", "generation": "{SOME_ID}", "seq": -1}}',
    "a fraction": f'{{"type": "ack", "generation": "{SOME_ID}", "seq": 1.5}}',
    "a boolean for a number": f'{{"type": "ack", "generation": "{SOME_ID}", "seq": true}}',
    "a key twice": '{"type": "ping", "type": "ping"}',
    "a key twice deep inside": '{"type": "ping", "x": [{"a": 1, "a": 2}]}',
    "nested too deeply": '{{"type": "ping", "x": {}{}}}'.format("[" * 40, "]" * 40),
    "nested 100,000 times": '{{"type": "ping", "x": {}{}}}'.format("[" * 100_000, "]" * 100_000),
    "never closed": '{"type": "ping", "x": %s' % ("[" * 100_000),
    "too many keys": json.dumps({"type": "ping"} | {f"k{n}": n for n in range(1001)}),
    "no type": '{"id": "1"}',
    "type null": '{"type": null}',
    "type a list": '{"type": ["message.send"]}',
    "type an object": '{"type": {"a": 1}}',
    "type a number": '{"type": 1}',
    "type unknown": '{"type": "message.destroy"}',
    "type of a method": '{"type": "websocket.disconnect"}',
    "type of a private method": '{"type": "_leave"}',
    "type in capitals": '{"type": "PING"}',
    "id a list": '{"type": "ping", "id": ["1"]}',
    "id too long": '{"type": "ping", "id": "%s"}' % ("x" * 65),
    "id with markup": '{"type": "ping", "id": "<b>"}',
    "id with a lone surrogate": '{"type": "ping", "id": "\\ud800"}',
    "text missing": f'{{"type": "message.send", "client_id": "{SOME_ID}"}}',
    "text a number": send(text=1),
    "text null": send(text=None),
    "text a list": send(text=["hello"]),
    "text an object": send(text={"$ne": 1}),
    "text empty": send(text=""),
    "text of blanks": send(text=" \n "),
    "text too long": send(text="x" * 200_001),
    "client_id missing": '{"type": "message.send", "text": "x"}',
    "client_id no uuid": send(client_id="1"),
    "client_id a number": send(client_id=1),
    "client_id with SQL": send(client_id="' OR 1=1 --"),
    "conversation no uuid": send(conversation="x"),
    "conversation with NUL": send(conversation="\0" * 36),
    "conversation unknown": send(conversation=SOME_ID),
    "conversation a list": send(conversation=[SOME_ID]),
    "parent unknown": send(parent=SOME_ID),
    "parent a lone surrogate": send(parent="\ud800"),
    "model unknown": send(model=SOME_ID),
    "model a name": send(model="gpt-4"),
    "have a list": f'{{"type": "conversation.open", "conversation": "{SOME_ID}", "have": []}}',
    "have with a bad key": f'{{"type": "conversation.open", "conversation": "{SOME_ID}", "have": {{"x": 1}}}}',
    "message no uuid": '{"type": "message.continue", "message": "\\u0000"}',
    "message null": '{"type": "branch.select", "message": null}',
    "frame too large": send(text="x" * (1024 * 1024 + 1)),
    "frame too large in bytes": json.dumps({"type": "ping", "x": "€" * 400_000}, ensure_ascii=False),
}


@pytest.mark.parametrize("name", FRAMES)
async def test_a_malformed_frame_gets_a_named_error(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream, name: str
) -> None:
    before = stored.counts(shared_site)
    async with open_tab(shared_site, person) as tab:
        await tab.connection.send(FRAMES[name])
        refusal = await tab.wait_for_type("error")
        assert refusal["code"] in CODES
        assert refusal["message"].endswith(".")
        assert (await tab.ask("ping"))["ok"]
    assert stored.counts(shared_site) == before
    assert upstream.requests() == []


async def test_a_binary_frame_is_refused(shared_site: Site, person: Person) -> None:
    async with open_tab(shared_site, person) as tab:
        await tab.connection.send(b'{"type": "ping"}')
        assert (await tab.wait_for_type("error"))["code"] == "invalid"


@pytest.mark.parametrize("data", [b'{"type": "ping\xff\xfe"}', b'"' + b"x" * (5 * 1024 * 1024) + b'"'])
async def test_bytes_that_are_no_utf8_and_giant_frames_close_the_socket(
    shared_site: Site, person: Person, data: bytes
) -> None:
    headers = {"Origin": shared_site.url, "Cookie": f"session={person.session}"}
    with contextlib.suppress(ConnectionError, ConnectionClosed):  # the server drops it, perhaps before all was read
        async with connect(shared_site.socket_url, additional_headers=headers, proxy=None) as connection:
            await connection.send(data, text=True)
            await asyncio.wait_for(connection.wait_closed(), 5)
    assert connection.close_code in {1006, 1007, 1009}
    async with open_tab(shared_site, person) as tab:
        assert (await tab.ask("ping"))["ok"]


async def test_fields_that_only_the_site_sets_have_no_effect(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    given: dict[str, Any] = {
        "role": "system",
        "status": "complete",
        "owner": 1,
        "cost": 0,
        "author": 1,
        "created_at": "1970-01-01",
    }
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=models["words-200-400"], **given, system_prompt="evil", temperature=99)
        await tab.wait_for_end(reply["generation"])
    assert [row["role"] for row in stored.messages(shared_site, reply["conversation"])] == ["user", "assistant"]
    body = upstream.requests()[0]["body"]
    assert set(body) == {"model", "messages", "stream", "stream_options"}
    assert body["messages"] == [{"role": "user", "content": "Hello"}]


def _mutated(chance: random.Random) -> str:
    """A frame that is nearly right: one of the orders with a field or two replaced by something strange."""
    kinds = ["conversation.open", "message.send", "message.edit", "message.regenerate", "message.continue"]
    kinds += ["message.retry", "branch.select", "generation.stop", "ack", "conversation.close", "ping"]
    names = ["id", "conversation", "message", "generation", "parent", "model", "client_id", "text", "have", "seq"]
    strange: list[Any] = [None, True, -1, 2**63, 1.5, "", "\0", "\ud83d", "x" * 300, [], {}, [[]], {"": 0}, SOME_ID]
    frame: dict[str, Any] = {name: str(uuid.UUID(int=chance.getrandbits(128))) for name in names if name != "have"}
    frame |= {"type": chance.choice(kinds), "seq": 1, "have": {}, "text": chance.choice([" ", "", 5])}
    for name in chance.sample([*names, "type"], chance.randint(0, 3)):
        frame[name] = chance.choice(strange)
    for name in chance.sample(names, chance.randint(0, 2)):
        frame.pop(name, None)
    return json.dumps(frame)


async def test_hundreds_of_nearly_right_frames_are_survived(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    chance, before = random.Random(seed), stored.counts(shared_site)
    for _ in range(6):
        async with open_tab(shared_site, person) as tab:
            for _ in range(50):
                await tab.connection.send(_mutated(chance))
            assert (await tab.ask("ping"))["ok"]
    assert stored.counts(shared_site) == before
    assert upstream.requests() == []
