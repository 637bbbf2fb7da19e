"""Finding: one ranked list of titles and messages.

Work is bounded whatever a person owns: only the newest finds of each kind are ranked. Who reads on behind them gets
the older ones by age.
"""

import time
from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from conversations.models import Conversation, User
from conversations.search.candidates import candidates, older
from conversations.search.highlighting import hits_of
from conversations.search.loading import Found
from conversations.search.pages import Place, read_cursor
from conversations.search.queries import Query, parse
from conversations.search.ranking import ranked
from conversations.search.results import Hit, Results
from conversations.search.scopes import Scope, scope_of
from conversations.search.spelling import corrected

MOST_HITS = 100
"""On a page."""
_OF_A_CONVERSATION = 3


def search(
    user: User | AnonymousUser,
    text: str,
    *,
    conversation: Conversation | None = None,
    limit: int = 20,
    after: str = "",
) -> Results:
    """The best ``limit`` hits among what ``user`` may see, or in one conversation of those.

    ``text`` may be anything: all words must occur; "in this order"; -not; the last word is found by its beginning
    unless a space follows; model:, from:me|model, folder:, tag:, before:, after:, has:image|code|error,
    is:shared|archived|pinned. ``after`` is the cursor of the page before; one that can't be read is the first page.
    """
    query = parse(text)
    if query.is_empty or not isinstance(user, User):
        return Results(notes=query.notes)
    scope = scope_of(user, query, conversation)
    notes = (*query.notes, *scope.notes)
    limit = max(1, min(limit, MOST_HITS))
    place = read_cursor(after, int(time.time()))
    hits, cursor = _page(scope, query, place, limit)
    if hits or after:
        return Results(tuple(hits), cursor, "", notes)
    better = corrected(scope, query, text)
    if not better:
        return Results(notes=notes)
    hits, _ = _page(scope, parse(better), place, limit)
    return Results(tuple(hits), "", better, notes) if hits else Results(notes=notes)


def _page(scope: Scope, query: Query, place: Place, limit: int) -> tuple[list[Hit], str]:
    """What is shown from a place on, and the cursor behind it."""
    if not scope.parts:
        return [], ""
    if place.older_than is not None:
        return _older_page(scope, query, place, limit)
    found = candidates(scope, query)
    in_order = ranked(query, found, place.now)
    kept, more = _grouped(scope, [each.found for each in in_order])
    ranks = {each.found.number: each.rank for each in in_order}
    left = [each for each in kept if place.rank is None or ranks[each.number] < place.rank]
    hits = hits_of(scope, query, left[:limit], more)
    if len(left) > limit:
        return hits, place._replace(rank=ranks[left[limit - 1].number]).cursor
    return hits, place._replace(older_than=found.floor, rank=None).cursor


def _older_page(scope: Scope, query: Query, place: Place, limit: int) -> tuple[list[Hit], str]:
    found = older(scope, query, place.older_than or 0, limit + 1)
    shown = found.found[:limit]
    kept, more = _grouped(scope, shown)
    hits = hits_of(scope, query, kept, more)
    if len(found.found) > limit:
        return hits, place._replace(older_than=shown[-1].number).cursor
    return hits, place._replace(older_than=found.floor).cursor


def _grouped(scope: Scope, in_order: Iterable[Found]) -> tuple[list[Found], Counter[UUID]]:
    """The best few of each conversation, and how many more of it there are; of a single one all."""
    kept: list[Found] = []
    seen: Counter[UUID] = Counter()
    more: Counter[UUID] = Counter()
    is_single = sum(len(part.conversations or (1, 2)) for part in scope.parts) == 1
    for each in in_order:
        seen[each.conversation_id] += 1
        if is_single or seen[each.conversation_id] <= _OF_A_CONVERSATION:
            kept.append(each)
        else:
            more[each.conversation_id] += 1
    return kept, more
