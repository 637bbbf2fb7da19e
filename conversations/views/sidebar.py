"""The sidebar: pinned conversations, folders, what others share; then by day, newest activity first, page by page."""

import re
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from operator import or_
from urllib.parse import urlencode

from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.urls import reverse

from conversations.models import Conversation, Folder, User
from conversations.models.conversations import MOST_PINNED, ConversationQuerySet
from conversations.models.folders import Branch, grown
from conversations.models.generations import is_answering
from conversations.views.cursors import cursor_of, position

PAGE = 50
FOLDER_PAGE = 20
SHARED = 20
MOST_OPEN = 12
"""How many folders come with their conversations in the page; the others bring them when they are opened."""
CLOSED = "no-shared"
_TOKEN = re.compile(r"[0-9a-f]{12}|" + CLOSED)


@dataclass(frozen=True)
class Group:
    """One section; ``key`` as ``Conversation.group`` has it."""

    key: str
    conversations: list[Conversation]


@dataclass
class Shelf:
    """A folder as listed: how many conversations it holds with all inside it, and those shown if it is open."""

    folder: Folder
    count: int
    inside: list["Shelf"]
    is_open: bool = False
    conversations: list[Conversation] = field(default_factory=list)
    cursor: str = ""

    @property
    def next_url(self) -> str:
        url = reverse("folder-detail", args=[self.folder.pk])
        return f"{url}?{urlencode({'fragment': 1, 'before': self.cursor})}" if self.cursor else ""


@dataclass(frozen=True)
class Top:
    """What stands above the days."""

    pinned: list[Conversation]
    shelves: list[Shelf]
    shared: list[Conversation]
    has_more_shared: bool
    is_shared_open: bool


@dataclass(frozen=True)
class Sidebar:
    """Sections in order, and where the next page begins ("" at the end)."""

    groups: list[Group]
    cursor: str
    top: Top | None = None

    @property
    def query(self) -> str:
        return urlencode({"before": self.cursor})

    @property
    def next_url(self) -> str:
        return f"{reverse('conversation-index')}?{self.query}" if self.cursor else ""


def sidebar(user: User, cursor: str = "", opened: Collection[str] = ()) -> Sidebar:
    """A page of the sidebar, its number of queries fixed; 404 for a cursor that is none of ours.

    ``opened`` as ``opened_in`` gives it.
    """
    rows = listed(Conversation.objects.owned_by(user))
    recent = list(rows.recent(position(cursor))[: PAGE + 1])
    more, recent = len(recent) > PAGE, recent[:PAGE]
    groups = [Group(key, list(members)) for key, members in groupby(recent, key=lambda each: each.group)]
    next_cursor = cursor_of(recent[-1]) if more else ""
    return Sidebar(groups, next_cursor, None if cursor else top(user, opened))


def top(user: User, opened: Collection[str] = ()) -> Top:
    """What stands above the days; ``opened`` as ``opened_in`` gives it."""
    pinned = listed(Conversation.objects.owned_by(user)).pinned()[:MOST_PINNED]
    shared = list(_shared(user)[: SHARED + 1])
    is_shared_open = CLOSED not in opened
    return Top(list(pinned), shelves(user, opened), shared[:SHARED], len(shared) > SHARED, is_shared_open)


def opened_in(request: HttpRequest) -> list[str]:
    """What the browser remembers as open: ends of the ids of folders, and CLOSED if the shared ones are not."""
    return _TOKEN.findall(request.COOKIES.get("folders", "")[:2000])


def shelves(user: User, opened: Collection[str] = ()) -> list[Shelf]:
    """One's folders as a tree."""
    branches = grown(Folder.objects.visible_to(user))
    if not branches:
        return []
    filed = Conversation.objects.owned_by(user).filed().order_by()
    counts = dict(filed.values_list("folder").annotate(Count("pk")))
    roots = [_shelf(branch, counts, opened) for branch in branches]
    open_ones = _open_ones(roots)
    for shelf in open_ones[MOST_OPEN:]:
        shelf.is_open = False
    _fill_each(open_ones[:MOST_OPEN], user)
    return roots


def _fill_each(open_ones: list[Shelf], user: User) -> None:
    """With the first page of what stands in each, in one query. That it names the folders twice lets PostgreSQL begin
    at their index."""
    filed = (Conversation.objects.owned_by(user).filter(folder=shelf.folder).filed() for shelf in open_ones)
    among = [Q(pk__in=rows[: FOLDER_PAGE + 1].values("pk")) for rows in filed]
    found: dict[uuid.UUID | None, list[Conversation]] = defaultdict(list)
    if among:
        rows = Conversation.objects.filter(reduce(or_, among), folder__in=[shelf.folder for shelf in open_ones])
        for row in listed(rows).newest_first():
            found[row.folder_id].append(row)
    for shelf in open_ones:
        _show(shelf, found[shelf.folder.pk])


def fill(shelf: Shelf, user: User, cursor: str = "") -> Shelf:
    """With a page of what stands in it; 404 for a cursor that is none of ours."""
    rows = listed(Conversation.objects.owned_by(user)).filter(folder=shelf.folder).filed(position(cursor))
    return _show(shelf, list(rows[: FOLDER_PAGE + 1]))


def _show(shelf: Shelf, found: list[Conversation]) -> Shelf:
    """With a page of these; one more says that there is another page."""
    shelf.is_open, shelf.conversations = True, found[:FOLDER_PAGE]
    shelf.cursor = cursor_of(found[FOLDER_PAGE - 1]) if len(found) > FOLDER_PAGE else ""
    return shelf


def listed(rows: ConversationQuerySet) -> ConversationQuerySet:
    """One's own, with what a row of the sidebar shows."""
    return rows.annotate(is_answering=is_answering(), is_unseen=F("has_unseen_answer")).defer("parameters")


def _shared(user: User) -> ConversationQuerySet:
    rows = Conversation.objects.shared_with(user).unseen_by(user).annotate(is_answering=is_answering())
    return rows.select_related("owner").defer("parameters").newest_first()


def _shelf(branch: Branch, counts: dict[uuid.UUID, int], opened: Collection[str]) -> Shelf:
    inside = [_shelf(each, counts, opened) for each in branch.inside]
    count = counts.get(branch.folder.pk, 0) + sum(each.count for each in inside)
    return Shelf(branch.folder, count, inside, is_open=branch.folder.pk.hex[-12:] in opened)


def _open_ones(roots: list[Shelf]) -> list[Shelf]:
    """Those that are open and not inside a closed one."""
    return [each for root in roots if root.is_open for each in (root, *_open_ones(root.inside))]
