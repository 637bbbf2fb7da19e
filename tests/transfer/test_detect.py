"""Each format is told by what is in the file, never by its name; anything else is refused by what it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from conversations.exceptions import DamagedTransferError, OversizedTransferError, TransferError, UnknownTransferError
from conversations.transfer.detect import open_source
from conversations.transfer.limits import ImportLimits
from tests.transfer.shapes import gpt, json_file, libre, webui, zip_file, zipped


def found(path: Path) -> str:
    with open_source(path) as source:
        return source.format


@pytest.mark.parametrize(
    ("value", "format_"),
    [
        ([gpt()], "chatgpt"),
        (gpt(), "chatgpt"),
        ([{"title": "broken"}, gpt()], "chatgpt"),
        ([webui()], "open_webui"),
        (webui(), "open_webui"),
        ([webui()["chat"]], "open_webui"),
        (libre(), "librechat"),
        ([libre()], "librechat"),
        ({"conversationId": "x", "messagesTree": []}, "librechat"),
    ],
)
@pytest.mark.parametrize("is_zipped", [False, True])
def test_each_format_is_found(tmp_path: Path, value: Any, format_: str, is_zipped: bool) -> None:
    path = zip_file(tmp_path, {"some.json": json.dumps(value)}) if is_zipped else json_file(tmp_path, value, "x.bin")
    assert found(path) == format_


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x1f\x8b\x08", "a gzip file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"hello there", "neither a zip nor JSON"),
        (b"[]", "holds no conversations"),
        (b"{}", "holds no conversations"),
        (b"[1, 2, 3]", "holds no conversations"),
        (b'{"a": 1, "b": {"mapping": 2}}', "has “a”, “b”, as no export known here does"),
        (b'[{"uuid": "x", "name": "y", "chat_messages": []}]', "an export of Claude"),
        (zipped({"readme.txt": "x"}), "holds no file of conversations"),
        (zipped({"a.json": '{"x": 1}'}), "has “x”"),
        (zipped({"manifest.json": '{"format": "chatsite-export", "version": 2}'}), "of version 2; this site reads"),
    ],
)
def test_anything_else_is_refused_by_what_it_is(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(UnknownTransferError, match=said):
        open_source(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'[{"title": "x', "cut off"),
        (b"\xff\xfe[\x00", "UTF-8"),
        (zipped({"conversations.json": "[]" * 99})[:-5], "cut off"),
        (b"PK\x03\x04 and no more", "cut off"),
    ],
)
def test_damage_is_told_from_strangeness(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(DamagedTransferError, match=said):
        open_source(path)


def test_a_bare_file_past_the_limit_is_refused_at_once(tmp_path: Path) -> None:
    path = json_file(tmp_path, [gpt(title="x" * 2_000_000)])
    with pytest.raises(OversizedTransferError, match="larger than 1 MB"):
        open_source(path, ImportLimits(unpacked=1_000_000))


def test_only_the_beginning_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('[{"a": [' + "[1]," * 2_000_000 + "1]}]")
    with pytest.raises(UnknownTransferError, match="“a”"):
        open_source(path)


def test_a_file_that_was_refused_is_closed_again(tmp_path: Path) -> None:
    path = zip_file(tmp_path, {"a.json": "{}"})
    with pytest.raises(TransferError):
        open_source(path)
    path.unlink()
    assert not path.exists()


def test_a_cut_list_gives_what_is_whole_and_then_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    text = json.dumps([gpt(conversation_id=str(n)) for n in range(5)])
    path.write_text(text[: len(text) - 300])
    with open_source(path) as source:
        reader = source.conversations()
        assert len([next(reader) for _ in range(4)]) == 4
        with pytest.raises(DamagedTransferError, match="cut off"):
            next(reader)
        with pytest.raises(DamagedTransferError, match="cut off"):
            source.count()


def test_conversations_are_counted_and_read_as_often_as_wanted(tmp_path: Path) -> None:
    with open_source(json_file(tmp_path, [gpt(), gpt(mapping=None), 7])) as source:
        assert source.count() == 3
        assert [each.position for each in source.conversations()] == [1, 2, 3]
        assert list(source.conversations()) == list(source.conversations())
