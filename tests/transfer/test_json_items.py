"""The reader of JSON files: same values as Python's own, whatever the pieces it comes in; limits and named errors."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.exceptions import DamagedTransferError, OversizedTransferError
from conversations.transfer.json_items import Item, read_items
from conversations.transfer.limits import ImportLimits

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


class Trickle:
    """Gives at most ``size`` bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._file = io.BytesIO(data)
        self._size = size

    def read(self, size: int, /) -> bytes:
        return self._file.read(min(size, self._size))


def items(data: bytes, size: int = 65536, **limits: int) -> list[Item]:
    return list(read_items(Trickle(data, size), ImportLimits(**limits)))


@given(st.lists(JSON, max_size=5), st.integers(1, 40), st.booleans())
def test_values_are_those_of_the_file(values: list[Any], size: int, ascii_only: bool) -> None:
    data = json.dumps(values, ensure_ascii=ascii_only).encode("utf-8", "replace" if not ascii_only else "strict")
    assert [item.value for item in items(data, size)] == values


@pytest.mark.parametrize(
    "text",
    [
        r"\ud83d\ude00",
        r"a\ud800",
        r"\udc00b",
        r"\ud83d\ud83d\ude00\n\\\\",
        r"\\ud800",
        r"\\\ud800x",
        r"\\\\\\\\\\\\\\\\\\\\\ud800",
        r"\ud800\ud800\udc00\udc00",
        r"\u0000",
    ],
)
@pytest.mark.parametrize("size", [*range(1, 30), 65536])
def test_lone_surrogates_are_replaced_wherever_pieces_end(text: str, size: int) -> None:
    wanted = json.loads(f'"{text}"').encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert items(f'["{text}"]'.encode(), size)[0].value == wanted


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf[1]", b" \n[1]", b"[1]\n\n"])
@pytest.mark.parametrize("size", [1, 2, 64])
def test_marks_and_spaces_around_are_no_matter(data: bytes, size: int) -> None:
    assert items(data, size)[0].value == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "ends in the middle"),
        (b'[{"a": "b', "ends in the middle"),
        (b'[{"a": 1}', "ends in the middle"),
        (b"[1] [2]", "no proper JSON"),
        (b"[1,]", "no proper JSON"),
        (b"[NaN]", "no proper JSON"),
        (b'["\xff"]', "UTF-8"),
        (b'["\xed\xa0\x80"]', "UTF-8"),
        (b"\xff\xfe[\x00]\x00", "UTF-8"),
        (b"[" + b"9" * 5000 + b"]", "number"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(data: bytes, said: str) -> None:
    with pytest.raises(DamagedTransferError, match=said):
        items(data)


def test_what_came_before_the_cut_is_given_first() -> None:
    reader = read_items(io.BytesIO(b'[{"a": 1}, {"b": '), ImportLimits())
    assert next(reader).value == {"a": 1}
    with pytest.raises(DamagedTransferError):
        next(reader)


def test_one_value_too_large_is_left_out_and_the_next_is_read() -> None:
    data = json.dumps([{"title": "Long", "x": [{}] * 50_000}, {"title": "Short"}]).encode()
    first, second = items(data, conversation=1_000_000)
    assert (first.is_too_large, first.title, first.value) == (True, "Long", None)
    assert second.value == {"title": "Short"}


def test_an_endless_text_is_refused_before_it_is_held() -> None:
    with pytest.raises(OversizedTransferError, match="One text"):
        items(b'["' + b"x" * 3_000_000, value=1_000_000)


def test_a_file_past_the_limit_is_refused() -> None:
    with pytest.raises(OversizedTransferError, match="larger than 1 MB"):
        items(json.dumps(["x" * 1000] * 2000).encode(), unpacked=1_000_000)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting_without_end_is_refused(opening: bytes) -> None:
    with pytest.raises((DamagedTransferError, OversizedTransferError)):
        items(b"[" + opening * 300_000)


def test_names_that_stand_twice_are_noticed() -> None:
    assert items(b'[{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}]') == [Item({"a": 3, "b": {"c": 2}}, doubles=("c", "a"))]


def test_numbers_nobody_holds_are_kept_as_they_are() -> None:
    assert items(b"[1e400, 123456789012345678901234567890]")[1].value == 123456789012345678901234567890
