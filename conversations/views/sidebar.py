"""The sidebar: pinned conversations, then by day, page by page along the order of activity."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from conversations.models import Conversation, User
from conversations.models.conversations import MOST_PINNED
from conversations.models.generations import is_answering

PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Group:
    """One section; ``key`` as ``Conversation.group`` has it."""

    key: str
    conversations: list[Conversation]


@dataclass(frozen=True)
class Sidebar:
    """Sections in order, and where the next page begins ("" at the end)."""

    groups: list[Group]
    cursor: str

    @property
    def query(self) -> str:
        return urlencode({"before": self.cursor})

    @property
    def next_url(self) -> str:
        return f"{reverse('conversation-index')}?{self.query}" if self.cursor else ""


def sidebar(user: User, cursor: str = "") -> Sidebar:
    """A page of the sidebar in a fixed number of queries; 404 for a cursor that is none of ours."""
    rows = Conversation.objects.owned_by(user).annotate(is_answering=is_answering())
    pinned = [] if cursor else list(rows.pinned()[:MOST_PINNED])
    recent = list(rows.recent(_position(cursor) if cursor else None)[: PAGE + 1])
    more, recent = len(recent) > PAGE, recent[:PAGE]
    shown = groupby([*pinned, *recent], key=lambda conversation: conversation.group)
    return Sidebar([Group(key, list(members)) for key, members in shown], _cursor(recent[-1]) if more else "")


def _cursor(last: Conversation) -> str:
    microseconds = (last.active_at - _EPOCH) // timedelta(microseconds=1)
    return f"{microseconds}-{last.pk.hex}"


def _position(cursor: str) -> tuple[datetime, uuid.UUID]:
    microseconds, _, pk = cursor.partition("-")
    try:
        return _EPOCH + timedelta(microseconds=int(microseconds)), uuid.UUID(pk)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
