"""The best part of a text, and what matches in it: plain text, never HTML, the same on every database."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from conversations.search.expressions import Term
from conversations.search.queries import Sought
from conversations.search.results import Piece
from conversations.search.words import LETTER, fold, goes_on, runs

LENGTH = 240
"""Characters."""
_BEFORE = 60
"""How many of them at most stand before the first match."""
_CHUNK = 1000
_FARTHEST = 200_000
"""What stands behind is not looked at: the hit is shown by its beginning."""
_SPACE = re.compile(r"\s+")
_MARKDOWN = [
    (re.compile(r"^\s{0,3}(?:```|~~~).*$", re.MULTILINE), " "),
    (re.compile(r"^\s{0,3}(?:#{1,6}|>+|[-*+])\s+", re.MULTILINE), ""),
    (re.compile(r"^\s*\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?)?\s*$", re.MULTILINE), " "),
    (re.compile(r"^\s*\||\|\s*$|(?<=\s)\|(?=\s)", re.MULTILINE), " "),
    (re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*\)"), r"\1"),
    (re.compile(r"\*\*|~~|`+"), ""),
    (re.compile(r"(?<!\w)\*(\S[^*\n]*?)\*(?!\w)"), r"\1"),
]


class Highlighter:
    """Finds in texts what was sought."""

    def __init__(self, sought: Sequence[Sought], *, in_titles: bool = False) -> None:
        terms = [(each, each.title_term if in_titles else each.term) for each in sought]
        patterns = [_pattern(each, term) for each, term in terms]
        self._each = [
            _literal(each, term) or re.compile(pattern) for (each, term), pattern in zip(terms, patterns, strict=True)
        ]
        self._any = re.compile("|".join(patterns)) if patterns else None
        parts = [re.escape(word) for each in sought for word in each.words[:1] if len(each.words) == 1]
        self._inside = re.compile("|".join(parts)) if parts else None

    def counts(self, folded: str, most: int = 10) -> list[list[int]]:
        """Where each part of the query begins in a folded text, some times."""
        return [
            each.starts(folded, most) if isinstance(each, _Literal) else _starts(each, folded, most)
            for each in self._each
        ]

    def marked(self, text: str) -> tuple[Piece, ...]:
        """The whole text; nothing is left out."""
        return tuple(_cut(text, self._spans(text)))

    def matches(self, text: str) -> bool:
        return self._any is not None and bool(self._any.search(fold(text)))

    def snippet(self, text: str, *, is_markdown: bool) -> tuple[Piece, ...]:
        begin = self._best_place(text)
        part = _part_around(text, begin)
        plain = _plain(part) if is_markdown else part
        if is_markdown and self.matches(part) and not self.matches(plain):
            plain = part  # it stands in what would be stripped: an address, the name of a language
        line = self.marked(_SPACE.sub(" ", plain).strip())
        before = [Piece("…", False)] if begin > _BEFORE else []
        behind = [Piece("…", False)] if begin + LENGTH < len(text) else []
        return (*before, *line, *behind)

    def _spans(self, text: str) -> list[tuple[int, int]]:
        if self._any is None:
            return []
        folded, places = _folded_with_places(text)
        found = list(self._any.finditer(folded))
        if not found and self._inside:
            found = list(self._inside.finditer(folded))
        return [(places[match.start()], _end(places, match.end())) for match in found if match[0]]

    def _best_place(self, text: str) -> int:
        """Where the first match stands in the part of the text that has most of what was sought."""
        best, most = 0, 0
        for start, chunk in _chunks(text):
            folded = fold(chunk)
            starts = [places[0] for places in self.counts(folded, 1) if places]
            if len(starts) > most:
                place = min(starts) if folded.isascii() else _folded_with_places(chunk)[1][min(starts)]
                best, most = start + place, len(starts)
            if most == len(self._each):
                break
        return best


class _Literal(NamedTuple):
    """One word of a script with spaces: found much faster than by a pattern."""

    word: str
    is_prefix: bool

    def starts(self, folded: str, most: int) -> list[int]:
        found: list[int] = []
        size = len(self.word)
        place = folded.find(self.word)
        while place >= 0 and len(found) < most:
            is_longer = not self.is_prefix and goes_on(folded[place + size : place + size + 1])
            if not is_longer and not goes_on(folded[max(place - 1, 0) : place]):
                found.append(place)
            place = folded.find(self.word, place + size)
        return found


def _literal(each: Sought, term: Term) -> _Literal | None:
    found = list(runs(fold(each.text)))
    is_one = len(found) == 1 and not found[0].is_spaceless and each.words == (found[0].text,)
    return _Literal(found[0].text, term.is_prefix) if is_one else None


def _pattern(each: Sought, term: Term) -> str:
    """For folded texts; has no groups."""
    if len(each.words) == 1 and not each.words[0].isalnum() and each.words[0][-1] in "+#":
        return rf"(?<!{LETTER}){re.escape(each.words[0])}"
    found = list(runs(fold(each.text)))
    pattern = "" if found[0].is_spaceless else f"(?<!{LETTER})"
    for place, run in enumerate(found):
        if place:
            both_spaced = not run.is_spaceless and not found[place - 1].is_spaceless
            pattern += r"[\W_]+" if both_spaced else r"[\W_]*"
        pattern += re.escape(run.text)
    if found[-1].is_spaceless:
        return pattern
    return pattern + (f"{LETTER}*" if term.is_prefix else f"(?!{LETTER})")


def _starts(pattern: re.Pattern[str], folded: str, most: int) -> list[int]:
    found: list[int] = []
    for match in pattern.finditer(folded):
        found.append(match.start())
        if len(found) == most:
            break
    return found


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Parts of the beginning, cut at spaces where there are some."""
    start = 0
    while start < min(len(text), _FARTHEST):
        end = start + _CHUNK
        if end < len(text):
            space = max(text.rfind(" ", start + _CHUNK // 2, end), text.rfind("\n", start + _CHUNK // 2, end))
            end = space if space > 0 else end
        yield start, text[start:end]
        start = end


def _part_around(text: str, place: int) -> str:
    """LENGTH characters or a few less, cut at spaces near the ends."""
    start = max(0, min(place - _BEFORE, len(text) - LENGTH))
    if start:
        space = text.find(" ", start, min(start + 20, place))
        start = space + 1 if space >= 0 else start
    end = start + LENGTH
    if end < len(text):
        space = text.rfind(" ", end - 20, end)
        end = space if space > place else end
    return text[start:end]


def _plain(text: str) -> str:
    for pattern, instead in _MARKDOWN:
        text = pattern.sub(instead, text)
    return text


def _folded_with_places(text: str) -> tuple[str, Sequence[int]]:
    """A folded text, and for each of its characters (and its end) where it stood."""
    if text.isascii():
        return text.lower(), range(len(text) + 1)
    folded, places = [], []
    for match in _clusters().finditer(text):
        part = fold(match[0])
        folded.append(part)
        places += [match.start()] * len(part)
    return "".join(folded), [*places, len(text)]


@cache
def _clusters() -> re.Pattern[str]:
    """A character with the marks on it."""
    return re.compile("[\u0000-\U0010ffff][\u0300-\u036f\u3099\u309a\u0653-\u0655]*")


def _end(places: Sequence[int], end: int) -> int:
    """Of a match: one character may be folded into two, and is marked whole."""
    return next(place for place in places[end:] if place > places[end - 1])


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    done = 0
    for start, end in spans:
        if start > done:
            yield Piece(text[done:start], False)
        if end > max(start, done):
            yield Piece(text[max(start, done) : end], True)
            done = end
    if done < len(text):
        yield Piece(text[done:], False)
