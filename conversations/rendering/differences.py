"""What two texts have in common and what not, word by word, in bounded time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, takewhile
from typing import Final

_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_WORDS: Final = 2_000
"""Longer texts are compared line by line: the time of a comparison grows with the product of both lengths."""
_MOST_LINES: Final = 5_000
"""Of still longer ones only the same beginning and the same end are found."""


@dataclass(frozen=True)
class Piece:
    """A run of text; ``is_own``: the other text does not have it there."""

    text: str
    is_own: bool


def differences(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces; what both have stands in the same order in each. Joined, the pieces are the texts."""
    ours, theirs = _units(left, right)
    own_left, own_right = [True] * len(ours), [True] * len(theirs)
    for place_left, place_right, size in _common(ours, theirs):
        own_left[place_left : place_left + size] = [False] * size
        own_right[place_right : place_right + size] = [False] * size
    return _pieces(ours, own_left), _pieces(theirs, own_right)


def _common(ours: list[str], theirs: list[str]) -> Iterable[tuple[int, int, int]]:
    """What both have, in order: where it stands in the one, in the other, and how many units it is."""
    longest = max(len(ours), len(theirs))
    if longest <= _MOST_LINES:
        return SequenceMatcher(None, ours, theirs, autojunk=longest > _MOST_WORDS).get_matching_blocks()
    shorter = min(len(ours), len(theirs))
    first = _same(zip(ours, theirs, strict=False))
    last = min(_same(zip(reversed(ours), reversed(theirs), strict=False)), shorter - first)
    return (0, 0, first), (len(ours) - last, len(theirs) - last, last)


def _same(pairs: Iterable[tuple[str, str]]) -> int:
    """How many of them are equal until two are not."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _units(left: str, right: str) -> tuple[list[str], list[str]]:
    words = _WORD.findall(left), _WORD.findall(right)
    if max(map(len, words)) <= _MOST_WORDS:
        return words
    return left.splitlines(keepends=True), right.splitlines(keepends=True)


def _pieces(units: list[str], own: list[bool]) -> list[Piece]:
    paired = zip(units, own, strict=True)
    return [
        Piece("".join(unit for unit, _ in run), is_own) for is_own, run in groupby(paired, key=lambda pair: pair[1])
    ]
