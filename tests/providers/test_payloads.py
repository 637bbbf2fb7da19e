import pytest

from conversations.exceptions import ProviderProtocolError
from conversations.providers.payloads import TextJoiner, clean, count, parsed, spoken


@pytest.mark.parametrize("data", [b"", b"{", b"[1,]", b"[" * 100_000, b"9" * 5000, b'{"a": 1} x', b"\xff"])
def test_what_is_no_json_is_a_protocol_error(data: bytes) -> None:
    with pytest.raises(ProviderProtocolError):
        parsed(data)


def test_stray_bytes_surrogates_and_nan_are_survived() -> None:
    assert parsed(b'{"a": "\xff"}') == {"a": "\ufffd"}
    assert parsed(b'{"a": "\\ud800"}') == {"a": "\ud800"}
    assert parsed(b'\xef\xbb\xbf{"a": [NaN]}')["a"]


def test_text_that_no_database_takes_is_replaced() -> None:
    assert clean("a\x00b\ud800c🙂") == "a\ufffdb\ufffdc🙂"


def test_a_pair_of_surrogates_cut_in_two_is_one_character() -> None:
    joiner = TextJoiner()
    assert [joiner.feed("a\ud83d"), joiner.feed("\ude42b\ud83d"), joiner.feed("c\udc00"), joiner.feed("\ud83d")] == [
        "a", "🙂b", "\ufffdc\ufffd", "",
    ]  # fmt: skip
    assert joiner.finish() == "\ufffd"


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), (5.0, 5), ("12", 12), (True, None), (-1, None), (10**30, None), ("x", None), (None, None), ([], None),
     (float("nan"), None), (float("inf"), None)],
)  # fmt: skip
def test_counts_are_taken_where_they_make_sense(value: object, number: int | None) -> None:
    assert count(value) == number


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (1, "1"), (1.5, "1.5"), (True, ""), (None, ""), ({}, "")])
def test_numbers_are_text_where_a_server_forgot_the_quotes(value: object, text: str) -> None:
    assert spoken(value) == text
