"""What two texts have in common and what not, word by word, in bounded time."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final

_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_WORDS: Final = 2_000
"""Longer texts are compared line by line: the time of a comparison grows with the product of both lengths."""


@dataclass(frozen=True)
class Piece:
    """A run of text; ``is_own``: the other text does not have it there."""

    text: str
    is_own: bool


def differences(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces; what both have stands in the same order in each. Joined, the pieces are the texts."""
    ours, theirs = _units(left, right)
    matcher = SequenceMatcher(None, ours, theirs, autojunk=max(len(ours), len(theirs)) > _MOST_WORDS)
    own_left, own_right = [True] * len(ours), [True] * len(theirs)
    for block in matcher.get_matching_blocks():
        own_left[block.a : block.a + block.size] = [False] * block.size
        own_right[block.b : block.b + block.size] = [False] * block.size
    return _pieces(ours, own_left), _pieces(theirs, own_right)


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
