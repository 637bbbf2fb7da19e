"""Our own archive gives back what went in; what breaks its rules is refused by name."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.exceptions import DamagedTransferError, UnknownTransferError
from conversations.transfer.archive import write_archive
from conversations.transfer.archive_records import to_json
from conversations.transfer.detect import open_source
from conversations.transfer.hashes import hash_of
from conversations.transfer.records import ConversationRecord, ImageRecord, MessageRecord, RunRecord
from conversations.transfer.sources import Readable
from tests.transfer.records import conversations
from tests.transfer.shapes import PNG, one, outline, read, refusal, zip_file

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def no_image(image: ImageRecord) -> BinaryIO | None:
    return None


def message(key: str = "m", parent: str | None = None, **values: Any) -> MessageRecord:
    return MessageRecord(**{"key": key, "parent": parent, "role": "user", "created_at": NOW, "text": "Hi"} | values)


def conversation(*messages: MessageRecord, **values: Any) -> ConversationRecord:
    known = list(messages) or [message()]
    base = {"key": "k", "title": "T", "created_at": NOW, "active_at": NOW, "messages": known, "selected": known[-1].key}
    return ConversationRecord(**base | values)  # type: ignore[arg-type]


def packed(folder: Path, *values: Any, **manifest: Any) -> Path:
    about = {"format": "chatsite-export", "version": 1, "counts": {"conversations": len(values)}} | manifest
    entries: dict[str, bytes | str] = {f"conversations/{n:06}.json": json.dumps(v) for n, v in enumerate(values)}
    return zip_file(folder, {**entries, "manifest.json": json.dumps(about)})


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(st.lists(conversations(), max_size=3))
def test_what_goes_out_comes_in_again(tmp_path: Path, records: list[ConversationRecord]) -> None:
    path, again = tmp_path / "a.zip", tmp_path / "b.zip"
    write_archive(path, records, no_image, created_at=NOW)
    with open_source(path) as source:
        found = [each for each in source.conversations() if isinstance(each, Readable)]
        assert [hash_of(each.record) for each in found] == [hash_of(record) for record in records]
        assert [each.notes for each in found] == [()] * len(records)
        assert [replace(each.record, messages=[]) for each in found] == [replace(each, messages=[]) for each in records]

        def opened(image: ImageRecord) -> BinaryIO | None:
            data = source.read_image(image)
            return None if data is None else io.BytesIO(data)

        write_archive(again, [each.record for each in found], opened, created_at=NOW)
    assert read(again) == found


def test_pictures_stand_in_it_once_and_lost_ones_are_counted(tmp_path: Path) -> None:
    images = [
        ImageRecord(data=PNG, name="a"),
        ImageRecord(data=PNG, name="b"),
        ImageRecord(name="lost", sha256="0" * 64),
    ]
    written = write_archive(tmp_path / "a.zip", [conversation(message(images=images))], no_image, created_at=NOW)
    assert (written.conversations, written.messages, written.files, written.missing_files) == (1, 1, 1, 1)
    name = f"files/{hashlib.sha256(PNG).hexdigest()}.png"
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == [name, "conversations/000001.json", "manifest.json"]
        counts = json.loads(archive.read("manifest.json"))["counts"]
    assert counts == {"conversations": 1, "messages": 1, "runs": 0, "files": 1, "missing_files": 1}
    with open_source(tmp_path / "a.zip") as source:
        (found,) = source.conversations()
        assert isinstance(found, Readable)
        assert [source.read_image(image) for image in found.record.messages[0].images] == [PNG, PNG, None]


def test_a_conversation_that_says_the_same_over_and_over_is_no_bomb(tmp_path: Path) -> None:
    record = conversation(*(message(str(number), text="a" * 200_000) for number in range(30)))
    write_archive(tmp_path / "a.zip", [record], no_image, created_at=NOW)
    assert hash_of(one(tmp_path / "a.zip").record) == hash_of(record)


def test_progress_is_told_and_nothing_half_is_left(tmp_path: Path) -> None:
    told: list[int] = []

    def broken() -> Any:
        yield conversation()
        yield conversation()
        raise OSError("No space")

    with pytest.raises(OSError, match="No space"):
        write_archive(tmp_path / "a.zip", broken(), no_image, created_at=NOW, progress=told.append)
    assert told == [1, 2]
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_the_site_but_what_is_documented_is_in_it() -> None:
    run = RunRecord(started_at=NOW, cost="0.10000000", input_tokens=0)
    value = to_json(conversation(message(role="assistant", runs=[run]), model="m"))
    assert value == {
        "key": "k",
        "title": "T",
        "created_at": "2026-11-20T15:00:00.000000Z",
        "active_at": "2026-11-20T15:00:00.000000Z",
        "model": "m",
        "selected": "m",
        "messages": [
            {
                "key": "m",
                "parent": None,
                "role": "assistant",
                "created_at": "2026-11-20T15:00:00.000000Z",
                "text": "Hi",
                "status": "complete",
                "runs": [
                    {
                        "status": "complete",
                        "length": 0,
                        "started_at": "2026-11-20T15:00:00.000000Z",
                        "input_tokens": 0,
                        "cost": "0.10000000",
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Ho"},
        {"role": "assistant"},
        {"created_at": NOW.replace(microsecond=1)},
        {"status": "failed"},
        {"runs": [RunRecord(cost="1")]},
        {"images": [ImageRecord(sha256="1" * 64)]},
        {"reasoning": "x"},
        {"branch_name": "x"},
    ],
)
def test_the_hash_sees_every_change(changes: dict[str, Any]) -> None:
    assert hash_of(conversation(message(**changes))) != hash_of(conversation())


def test_the_hash_sees_the_tree_and_the_shown_branch_but_no_names() -> None:
    def shape(a: str, b: str, *, parent: str | None = None, selected: str = "") -> str:
        return hash_of(conversation(message(a), message(b, parent, text="x"), selected=selected or b))

    assert shape("1", "2") == shape("p", "q")
    assert len({shape("1", "2"), shape("1", "2", parent="1"), shape("1", "2", selected="1")}) == 3


def test_the_hash_sees_the_order_of_siblings_but_not_of_branches() -> None:
    a, b, below = message("a"), message("b", text="B"), message("c", "a", text="C")
    assert hash_of(conversation(a, b, below)) == hash_of(conversation(a, below, b, selected="c"))
    assert hash_of(conversation(a, b, below)) != hash_of(conversation(b, a, below))


def test_money_is_compared_by_its_value() -> None:
    costs = [hash_of(conversation(message(runs=[RunRecord(cost=cost)]))) for cost in ("0.5", "0.50000000", "0.51")]
    assert costs[0] == costs[1] != costs[2]


GOOD = to_json(conversation())


def bad_message(**changes: Any) -> dict[str, Any]:
    return {**GOOD, "messages": [GOOD["messages"][0] | changes]}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "a conversation that is no object"),
        (7, "a conversation that is no object"),
        ({**GOOD, "key": ""}, "a conversation whose “key” can't be used"),
        ({**GOOD, "created_at": "yesterday"}, "“created_at”"),
        ({**GOOD, "created_at": "2026-01-01T00:00:00"}, "“created_at”"),
        ({**GOOD, "messages": [7]}, "a message that is no object"),
        ({**GOOD, "messages": {}}, "“messages”"),
        ({**GOOD, "tags": [7]}, "“tags”"),
        (bad_message(role="oracle"), "role “oracle”, which nobody has here"),
        (bad_message(status="queued"), "“status”"),
        (bad_message(text=7), "“text”"),
        (bad_message(parent="m"), "in a circle"),
        (bad_message(tool_calls=["x"]), "a call of a tool"),
        (bad_message(images=[{"url": "javascript:alert(1)"}]), "a picture whose “url”"),
        (bad_message(images=[{"file": "conversations/000000.json"}]), "a picture whose “file”"),
        (bad_message(runs=[{"input_tokens": -1}]), "a run whose “input_tokens”"),
        (bad_message(runs=[{"input_tokens": 1e300}]), "a run whose “input_tokens”"),
        (bad_message(runs=[{"cost": "NaN"}]), "a run whose “cost”"),
        (bad_message(runs=[{"cost": "1e999999999"}]), "a run whose “cost”"),
    ],
)
def test_a_conversation_that_breaks_the_rules_is_refused_alone(tmp_path: Path, value: Any, said: str) -> None:
    broken, good = read(packed(tmp_path, value, GOOD))
    assert isinstance(good, Readable)
    assert not isinstance(broken, Readable)
    assert said in broken.reason


def test_missing_parents_and_doubles_are_repaired_and_said(tmp_path: Path) -> None:
    first = GOOD["messages"][0]
    messages = [
        first | {"key": "b", "parent": "a"},
        first | {"key": "a"},
        first | {"key": "a"},
        first | {"parent": "gone"},
    ]
    found = one(packed(tmp_path, {**GOOD, "messages": messages, "selected": "gone"}))
    assert outline(found.record.messages) == {"a": None, "b": "a", "a#2": None, "m": None}
    assert found.record.selected == "m"
    assert len(found.notes) == 3


def test_texts_are_cleaned_and_cut_to_what_tables_hold(tmp_path: Path) -> None:
    value = bad_message(text="a\0b", model_name="x" * 500) | {"title": "y" * 500}
    record = one(packed(tmp_path, value)).record
    assert (record.messages[0].text, len(record.messages[0].model_name), len(record.title)) == ("a\ufffdb", 100, 200)


def test_a_manifest_that_counts_otherwise_is_a_cut_archive(tmp_path: Path) -> None:
    with pytest.raises(DamagedTransferError, match="should hold 5 conversations and holds 1"):
        open_source(packed(tmp_path, GOOD, counts={"conversations": 5}))


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_other_versions_are_refused(tmp_path: Path, version: Any) -> None:
    with pytest.raises(UnknownTransferError, match="reads version 1"):
        open_source(packed(tmp_path, GOOD, version=version))


def test_a_picture_that_was_changed_is_refused(tmp_path: Path) -> None:
    name = f"files/{'0' * 64}.png"
    value = bad_message(images=[{"file": name, "sha256": "0" * 64}])
    about = json.dumps({"format": "chatsite-export", "version": 1, "counts": {"conversations": 1}})
    path = zip_file(tmp_path, {"conversations/1.json": json.dumps(value), "manifest.json": about, name: PNG})
    with open_source(path) as source:
        (found,) = source.conversations()
        assert isinstance(found, Readable)
        with pytest.raises(DamagedTransferError, match="isn't what it was"):
            source.read_image(found.record.messages[0].images[0])


def test_a_damaged_entry_is_refused_alone(tmp_path: Path) -> None:
    path = packed(tmp_path, GOOD, GOOD)
    data = bytearray(path.read_bytes())
    data[data.index(b"000000.json") + 30] ^= 0xFF
    path.write_bytes(data)
    assert [type(each).__name__ for each in read(path)] == ["Unreadable", "Readable"]


def test_a_cut_conversation_is_refused(tmp_path: Path) -> None:
    about = json.dumps({"format": "chatsite-export", "version": 1, "counts": {"conversations": 1}})
    path = zip_file(tmp_path, {"conversations/1.json": json.dumps(GOOD)[:-9], "manifest.json": about})
    assert "cut off" in refusal(path)
