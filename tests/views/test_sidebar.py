"""The sidebar at any size: as many queries for many rows as for few, and each by an index made for it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations.actions.folders import create_folder
from conversations.models import Conversation, Folder, Member, User
from conversations.views.cursors import cursor_of, position
from conversations.views.sidebar import FOLDER_PAGE, MOST_OPEN, listed
from tests.views.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def filled(owner: User, count: int, **values: Any) -> list[Conversation]:
    now = timezone.now()
    rows = [
        Conversation(owner=owner, title=f"no {i}", active_at=now - timedelta(hours=i), **values) for i in range(count)
    ]
    return Conversation.objects.bulk_create(rows)


def rows_of(html: str) -> list[str]:
    return re.findall(r'<li class="row" data-conversation="([^"]+)"', html)


def opened(client: Client, *folders: Folder) -> None:
    client.cookies["folders"] = ".".join(folder.pk.hex[-12:] for folder in folders)


def test_it_asks_as_often_for_many_rows_as_for_few(client: Client, alice: User, bob: User) -> None:
    folder = create_folder(alice, "Work")
    client.force_login(alice)
    opened(client, folder)
    counts = []
    for count in (3, 60):
        filled(alice, count)
        filled(alice, count, folder=folder)
        filled(alice, 3, pinned_at=timezone.now())
        shared = filled(bob, count, has_members=True)
        Member.objects.bulk_create(Member(conversation=row, user=alice) for row in shared)
        client.get(reverse("conversation-index"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("conversation-index"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_asks_as_often_for_many_open_folders_as_for_one(client: Client, alice: User) -> None:
    folders = [create_folder(alice, f"Folder {number:02}") for number in range(MOST_OPEN + 2)]
    wanted = [[str(row.pk) for row in filled(alice, 1 + 3 * place, folder=each)] for place, each in enumerate(folders)]
    client.force_login(alice)
    counts = []
    for count in (1, len(folders)):
        opened(client, *folders[:count])
        client.get(reverse("conversation-index"))
        with CaptureQueriesContext(connection) as queries:
            html = text_of(client.get(reverse("conversation-index")))
        counts.append(len(queries))
        shown = [pk for pks in wanted[: min(count, MOST_OPEN)] for pk in pks[:FOLDER_PAGE]]
        assert rows_of(html) == shown
        assert html.count("&amp;before=") == sum(len(pks) > FOLDER_PAGE for pks in wanted[: min(count, MOST_OPEN)])
    assert counts[0] == counts[1]


def test_a_folder_comes_page_by_page_without_gap_or_double(client: Client, alice: User) -> None:
    folder = create_folder(alice, "Work")
    wanted = [str(row.pk) for row in filled(alice, 2 * FOLDER_PAGE + 5, folder=folder)]
    client.force_login(alice)
    url, seen = f"{reverse('folder-detail', args=[folder.pk])}?fragment=1", []
    while url:
        html = text_of(client.get(url))
        seen += rows_of(html)
        found = re.search(r'data-next="([^"]+)"', html)
        url = found[1].replace("&amp;", "&") if found else ""
    assert seen == wanted


def test_only_open_folders_bring_their_conversations(client: Client, alice: User) -> None:
    outer = create_folder(alice, "Outer")
    inner = create_folder(alice, "Inner", outer)
    (held,) = filled(alice, 1, folder=inner)
    client.force_login(alice)
    for folders, is_there in (((), False), ((inner,), False), ((outer, inner), True)):
        opened(client, *folders)
        assert (str(held.pk) in rows_of(text_of(client.get(reverse("conversation-index"))))) is is_there


def test_each_stands_in_one_place(client: Client, alice: User) -> None:
    folder = create_folder(alice, "Work")
    day, filed, pinned, archived = filled(alice, 4)
    now = timezone.now()
    Conversation.objects.filter(pk__in=[filed.pk, pinned.pk, archived.pk]).update(folder=folder)
    Conversation.objects.filter(pk=pinned.pk).update(pinned_at=now)
    Conversation.objects.filter(pk=archived.pk).update(archived_at=now)
    (secret,) = filled(alice, 1, is_temporary=True)
    client.force_login(alice)
    opened(client, folder)
    assert rows_of(text_of(client.get(reverse("conversation-index")))) == [str(row.pk) for row in (pinned, filed, day)]
    places = {row.pk: row.place_for(alice) for row in Conversation.objects.all()}
    assert places == {
        day.pk: "today",
        filed.pk: f"folder-{folder.pk}",
        pinned.pk: "pinned",
        archived.pk: "",
        secret.pk: "",
    }


@pytest.mark.parametrize("cookie", ["x" * 5000, "../..", "no-shared", "0" * 12])
def test_a_cookie_of_anything_does_no_harm(client: Client, alice: User, cookie: str) -> None:
    client.force_login(alice)
    client.cookies["folders"] = cookie
    assert client.get("/").status_code == 200


def plan_of(rows: "QuerySet[Any, Any]") -> str:
    """How the database would go about it; PostgreSQL without its habit of reading small tables whole."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
    return rows.explain()


def test_each_list_is_read_from_an_index_in_its_order(alice: User, bob: User) -> None:
    folder = create_folder(alice, "Work")
    for owner in (alice, bob):
        rows = filled(owner, 200)
        filled(owner, 5, pinned_at=timezone.now())
    filled(alice, 200, folder=folder)
    own = listed(Conversation.objects.owned_by(alice))
    before = position(cursor_of(rows[100]))
    wanted: list[tuple[Any, str]] = [
        (own.recent()[:51], "conversation_recent"),
        (own.recent(before)[:51], "conversation_recent"),
        (own.pinned()[:100], "conversation_pinned"),
        (own.filter(folder=folder).filed(before)[:21], "conversation_(filed|in_folder)"),
    ]
    if connection.vendor == "sqlite":  # the other reads a table this small in another way
        counts = Conversation.objects.owned_by(alice).filed().order_by().values_list("folder").annotate(Count("pk"))
        wanted.append((counts, "conversation_filed"))
    for rows_, index in wanted:
        plan = plan_of(rows_)
        assert re.search(index, plan), plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan, plan
        assert not re.search(r"^\s*(->)?\s*Sort", plan, re.MULTILINE), plan
