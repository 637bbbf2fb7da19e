"""Exports with anything at any place: each conversation is read or refused by a sentence, and no error escapes."""

import contextlib
import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from conversations.exceptions import TransferError
from conversations.transfer.archive_records import from_json, to_json
from conversations.transfer.detect import open_source
from conversations.transfer.hashes import hash_of
from conversations.transfer.html_export import conversation_html
from conversations.transfer.markdown_export import conversation_markdown
from conversations.transfer.records import ConversationRecord
from conversations.transfer.sources import Readable
from tests.transfer.shapes import PNG, gpt, gpt_node, json_file, libre, libre_node, webui, webui_node
from tests.transfer.test_archive import GOOD

STRANGE: list[Any] = [
    None, True, False, 0, -1, 7, 10**30, 1e308, -0.0, "", "x", "\0", "a" * 300, "2024-01-01", "9" * 400, [], {}, [[]],
    [None], [7, "x", {}], {"x": 1}, {"": {}}, {"text": 7}, {"type": 7}, {"content_type": 7}, "data:image/png;base64,AA",
]  # fmt: skip


def rich() -> list[Any]:
    parts = {
        "content_type": "multimodal_text",
        "parts": ["x", {"content_type": "image_asset_pointer", "asset_pointer": "a"}],
    }
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "s", "content": "c"}]}
    nodes = [
        gpt_node("r", None),
        gpt_node("q", "r", "user", content=parts),
        gpt_node("t", "q", "assistant", content=thoughts),
    ]
    nodes += [
        gpt_node(
            "a", "t", "assistant", "A", metadata={"attachments": [{"id": "i", "name": "n"}], "content_references": [{}]}
        )
    ]
    files = [
        {"type": "image", "url": "data:image/png;base64,AAAA"},
        {"type": "file", "file": {"data": {"content": "c"}}},
    ]
    chat = [webui_node("q", None, "user", [{"type": "text", "text": "x"}], files=files)]
    details = '<details type="tool_calls" arguments="1">x</details>y'
    chat += [webui_node("a", "q", "assistant", details, sources=[{"source": {"url": "u"}, "metadata": [{}]}], usage={})]
    content = [
        {"type": "think", "think": "t"},
        {"type": "tool_call", "tool_call": {"args": "{}"}},
        {"type": "text", "text": "x"},
    ]
    inner = libre_node("a", "q", "", is_person=False, content=content, files=[{"type": "image/png"}])
    tree = libre(messagesTree=[libre_node("q", "", "x", is_person=True, children=[inner])], recursive=True)
    return [gpt(*nodes), webui(*chat), tree]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys."""
    waiting = [value]
    while waiting:
        container = waiting.pop()
        keys = range(len(container)) if isinstance(container, list) else container
        for key in keys:
            yield container, key
            if isinstance(container[key], dict | list):
                waiting.append(container[key])


def changed(value: Any, random: Random) -> Any:
    """A copy with strange values at one to three of its places."""
    copy = json.loads(json.dumps(value))
    for _ in range(random.randint(1, 3)):
        container, key = random.choice(list(places(copy)))
        container[key] = deepcopy(random.choice(STRANGE))
    return copy


def check(record: ConversationRecord) -> None:
    """It can be written, read again with nothing to repair, compared and shown."""
    assert json.dumps(to_json(record), allow_nan=False).isascii()
    again, _ = from_json(to_json(record))
    assert hash_of(again)
    assert conversation_html(record, lambda image: image.data, whole_tree=True)
    assert conversation_markdown(record, whole_tree=True)
    keys = [message.key for message in record.messages]
    assert len(set(keys)) == len(keys)
    assert record.selected in keys
    for place, message in enumerate(record.messages):
        assert message.parent is None or message.parent in keys[:place]


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("seed", range(12))
def test_no_error_escapes_from_a_foreign_export(tmp_path: Path, which: int, seed: int) -> None:
    random = Random(1000 * which + seed)
    values = [changed(rich()[which], random) for _ in range(60)]
    with open_source(json_file(tmp_path, [rich()[which], *values])) as source:
        found = list(source.conversations())
    assert len(found) == 61
    for each in found:
        if isinstance(each, Readable):
            check(each.record)
        else:
            assert each.reason.endswith(".")
    assert isinstance(found[0], Readable)


@pytest.mark.parametrize("seed", range(5))
def test_no_error_escapes_from_our_own(seed: int) -> None:
    random = Random(seed)
    whole = GOOD["messages"][0] | {
        "images": [{"url": "https://a.example/b.png"}],
        "runs": [{"status": "complete", "cost": "1", "started_at": "2026-11-20T15:00:00.000000Z", "input_tokens": 3}],
        "tool_calls": [{"id": "1", "name": "n", "arguments": "{}"}],
        "citations": [{"url": "https://a.example", "title": "t"}],
        "provider_items": [{"a": [PNG.hex()]}],
    }
    records = []
    for _ in range(400):
        with contextlib.suppress(TransferError):
            records.append(from_json(changed({**GOOD, "messages": [whole]}, random))[0])
    assert records
    for record in records:
        if record.messages:
            check(record)
