"""Whole words are given out, and nothing is lost or kept for long."""

from random import Random
from secrets import randbits
from time import monotonic

import pytest

from conversations.generation.words import PATIENCE, Words


@pytest.mark.parametrize(
    ("pieces", "given"),
    [
        (("Wh", "at is"), ["Wh", "at "]),
        (("What is", " th", "is"), ["What is", " ", ""]),
        (("a ", "b.", "c"), ["a ", "b.", ""]),
        (("a ", "`x", "y` "), ["a ", "`", "xy` "]),
        (("a ", "日本語", "🙂"), ["a ", "日本語", "🙂"]),
        (("a ", "привет", "!"), ["a ", "", "привет!"]),
        (("a ", "x" * 30, "y"), ["a ", "x" * 30, ""]),
    ],
)
def test_half_a_word_waits_for_its_end(pieces: tuple[str, ...], given: list[str]) -> None:
    words, taken = Words(), []
    for piece in pieces:
        words.add(piece)
        taken.append(words.take())
    assert taken == given
    assert "".join(taken) + words.take(whole=True) == "".join(pieces)
    assert not words


def test_a_word_that_does_not_end_is_shown() -> None:
    words = Words("It ")
    words.take()
    words.add("grow")
    began = monotonic()
    while not (taken := words.take()):
        assert monotonic() - began < PATIENCE + 5
    assert taken == "grow"
    assert monotonic() - began >= PATIENCE


def test_however_it_is_taken_nothing_is_lost() -> None:
    seed = randbits(32)
    print("seed", seed)
    random = Random(seed)
    text = "".join(random.choices("ab é1\n*日`\u00df", k=2000))
    words, taken, position = Words(), "", 0
    while position < len(text):
        size = random.randint(0, 5)
        words.add(text[position : position + size])
        position += size
        taken += words.take()
        assert text.startswith(taken)
        assert len(taken) + len(words) == min(position, len(text))
    assert taken + words.take(whole=True) == text
