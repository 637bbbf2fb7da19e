"""From text to words, the same for the index and for queries, whatever the database and the script.

Text is folded (compatibility forms, case, accents) and cut into runs of letters and digits. Scripts written without
spaces become overlapping pairs of characters, the last one of a run also alone: any part of two characters or more is
a phrase of pairs, one character the beginning of a pair. An identifier in camelCase is a word, and its parts are too;
one in snake_case, a path or an address is its parts in order, which as a query are a phrase.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from operator import add
from typing import NamedTuple

VERSION = 1
"""Of everything here: an index made by another one wants ``reindex_search``."""

MOST_IN_ORDER = 12_000
"""So many words of a message are kept with their places; of the rest only which words there are."""
MOST_WORDS = 16_000
"""In all: a place in PostgreSQL's index is at most 16,383."""
LONGEST_WORD = 64
"""Characters; longer ones are found by these."""
GAP = ""
"""Stands between words that are no neighbours."""

# accents of Latin, Greek and Cyrillic, vowel points of Hebrew and Arabic; not the vowels of Thai or Devanagari
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u0655\u0670\u0640\u00ad\u200c-\u200f\u2060\ufeff]+"
)
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ة": "ه", "ى": "ي"}
)
_SPACELESS = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e80-\u0eff\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u1100-\u11ff\u3005-\u3007"
    "\u3041-\u30fa\u30fc-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
LETTER = rf"[^\W_{_SPACELESS}]"
"""For patterns: a letter or digit of a script with spaces."""
_GOES_ON = re.compile(LETTER)
_ASCII_RUN = re.compile("[a-z0-9]+")
_HUMP = re.compile("[a-z][A-Z]")
_CAMEL = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]*[a-z][A-Z][A-Za-z0-9]*")
_CAMEL_PART = re.compile("[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_SIGNED = re.compile(r"(?<![a-z0-9])[a-z](?:\+\+|#)(?![a-z0-9])")


class Run(NamedTuple):
    """Letters and digits of a folded text that stand together."""

    text: str
    is_spaceless: bool

    @property
    def words(self) -> list[str]:
        text = self.text
        return _pairs(text) if self.is_spaceless else [text[:LONGEST_WORD]]


def goes_on(character: str) -> bool:
    """Whether a word of a script with spaces does not end before (or begin behind) this character of a folded text."""
    return bool(_GOES_ON.match(character))


def fold(text: str) -> str:
    """What is the same to somebody who searches becomes the same text."""
    if text.isascii():
        return text.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    return unicodedata.normalize("NFC", plain)


def runs(folded: str) -> Iterator[Run]:
    if folded.isascii():
        return (Run(text, False) for text in _ASCII_RUN.findall(folded))
    return (Run(spaced or spaceless, bool(spaceless)) for spaced, spaceless in _any_run().findall(folded))


def words_of(text: str) -> list[str]:
    """What the index keeps of a text, in order, at most MOST_WORDS; GAP where neighbours are none."""
    folded = fold(text)
    words = _in_order(folded)
    further = list(_further(text, folded))
    if len(words) <= MOST_IN_ORDER and not further:
        return words
    rest = dict.fromkeys([*words[MOST_IN_ORDER:], *further])
    return (words[:MOST_IN_ORDER] + [each for word in rest for each in (GAP, word)])[:MOST_WORDS]


def sought(text: str) -> list[str]:
    """The words of a part of a query, to be found one after the other."""
    folded = fold(text)
    signed = _SIGNED.fullmatch(folded.strip())
    if signed:
        return [signed[0]]
    found = list(runs(folded))
    words = [word for run in found for word in run.words]
    # the last character alone stands in the index only where a run ends: here the text may go on
    return words[:-1] if found and found[-1].is_spaceless and len(found[-1].text) > 1 else words


def is_single_character(word: str) -> bool:
    """One character of a script without spaces: found as the beginning of pairs."""
    return len(word) == 1 and next(iter(runs(word)), Run("", False)).is_spaceless


def is_pair(word: str) -> bool:
    """Of such a script: nothing longer begins with it."""
    return len(word) == 2 and next(iter(runs(word)), Run("", False)).is_spaceless


def _in_order(folded: str) -> list[str]:
    if folded.isascii():
        words = _ASCII_RUN.findall(folded)
        return words if len(max(words, key=len, default="")) <= LONGEST_WORD else [w[:LONGEST_WORD] for w in words]
    words = []
    for spaced, spaceless in _any_run().findall(folded):
        if spaced:
            words.append(spaced[:LONGEST_WORD])
        else:
            words += _pairs(spaceless)
    return words


def _pairs(text: str) -> list[str]:
    return [*map(add, text, text[1:]), text[-1]]


def _further(text: str, folded: str) -> Iterator[str]:
    """Parts of identifiers; C++ and C#."""
    for identifier in _CAMEL.findall(text) if _HUMP.search(text) else ():
        yield from (part.lower()[:LONGEST_WORD] for part in _CAMEL_PART.findall(identifier))
    if "#" in folded or "++" in folded:
        yield from _SIGNED.findall(folded)


@cache
def _any_run() -> re.Pattern[str]:
    """Matches a run of words with spaces, or of those without."""
    return re.compile(f"([{_spaced_letters()}]+)|([{_SPACELESS}]+)")


def _spaced_letters() -> str:
    """A class of characters: letters, digits and the marks that belong to them, in scripts with spaces."""
    spaceless = re.compile(f"[{_SPACELESS}]")
    letters = re.compile(r"[^\W_]")

    def belongs(code: int) -> bool:
        character = chr(code)
        is_letter = letters.match(character) or unicodedata.category(character)[0] == "M"
        return bool(is_letter) and not spaceless.match(character)

    # beyond the second plane there are only ideographs and private characters
    return "".join(_ranges(code for code in range(min(0x20000, sys.maxunicode)) if belongs(code)))


def _ranges(codes: Iterable[int]) -> Iterator[str]:
    for _, group in groupby(enumerate(codes), key=lambda pair: pair[1] - pair[0]):
        members = [code for _, code in group]
        yield f"{re.escape(chr(members[0]))}-{re.escape(chr(members[-1]))}"
