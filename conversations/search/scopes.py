"""Where to look: what one person may see, narrowed by the filters of a query."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from conversations.models import Conversation, Folder, Tag, User
from conversations.search.dates import EXAMPLES, beginning_of, read_day
from conversations.search.documents import HIGHEST, SPREAD, number_of
from conversations.search.expressions import ANSWER, HAS, QUESTION, Part, Term, model_mark, term
from conversations.search.queries import Filter, Query
from conversations.search.words import fold, runs

MOST_NAMED = 300
"""So many conversations can be named in a query of the index; where more remain, finds are looked at one by one."""
_FROM = {"me": "me", "user": "me", "model": "model", "assistant": "model", "ai": "model"}


@dataclass
class Scope:
    user: User
    parts: list[Part] = field(default_factory=list)
    conversations: Q = field(default_factory=Q)
    """What is asked of conversations, beside being visible."""
    is_named: bool = True
    """``parts`` hold no conversation that ``conversations`` refuses, as far as there were no changes since."""
    groups: list[tuple[Term, ...]] = field(default_factory=list)
    """Marks that messages must carry, one of each group."""
    none_of: list[Term] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    is_mine: bool = False
    """Only what the person said herself, in conversations that several write in too."""
    notes: list[str] = field(default_factory=list)

    @property
    def has_titles(self) -> bool:
        """Titles were said by nobody and show nothing."""
        return not self.groups

    @property
    def below(self) -> int:
        return number_of(self.until) + SPREAD if self.until else 2 * HIGHEST

    @property
    def lowest(self) -> int:
        return number_of(self.since) if self.since else 0


def scope_of(user: User, query: Query, conversation: Conversation | None = None) -> Scope:
    """In at most five queries, whatever the person owns."""
    scope = Scope(user)
    _put_marks(scope, query.filters)
    _put_days(scope, query.filters)
    folders = [each for each in query.filters if each.name == "folder" and not each.is_excluded]
    for each in query.filters:
        if each.name in {"folder", "tag", "is"} and each not in folders:
            _put_condition(scope, each)
    _put_folders(scope, folders)
    if conversation is not None:
        scope.parts = [Part(conversation.owner_id, (conversation.pk,))]
    elif scope.conversations:
        _name(scope)
    else:
        scope.parts = [Part(user.pk), *_shared_parts(user)]
    return scope


def _shared_parts(user: User) -> list[Part]:
    shared = Conversation.objects.shared_with(user).filter(is_temporary=False).order_by("-active_at")
    return _parts(shared.values_list("owner_id", "pk")[:MOST_NAMED])


def _parts(pairs: Iterable[tuple[int, UUID]]) -> list[Part]:
    by_owner: dict[int, list[UUID]] = {}
    for owner_id, pk in pairs:
        by_owner.setdefault(owner_id, []).append(pk)
    return [Part(owner_id, tuple(pks)) for owner_id, pks in by_owner.items()]


def _name(scope: Scope) -> None:
    """Name the conversations that are left, if they are few."""
    left = Conversation.objects.visible_to(scope.user).filter(scope.conversations, is_temporary=False)
    pairs = list(left.values_list("owner_id", "pk")[: MOST_NAMED + 1])
    scope.is_named = len(pairs) <= MOST_NAMED
    scope.parts = _parts(pairs) if scope.is_named else [Part(scope.user.pk), *_shared_parts(scope.user)]


def _put_marks(scope: Scope, filters: Iterable[Filter]) -> None:
    either: dict[str, list[Term]] = {"model": [], "from": []}
    for each in filters:
        found = _mark(scope, each)
        if found is None:
            continue
        if each.is_excluded:
            scope.none_of.append(found)
        elif each.name in either:
            either[each.name].append(found)
        else:
            scope.groups.append((found,))
    scope.groups += [tuple(terms) for terms in either.values() if terms]
    said = [_FROM.get(each.value.lower()) for each in filters if each.name == "from" and not each.is_excluded]
    scope.is_mine = bool(said) and "model" not in said and "me" in said


def _mark(scope: Scope, each: Filter) -> Term | None:
    value = fold(each.value)
    if each.name == "model":
        name = "".join(run.text for run in runs(value))[:48]
        if name:
            return term(model_mark(name), is_prefix=True)
        scope.notes.append(f"“{each.value}” is no name of a model.")
    if each.name == "from":
        if value in _FROM:
            return term(QUESTION if _FROM[value] == "me" else ANSWER)
        scope.notes.append(f"“from:{each.value}” isn't known: write from:me or from:model.")
    if each.name == "has":
        kind = next((kind for kind in HAS if value in {kind, f"{kind}s"}), None)
        if kind:
            return term(HAS[kind])
        scope.notes.append(f"“has:{each.value}” isn't known: write has:image, has:code or has:error.")
    return None


def _put_days(scope: Scope, filters: Iterable[Filter]) -> None:
    zone = timezone.get_current_timezone()
    for each in filters:
        if each.name not in {"before", "after"}:
            continue
        day = read_day(each.value, timezone.localdate())
        if day is None:
            scope.notes.append(f"“{each.value}” is no date: write {EXAMPLES}.")
        elif (each.name == "after") != each.is_excluded:
            moment = beginning_of(day, zone)
            scope.since = max(scope.since, moment) if scope.since else moment
        else:
            moment = beginning_of(day, zone)
            scope.until = min(scope.until, moment) if scope.until else moment


def _put_condition(scope: Scope, each: Filter) -> None:
    condition = _is(scope, each) if each.name == "is" else _in(scope, each)
    if condition is not None:
        scope.conversations &= ~condition if each.is_excluded else condition


def _is(scope: Scope, each: Filter) -> Q | None:
    conditions = {
        "archived": Q(archived_at__isnull=False),
        "pinned": Q(pinned_at__isnull=False),
        "shared": Q(has_members=True) | ~Q(owner=scope.user),
    }
    found = conditions.get(fold(each.value))
    if found is None:
        scope.notes.append(f"“is:{each.value}” isn't known: write is:shared, is:archived or is:pinned.")
    return found


def _in(scope: Scope, each: Filter) -> Q | None:
    if each.name == "folder":
        folders = _folders(scope.user, each.value)
        if not folders:
            scope.notes.append(f"You have no folder “{each.value}”.")
        return Q(folder__in=folders) if folders else None
    names = dict(Tag.objects.visible_to(scope.user).values_list("pk", "name"))
    tags = _called(names, each.value)
    if not tags:
        scope.notes.append(f"You have no tag “{each.value}”.")
        return None
    return Q(pk__in=Conversation.tags.through.objects.filter(tag__in=tags).values("conversation"))


def _put_folders(scope: Scope, filters: Iterable[Filter]) -> None:
    conditions = [condition for each in filters if (condition := _in(scope, each)) is not None]
    either = Q()
    for condition in conditions:
        either |= condition
    if conditions:
        scope.conversations &= either


def _folders(user: User, name: str) -> list[UUID]:
    """Those of this name, with all inside them."""
    rows = list(Folder.objects.visible_to(user).values_list("pk", "name", "parent"))
    inside = set(_called({pk: own for pk, own, _ in rows}, name))
    before = -1
    while before != len(inside):
        before = len(inside)
        inside |= {pk for pk, _, parent in rows if parent in inside}
    return list(inside)


def _called(names: dict[UUID, str], wanted: str) -> list[UUID]:
    """Those of just this name, else those whose name begins with it."""
    value = fold(wanted)
    same = [pk for pk, name in names.items() if fold(name) == value]
    return same or [pk for pk, name in names.items() if fold(name).startswith(value)]
