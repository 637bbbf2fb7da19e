"""What a person typed, as words, phrases and filters. Any text is a query; what isn't understood becomes a note."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import NamedTuple

from conversations.search.expressions import Term, title_word
from conversations.search.words import is_pair, is_single_character, sought

LONGEST = 1000
"""Characters; what follows is left out."""
MOST_PARTS = 16
"""Words and phrases."""
MOST_FILTERS = 20
MOST_CHARACTERS = 2
"""Single ones of scripts without spaces: each stands in a large part of all messages, among many pairs."""
SHORTEST_BEGINNING = 3
"""Letters; a shorter beginning would be that of most messages. In titles one is enough."""
FILTERS = ("model", "from", "folder", "tag", "before", "after", "has", "is")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_PART = re.compile(
    r'(?P<minus>-?)(?:(?P<name>[^\W\d_]+):)?(?:"(?P<quoted>[^"]*)(?P<end>"?)|(?P<bare>[^\s"]+)|(?=\s|$))'
)


@dataclass(frozen=True)
class Sought:
    """A word, or words one after the other."""

    text: str
    words: tuple[str, ...]
    is_begun: bool = False
    """The last word may go on."""

    @cached_property
    def term(self) -> Term:
        """In messages."""
        last = self.words[-1]
        is_long = self.is_begun and len(last) >= SHORTEST_BEGINNING and not is_pair(last)
        return Term(self.words, is_long or is_single_character(last))

    @cached_property
    def title_term(self) -> Term:
        last = self.words[-1]
        is_prefix = (self.is_begun and not is_pair(last)) or is_single_character(last)
        return Term(tuple(map(title_word, self.words)), is_prefix)

    @property
    def whole(self) -> Term:
        """Not only begun."""
        return Term(self.words, is_single_character(self.words[-1]))


class Filter(NamedTuple):
    name: str
    value: str
    is_excluded: bool


@dataclass(frozen=True)
class Query:
    sought: tuple[Sought, ...] = ()
    excluded: tuple[Sought, ...] = ()
    filters: tuple[Filter, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.sought and not self.filters


class _Part(NamedTuple):
    is_excluded: bool
    name: str
    value: str
    is_begun: bool


def parse(text: str) -> Query:
    """Never fails."""
    notes: list[str] = []
    if len(text) > LONGEST:
        notes.append(f"Only the first {LONGEST} characters were searched for.")
    found: tuple[list[Sought], list[Sought]] = [], []
    filters: list[Filter] = []
    for part in _parts(text[:LONGEST]):
        if part.name.lower() in FILTERS:
            if part.value.strip():
                filters.append(Filter(part.name.lower(), part.value.strip(), part.is_excluded))
            continue
        said = f"{part.name}:{part.value}" if part.name else part.value
        if part.name and part.value[:1].isalnum():
            notes.append(f"There is no filter “{part.name}:”. It was searched for as a word.")
        words = sought(said)[:MOST_PARTS]
        if words:
            found[part.is_excluded].append(Sought(said, tuple(words), part.is_begun))
    notes += _too_many(len(found[0]) + len(found[1]), len(filters))
    if text.strip() and not found[0] and not filters:
        notes.append("There is no word to search for.")
    kept = _without_many_characters(found[0])
    if len(kept) < len(found[0]):
        notes.append(f"Of single characters only the first {MOST_CHARACTERS} were searched for.")
    excluded = _without_many_characters(found[1])
    return Query(tuple(kept[:MOST_PARTS]), tuple(excluded[:MOST_PARTS]), tuple(filters[:MOST_FILTERS]), tuple(notes))


def _parts(text: str) -> Iterator[_Part]:
    line = text.translate(_QUOTES)
    for match in _PART.finditer(line):
        is_last = match.end() == len(line)
        if match["quoted"] is not None:
            yield _Part(bool(match["minus"]), match["name"] or "", match["quoted"], is_last and not match["end"])
        elif match["name"] or match["bare"]:
            yield _Part(bool(match["minus"]), match["name"] or "", match["bare"] or "", is_last)


def _without_many_characters(found: list[Sought]) -> list[Sought]:
    left = count(MOST_CHARACTERS, -1)
    return [each for each in found if not is_single_character(each.words[-1]) or next(left) > 0]


def _too_many(parts: int, filters: int) -> Iterator[str]:
    if parts > MOST_PARTS:
        yield f"Only the first {MOST_PARTS} words were searched for."
    if filters > MOST_FILTERS:
        yield f"Only the first {MOST_FILTERS} filters were used."
