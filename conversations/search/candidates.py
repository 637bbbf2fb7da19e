"""Which documents are worth weighing: the newest of those that match, of each kind a bounded number."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from conversations.search.expressions import TITLE, Expression, Reach, Term, Window, term
from conversations.search.loading import Found, load
from conversations.search.queries import Query
from conversations.search.scopes import Scope
from conversations.search.store import store
from conversations.search.words import sought

MOST_MESSAGES = 120
MOST_TITLES = 60
MOST_PHRASES = 60
_AT_ONCE = 400
_ROUNDS = 6
"""How often to look farther where filters leave little of what the words find."""


@dataclass
class Candidates:
    found: list[Found] = field(default_factory=list)
    phrases: frozenset[int] = frozenset()
    """Numbers of those that have the words just as they were typed."""
    floor: int | None = None
    """All messages from here on were looked at; None: all there are."""


@dataclass
class _Stream:
    """Numbers that match an expression, newest first, some at a time."""

    scope: Scope
    expression: Expression | None
    limit: int
    below: int
    lowest: int = 0
    reach: Reach = Reach.ALL

    @property
    def is_done(self) -> bool:
        return self.expression is None

    def next(self) -> list[int]:
        if self.expression is None:
            return []
        window = Window(self.below, self.lowest, self.limit, self.reach)
        numbers = store().find(self.expression, self.scope.parts, window)
        if len(numbers) < self.limit:
            self.expression = None
        else:
            self.below = numbers[-1]
        return numbers


def candidates(scope: Scope, query: Query) -> Candidates:
    """Those to be ranked."""
    messages = _messages(scope, query, scope.below, MOST_MESSAGES, is_whole=True)
    first = messages.next()
    if messages.is_done and any(each.term.is_prefix for each in query.sought):
        messages = _messages(scope, query, scope.below, MOST_MESSAGES)
        first = messages.next()
    reach = Reach.FEW if messages.is_done else Reach.NEWEST
    phrases = frozenset(_phrases(scope, query, reach))
    titles = _titles(scope, query)
    found = load(scope, list(dict.fromkeys([*titles.next(), *phrases, *first])))
    rest = _gather(scope, [titles, messages], MOST_MESSAGES // 2 - len(found))  # where little was left of them
    known = {each.number for each in found}
    found += [each for each in rest if each.number not in known]
    return Candidates(found, phrases, None if messages.is_done else messages.below)


def older(scope: Scope, query: Query, below: int, wanted: int) -> Candidates:
    """Messages behind the ranked ones, newest first, and at least ``wanted`` of them if there are so many."""
    shown = set(_phrases(scope, query, Reach.NEWEST))
    messages = _messages(scope, query, min(below, scope.below), max(wanted, _AT_ONCE // 4))
    found = [each for each in _gather(scope, [messages], wanted) if each.number not in shown]
    return Candidates(found, floor=None if messages.is_done else messages.below)


def _gather(scope: Scope, streams: Iterable[_Stream], wanted: int) -> list[Found]:
    found: list[Found] = []
    for _ in range(_ROUNDS):
        if len(found) >= wanted or all(stream.is_done for stream in streams):
            break
        found += load(scope, [number for stream in streams for number in stream.next()])
        for stream in streams:
            stream.limit = _AT_ONCE
    return found


def _messages(scope: Scope, query: Query, below: int, limit: int, *, is_whole: bool = False) -> _Stream:
    groups = [(each.whole if is_whole else each.term,) for each in query.sought] + scope.groups
    none_of = (*(each.whole for each in query.excluded), *scope.none_of)
    return _Stream(scope, Expression(tuple(groups), none_of) if groups else None, limit, below, scope.lowest)


def _titles(scope: Scope, query: Query) -> _Stream:
    """A conversation that was begun before a day may have been active since: filtered after loading."""
    groups: list[tuple[Term, ...]] = [(each.title_term,) for each in query.sought] or [(term(TITLE),)]
    expression = Expression(tuple(groups), tuple(each.title_term for each in query.excluded))
    return _Stream(scope, expression if scope.has_titles else None, MOST_TITLES, scope.below, reach=Reach.FEW)


def _phrases(scope: Scope, query: Query, reach: Reach) -> list[int]:
    return _Stream(scope, _phrase(scope, query), MOST_PHRASES, scope.below, scope.lowest, reach).next()


def _phrase(scope: Scope, query: Query) -> Expression | None:
    """All words one after the other, as they were typed."""
    if len(query.sought) < 2:
        return None
    words = sought(" ".join(each.text for each in query.sought))
    if not words:
        return None
    none_of = (*(each.whole for each in query.excluded), *scope.none_of)
    return Expression(((Term(tuple(words), query.sought[-1].term.is_prefix),), *scope.groups), none_of)
