"""All conversations on a page, and what is done to those chosen there or in the sidebar."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations.actions.folders import create_folder
from conversations.actions.tags import tag_conversations
from conversations.models import Conversation, Folder, Member, Tag, User
from tests.views.pages import DATA, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def filled(owner: User, count: int, **values: Any) -> list[Conversation]:
    now = timezone.now()
    rows = [
        Conversation(owner=owner, title=f"no {i}", active_at=now - timedelta(hours=i), **values) for i in range(count)
    ]
    return Conversation.objects.bulk_create(rows)


def listed(client: Client, **narrowing: str) -> list[str]:
    html = text_of(client.get(reverse("archive"), narrowing))
    return re.findall(r'class="table__main"><a href="[^"]+"><bdi>([^<]*)</bdi>', html)


def change(client: Client, deed: str, *rows: Conversation, data: bool = True, **values: Any) -> Any:
    fields = {"deed": deed, "conversation": [str(row.pk) for row in rows], **values}
    return client.post(reverse("archive-change"), fields, headers=DATA if data else {})


def test_it_is_narrowed_down_by_title_folder_tag_and_state(client: Client, alice: User) -> None:
    one, two, three = filled(alice, 3)
    folder = create_folder(alice, "Work")
    tag_conversations(alice, [three], new=["later"])
    Conversation.objects.filter(pk=one.pk).update(archived_at=timezone.now())
    Conversation.objects.filter(pk=two.pk).update(folder=folder)
    Conversation.objects.create(owner=alice, title="secret", is_temporary=True)
    client.force_login(alice)
    assert listed(client) == ["no 1", "no 2"]
    assert listed(client, state="all") == ["no 0", "no 1", "no 2"]
    assert listed(client, state="archived") == ["no 0"]
    assert listed(client, folder=str(folder.pk)) == ["no 1"]
    assert listed(client, folder="none") == ["no 2"]
    assert listed(client, tag=str(Tag.objects.get().pk)) == ["no 2"]
    assert listed(client, q="NO 2", state="nonsense", folder="nonsense") == ["no 2"]


def test_what_others_share_is_listed_apart(client: Client, alice: User, bob: User) -> None:
    (row,) = filled(bob, 1, has_members=True)
    Member.objects.create(conversation=row, user=alice)
    client.force_login(alice)
    assert listed(client) == []
    assert listed(client, state="shared") == ["no 0"]
    assert change(client, "archive", row).status_code == 404


def test_it_comes_page_by_page_without_gap_or_double(client: Client, alice: User) -> None:
    filled(alice, 120)
    client.force_login(alice)
    url, seen = reverse("archive") + "?state=all", []
    while url:
        html = text_of(client.get(url))
        seen += re.findall(r"<bdi>(no \d+)</bdi></a>", html)
        found = re.search(r'href="([^"]+)" rel="next"', html)
        url = reverse("archive") + found[1].replace("&amp;", "&") if found else ""
    assert seen == [f"no {i}" for i in range(120)]


def test_it_asks_as_often_for_many_rows_as_for_few(client: Client, alice: User) -> None:
    client.force_login(alice)
    counts = []
    for count in (3, 57):
        rows = filled(alice, count, folder=create_folder(alice, f"f{count}"))
        tag_conversations(alice, rows, new=["a", "b"])
        client.get(reverse("archive"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("archive"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_deed_on_many_says_what_it_did_and_how_to_take_it_back(client: Client, alice: User) -> None:
    rows = filled(alice, 3)
    client.force_login(alice)
    said = change(client, "archive", *rows).json()
    assert said["text"] == "Archived 3 conversations."
    assert not Conversation.objects.owned_by(alice).recent().exists()
    assert client.post(said["undo"], headers=DATA).status_code == 204
    assert Conversation.objects.owned_by(alice).recent().count() == 3
    assert client.post(said["undo"], headers=DATA).status_code == 404


def test_without_script_a_deed_leads_back_and_offers_undo(client: Client, alice: User) -> None:
    rows = filled(alice, 2)
    client.force_login(alice)
    response = change(client, "delete", *rows, data=False, next="/archive/?state=all")
    assert response["Location"] == "/archive/?state=all"
    html = text_of(client.get("/archive/"))
    assert "Deleted 2 conversations." in html
    assert re.search(r'formaction="/undo/[^"]+/"', html)


def test_moving_can_make_the_folder_first(client: Client, alice: User) -> None:
    rows = filled(alice, 2)
    outer = create_folder(alice, "Work")
    client.force_login(alice)
    change(client, "move", *rows, folder=str(outer.pk), new=" Clients ")
    assert {str(row.folder) for row in Conversation.objects.all()} == {"Clients"}
    assert Folder.objects.get(name="Clients").parent == outer
    change(client, "move", rows[0], folder="")
    assert Conversation.objects.filter(folder=None).count() == 1


def test_without_a_target_it_asks_for_one(client: Client, alice: User) -> None:
    (row,) = filled(alice, 1)
    create_folder(alice, "<i>Work</i>")
    client.force_login(alice)
    address = reverse("archive-change")
    page = text_of(client.get(address, {"deed": "move", "conversation": str(row.pk)}))
    assert "&lt;i&gt;Work&lt;/i&gt;" in page
    assert "<html" in page
    fragment = text_of(client.get(address, {"deed": "tag", "conversation": str(row.pk), "fragment": "1"}))
    assert fragment.startswith("<form")
    assert client.get(address, {"deed": "archive", "conversation": str(row.pk)}).status_code == 404


def test_tags_that_only_some_had_stay_unless_they_are_chosen(client: Client, alice: User) -> None:
    one, two = filled(alice, 2)
    tag_conversations(alice, [one, two], new=["both"])
    tag_conversations(alice, [one], new=["one"])
    both, other = Tag.objects.get(name="both"), Tag.objects.get(name="one")
    client.force_login(alice)
    change(client, "tag", one, two, held=[str(both.pk)], new="new, Newer")
    assert {tag.name for tag in one.tags.all()} == {"one", "new", "Newer"}
    assert {tag.name for tag in two.tags.all()} == {"new", "Newer"}
    assert other.conversations.count() == 1


def test_of_those_named_only_ones_own_are_changed(client: Client, alice: User, carol: User) -> None:
    (own,), (foreign,) = filled(alice, 1), filled(carol, 1)
    theirs = create_folder(carol, "Hers")
    client.force_login(alice)
    assert change(client, "archive", own, foreign).status_code == 200
    foreign.refresh_from_db()
    assert not foreign.is_archived
    unknown = Conversation(pk=uuid.uuid4())
    assert change(client, "archive", foreign).content == change(client, "archive", unknown).content
    assert change(client, "move", own, folder=str(theirs.pk)).status_code == 404
    assert change(client, "move", own, folder=str(uuid.uuid4())).status_code == 404


@pytest.mark.parametrize("ids", [[], ["x"], ["0" * 40]])
def test_ids_that_are_none_are_not_found(client: Client, alice: User, ids: list[str]) -> None:
    client.force_login(alice)
    response = client.post(reverse("archive-change"), {"deed": "archive", "conversation": ids}, headers=DATA)
    assert response.status_code == 404


def test_only_so_many_are_changed_at_once(client: Client, alice: User) -> None:
    rows = filled(alice, 501)
    client.force_login(alice)
    assert "Select fewer" in change(client, "archive", *rows).json()["message"]
