"""Fragments that keep the page fresh, and what is done to a conversation."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.actions.conversations import delete_conversation
from conversations.models import Conversation, LanguageModel, Message, User
from tests.trees import answered, say
from tests.views.pages import DATA, articles, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

CHANGES = ["conversation-update", "conversation-delete", "conversation-restore"]


def filled(owner: User, count: int) -> list[Conversation]:
    now = timezone.now()
    rows = [Conversation(owner=owner, title=f"no {i}", active_at=now - timedelta(hours=i)) for i in range(count)]
    return Conversation.objects.bulk_create(rows)


def rows_of(html: str) -> list[str]:
    return re.findall(r'<li class="row" data-conversation="([^"]+)"', html)


def test_the_sidebar_comes_page_by_page_without_gap_or_double(client: Client, alice: User) -> None:
    wanted = [str(row.pk) for row in filled(alice, 120)]
    client.force_login(alice)
    url, seen = reverse("conversation-index"), []
    while url:
        response = client.get(url)
        seen += rows_of(text_of(response))
        url = response["X-Next"]
    assert seen == wanted


def test_conversations_of_the_same_instant_are_all_listed(client: Client, alice: User) -> None:
    now = timezone.now()
    Conversation.objects.bulk_create(Conversation(owner=alice, active_at=now) for _ in range(60))
    client.force_login(alice)
    first = client.get(reverse("conversation-index"))
    second = client.get(first["X-Next"])
    assert len({*rows_of(text_of(first)), *rows_of(text_of(second))}) == 60


@pytest.mark.parametrize("cursor", ["x", "1-2", "99999999999999999999-" + "0" * 32, "-"])
def test_a_made_up_cursor_is_not_found(client: Client, alice: User, cursor: str) -> None:
    client.force_login(alice)
    assert client.get(reverse("conversation-index"), {"before": cursor}).status_code == 404


def test_pinned_ones_stand_first_and_once(client: Client, alice: User) -> None:
    last = filled(alice, 60)[-1]
    Conversation.objects.filter(pk=last.pk).update(pinned_at=timezone.now())
    client.force_login(alice)
    response = client.get(reverse("conversation-index"))
    html = text_of(response)
    assert html.index('data-group="pinned"') < html.index('data-group="today"')
    assert rows_of(html)[0] == str(last.pk)
    assert str(last.pk) not in text_of(client.get(response["X-Next"]))


def test_a_row_pulses_while_an_answer_is_written(client: Client, alice: User, model: LanguageModel) -> None:
    say(alice)
    client.force_login(alice)
    assert 'class="entry__pulse"' in text_of(client.get(reverse("conversation-index")))


def test_older_messages_come_fifty_at_a_time(client: Client, alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    rows: list[Message] = []
    for i in range(70):
        parent = rows[-1] if rows else None
        rows.append(Message(conversation=conversation, parent=parent, role="user", text=str(i)))
    Message.objects.bulk_create(rows)
    Conversation.objects.update(selected_leaf=rows[-1], revision=7)
    client.force_login(alice)
    url = reverse("conversation-log", args=[conversation.pk])
    newest = client.get(url)
    assert articles(text_of(newest)) == [str(row.pk) for row in rows[20:]]
    assert (newest["X-Revision"], newest["X-Leaf"], newest["X-Older"]) == ("7", str(rows[-1].pk), "1")
    older = client.get(url, {"before": str(rows[20].pk)})
    assert articles(text_of(older)) == [str(row.pk) for row in rows[:20]]
    assert older["X-Older"] == "0"
    assert articles(text_of(client.get(url, {"before": str(rows[0].pk)}))) == []


@pytest.mark.parametrize("before", ["nonsense", "4c3df7e3-f194-49fe-825a-2669959ed838"])
def test_above_an_unknown_message_is_nothing(client: Client, alice: User, before: str) -> None:
    conversation = Conversation.objects.create(owner=alice)
    client.force_login(alice)
    url = reverse("conversation-log", args=[conversation.pk])
    assert client.get(url, {"before": before}).status_code == 404


def test_a_message_of_another_conversation_is_no_place_in_this_one(
    client: Client, alice: User, carol: User, model: LanguageModel
) -> None:
    own, foreign = answered(alice), answered(carol)
    client.force_login(alice)
    url = reverse("conversation-log", args=[own.conversation_id])
    assert client.get(url, {"before": str(foreign.pk)}).status_code == 404


def changed(client: Client, conversation: Conversation, name: str, data: dict[str, str], **more: Any) -> Any:
    return client.post(reverse(name, args=[conversation.pk]), data, **more)


def test_renaming_leads_back_to_where_it_was_asked(client: Client, alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    client.force_login(alice)
    response = changed(client, conversation, "conversation-update", {"title": " New\nname ", "next": "/?model=1"})
    conversation.refresh_from_db()
    assert (response["Location"], conversation.title) == ("/?model=1", "New name")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"])
def test_no_change_leads_to_another_site(client: Client, alice: User, target: str) -> None:
    conversation = Conversation.objects.create(owner=alice)
    client.force_login(alice)
    response = changed(client, conversation, "conversation-update", {"pinned": "1", "next": target})
    assert response["Location"] == "/"


def test_a_title_that_cannot_be_is_refused_in_plain_words(client: Client, alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice, title="Old")
    client.force_login(alice)
    response = changed(client, conversation, "conversation-update", {"title": "x" * 201})
    assert response.status_code == 400
    assert "at most 200 characters" in text_of(response)
    data = changed(client, conversation, "conversation-update", {"title": " "}, headers=DATA)
    assert data.json()["code"] == "invalid"
    conversation.refresh_from_db()
    assert conversation.title == "Old"


def test_pinning_and_unpinning(client: Client, alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    client.force_login(alice)
    assert changed(client, conversation, "conversation-update", {"pinned": "1"}, headers=DATA).status_code == 204
    assert Conversation.objects.pinned().count() == 1
    changed(client, conversation, "conversation-update", {"pinned": "0"})
    assert Conversation.objects.pinned().count() == 0


def test_other_fields_have_no_effect(client: Client, alice: User, carol: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    client.force_login(alice)
    changed(client, conversation, "conversation-update", {"title": "T", "owner": str(carol.pk), "revision": "99"})
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.revision) == (alice, 0)


def test_deleting_offers_to_bring_it_back(client: Client, alice: User, model: LanguageModel) -> None:
    conversation = Conversation.objects.create(owner=alice, title="Gone")
    client.force_login(alice)
    html = text_of(changed(client, conversation, "conversation-delete", {}, follow=True))
    undo = reverse("conversation-restore", args=[conversation.pk])
    assert "Gone" in html
    assert f'formaction="{undo}"' in html
    assert client.post(undo)["Location"] == reverse("conversation-detail", args=[conversation.pk])
    assert Conversation.objects.visible_to(alice).count() == 1


def test_a_script_is_told_how_to_bring_it_back(client: Client, alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice, title="Gone")
    client.force_login(alice)
    data = changed(client, conversation, "conversation-delete", {}, headers=DATA).json()
    undo = reverse("conversation-restore", args=[conversation.pk])
    assert data == {"text": "Deleted “\u2068Gone\u2069”.", "undo": undo}
    assert client.get(reverse("conversation-detail", args=[conversation.pk])).status_code == 404


@pytest.mark.parametrize("name", ["conversation-detail", "conversation-log"])
def test_a_stranger_sees_the_same_as_for_an_unknown_conversation(
    client: Client, alice: User, carol: User, name: str
) -> None:
    conversation = Conversation.objects.create(owner=alice)
    client.force_login(carol)
    foreign = client.get(reverse(name, args=[conversation.pk]))
    unknown = client.get(reverse(name, args=[uuid.uuid4()]))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content


@pytest.mark.parametrize("name", CHANGES)
def test_a_stranger_changes_nothing(client: Client, alice: User, carol: User, name: str) -> None:
    conversation = Conversation.objects.create(owner=alice, title="Mine")
    if name == "conversation-restore":
        delete_conversation(conversation)
    client.force_login(carol)
    assert changed(client, conversation, name, {"title": "Stolen", "pinned": "1"}).status_code == 404
    now = Conversation.objects.get(pk=conversation.pk)
    assert (now.title, now.pinned_at, now.deleted_at) == ("Mine", None, conversation.deleted_at)


@pytest.mark.parametrize("name", CHANGES)
def test_looking_changes_nothing(client: Client, alice: User, name: str) -> None:
    conversation = Conversation.objects.create(owner=alice)
    client.force_login(alice)
    assert client.get(reverse(name, args=[conversation.pk])).status_code == 405
