import time

from hypothesis import given
from hypothesis import strategies as st

from conversations.rendering.differences import differences


def _own(pieces: list[object]) -> list[str]:
    return [piece.text for piece in pieces if piece.is_own]  # type: ignore[attr-defined]


def test_only_the_words_that_differ_are_marked() -> None:
    left, right = differences("The quick brown fox.", "The slow brown fox!")
    assert (_own(list(left)), _own(list(right))) == (["quick", "."], ["slow", "!"])


def test_equal_texts_differ_nowhere() -> None:
    left, right = differences("Same.", "Same.")
    assert not _own(list(left))
    assert not _own(list(right))


@given(st.text(alphabet="ab \n.é日", max_size=60), st.text(alphabet="ab \n.é日", max_size=60))
def test_nothing_is_lost_and_what_is_shared_is_the_same(left: str, right: str) -> None:
    ours, theirs = differences(left, right)
    assert ("".join(p.text for p in ours), "".join(p.text for p in theirs)) == (left, right)
    assert "".join(p.text for p in ours if not p.is_own) == "".join(p.text for p in theirs if not p.is_own)


def test_long_texts_take_bounded_time() -> None:
    left = "\n".join(f"line {number} of the first text" for number in range(8000))
    begin = time.process_time()
    differences(left, left.replace("first", "second"))
    assert time.process_time() - begin < 10


def test_very_long_texts_of_few_lines_take_bounded_time() -> None:
    """Lines that stand there often make the search for what is common slow."""
    left = "".join(f"{number % 120}\n" for number in range(200_000))
    right = "".join(f"{number * 7 % 120}\n" for number in range(200_000))
    begin = time.process_time()
    differences(left, right)
    assert time.process_time() - begin < 10


def test_of_very_long_texts_the_same_beginning_and_end_are_found() -> None:
    shared = "".join(f"{number}\n" for number in range(6000))
    left, right = differences(f"{shared}ours\n{shared}", f"{shared}theirs\n{shared}")
    assert (_own(list(left)), _own(list(right))) == (["ours\n"], ["theirs\n"])
    shorter, longer = differences(shared, shared + shared)
    assert not _own(list(shorter))
    assert _own(list(longer)) == [shared]
