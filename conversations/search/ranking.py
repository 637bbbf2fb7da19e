"""How good a find is: how often and how close together the words stand, for how long a text, title, how recent.

After BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009), without the rarity of words: every
find has them all.
"""

from collections.abc import Sequence
from typing import NamedTuple

from conversations.search.candidates import Candidates
from conversations.search.loading import Found
from conversations.search.queries import Query
from conversations.search.snippets import Highlighter
from conversations.search.words import fold

_SATURATION = 1.2
_LENGTH_WEIGHT = 0.6
_USUAL_LENGTH = 150
_TITLE = 1.6
_WHOLE_TITLE = 1.5
_PHRASE = 1.0
_CLOSE = 0.7
_RECENT = 1.2
_RECENT_DAYS = 30
_THIS_YEAR = 0.6
_PRECISION = 10_000
"""A rank is a whole number, for cursors."""


class Ranked(NamedTuple):
    found: Found
    rank: tuple[int, int]
    """Higher is better; no two are the same."""


def ranked(query: Query, candidates: Candidates, now: int) -> list[Ranked]:
    """Best first; ``now`` in seconds since 1970, from which ages are counted."""
    in_texts, in_titles = Highlighter(query.sought), Highlighter(query.sought, in_titles=True)

    def rank(found: Found) -> Ranked:
        points = _recency(now - found.at.timestamp())
        if found.is_title:
            points += _title_points(found, in_titles)
        else:
            points += _text_points(found, in_texts, is_phrase=found.number in candidates.phrases)
        return Ranked(found, (int(points * _PRECISION), found.number))

    return sorted(map(rank, candidates.found), key=lambda each: each.rank, reverse=True)


def _recency(seconds: float) -> float:
    days = max(seconds, 0) / 86_400
    return _RECENT / (1 + days / _RECENT_DAYS) + _THIS_YEAR / (1 + days / 365)


def _title_points(found: Found, highlighter: Highlighter) -> float:
    """More, the more of the title was asked for."""
    places = highlighter.counts(fold(found.title))
    covered = sum(map(len, places)) / max(found.length, 1)
    return _weight(places, found.length) + _TITLE + _WHOLE_TITLE * min(covered, 1)


def _text_points(found: Found, highlighter: Highlighter, *, is_phrase: bool) -> float:
    places = highlighter.counts(fold(found.head))
    return _weight(places, found.length) + _PHRASE * is_phrase + _CLOSE * _closeness(places)


def _weight(places: Sequence[Sequence[int]], length: int) -> float:
    """0 to 2.2, the mean over the words; one that stands farther behind than was looked counts as standing once."""
    if not places:
        return 0.0
    norm = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length / _USUAL_LENGTH)
    counts = [max(len(some), 1) for some in places]
    return sum(count * (_SATURATION + 1) / (count + norm) for count in counts) / len(counts)


def _closeness(places: Sequence[Sequence[int]]) -> float:
    """1 where all words stand within some 20 characters of each other, towards 0 where they are far apart."""
    if len(places) < 2 or not all(places):
        return 0.0
    in_order = sorted((place, which) for which, some in enumerate(places) for place in some)
    shortest = min((_span(in_order, start, len(places)) for start in range(len(in_order))), default=10_000)
    return min(1.0, 20 * len(places) / max(shortest, 1))


def _span(in_order: Sequence[tuple[int, int]], start: int, wanted: int) -> int:
    """How far one has to read from here to have seen all words."""
    seen: set[int] = set()
    for place, which in in_order[start:]:
        seen.add(which)
        if len(seen) == wanted:
            return place - in_order[start][0]
    return 10_000
