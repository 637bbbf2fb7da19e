"""Archives made to do harm are refused by name before anything in them is unpacked."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from conversations.exceptions import DamagedTransferError, OversizedTransferError, TransferError, UnsafeTransferError
from conversations.transfer.limits import ImportLimits
from conversations.transfer.zips import SafeZip
from tests.transfer.shapes import zip_file, zipped


def refused(path: Path, kind: type[TransferError], said: str, **limits: int) -> None:
    with pytest.raises(kind, match=said):
        SafeZip(path, ImportLimits(**limits))


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "made.zip"
    path.write_bytes(data)
    return path


def test_a_plain_archive_is_read(tmp_path: Path) -> None:
    archive = SafeZip(zip_file(tmp_path, {"a/b.json": "[]", "c": b"x"}), ImportLimits())
    assert archive.names == ["a/b.json", "c"]
    assert archive.read("c", 10) == b"x"
    archive.close()


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "C:/x", "c:x", "a\\b"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    refused(zip_file(tmp_path, {name: "x"}), UnsafeTransferError, "leads out of it")


@pytest.mark.parametrize("name", ["a/" * 40 + "x", "x" * 600, "a\u202eb", "a\nb"])
def test_names_no_export_has_are_refused(tmp_path: Path, name: str) -> None:
    refused(zip_file(tmp_path, {name: "x"}), UnsafeTransferError, "name no export has")


def test_links_are_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    refused(saved(tmp_path, target.getvalue()), UnsafeTransferError, "a link instead of a file")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", "2")
    refused(saved(tmp_path, target.getvalue()), UnsafeTransferError, "two files of the same name")


def test_encrypted_ones_are_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": "x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    refused(saved(tmp_path, bytes(data)), UnsafeTransferError, "encrypted")


def test_other_methods_of_packing_are_refused(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", "x" * 100)
    refused(saved(tmp_path, target.getvalue()), UnsafeTransferError, "packed in a way")


def test_a_bomb_is_refused_by_its_ratio_and_by_its_size(tmp_path: Path) -> None:
    path = zip_file(tmp_path, {"conversations.json": bytes(50_000_000)})
    assert path.stat().st_size < 100_000
    refused(path, UnsafeTransferError, "zip bomb")
    refused(path, OversizedTransferError, "has 50 MB; at most 10 MB", unpacked=10_000_000, ratio=10_000)


def test_many_small_bombs_are_refused_by_their_sum(tmp_path: Path) -> None:
    path = zip_file(tmp_path, {f"{n}.json": bytes(4_000_000) for n in range(60)})
    refused(path, OversizedTransferError, "has 240 MB; at most 200 MB")


def test_a_size_that_is_a_lie_shows_when_unpacking(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": bytes(1_000_000)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", data, data.index(signature) + offset, 10)
    archive = SafeZip(saved(tmp_path, bytes(data)), ImportLimits())
    with pytest.raises(DamagedTransferError, match="damaged"):
        archive.read("a", 100)
    archive.close()


def test_too_many_files_are_refused_before_they_are_listed(tmp_path: Path) -> None:
    path = zip_file(tmp_path, {f"{n:05}": "" for n in range(3000)})
    refused(path, UnsafeTransferError, "more than 1,000 files", entries=1000)
    refused(path, UnsafeTransferError, "files in it", directory=100_000)


@pytest.mark.parametrize("kept", [30, 200, -1, -30])
def test_a_cut_archive_is_named_so(tmp_path: Path, kept: int) -> None:
    data = zipped({"conversations.json": "[]" * 500, "b": "x"})
    refused(saved(tmp_path, data[:kept]), DamagedTransferError, "cut off")


def test_damage_inside_is_named_when_it_is_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": "some text that is packed, and more of it"}))
    data[35:45] = bytes(10)
    archive = SafeZip(saved(tmp_path, bytes(data)), ImportLimits())
    with pytest.raises(DamagedTransferError, match="damaged"):
        archive.read("a", 1000)
    archive.close()


def test_an_entry_above_the_limit_is_not_read(tmp_path: Path) -> None:
    archive = SafeZip(zip_file(tmp_path, {"a": "x" * 100}), ImportLimits())
    with pytest.raises(OversizedTransferError):
        archive.read("a", 99)
    archive.close()
