"""The bin's pages, and temporary conversations."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations import search
from conversations.actions.conversations import delete_conversation
from conversations.models import Conversation, User
from conversations.models.conversations import GONE
from tests.trees import answered

pytestmark = pytest.mark.usefixtures("model", "static_files")


@pytest.fixture
def browser(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def deleted(owner: User, title: str = "Old plans") -> Conversation:
    conversation = answered(owner, title).conversation
    delete_conversation(conversation)
    return conversation


def test_it_lists_what_was_deleted_and_until_when_it_stays(browser: Client, alice: User, bob: User) -> None:
    deleted(alice, "<b>Mine")
    deleted(bob, "Theirs")
    page = browser.get(reverse("bin")).content.decode()
    assert "&lt;b&gt;Mine" in page
    assert "Theirs" not in page
    assert "30 days" in page


def test_an_empty_one_says_so(browser: Client) -> None:
    assert "The bin is empty." in browser.get(reverse("bin")).content.decode()


def test_chosen_ones_come_back(browser: Client, alice: User, bob: User) -> None:
    mine, theirs = deleted(alice), deleted(bob)
    browser.post(reverse("bin-restore"), {"conversation": [mine.pk, theirs.pk, "nonsense"]})
    assert list(Conversation.objects.filter(deleted_at=None)) == [mine]


def test_removing_for_good_asks_first(browser: Client, alice: User) -> None:
    conversation = deleted(alice)
    asked: Any = browser.post(reverse("bin-remove"), {"conversation": conversation.pk})
    assert "Remove 1 conversation for good?" in asked.content.decode()
    assert Conversation.objects.deleted_by(alice).exists()
    browser.post(reverse("bin-remove"), {"conversation": conversation.pk, "confirmed": 1})
    assert Conversation.objects.get().deleted_at == GONE


def test_emptying_takes_all_of_it_and_nothing_else(browser: Client, alice: User, bob: User) -> None:
    deleted(alice), deleted(alice), deleted(bob), answered(alice)
    browser.post(reverse("bin-remove"), {"all": 1, "confirmed": 1})
    assert Conversation.objects.filter(deleted_at=GONE).count() == 2
    assert not Conversation.objects.deleted_by(alice).exists()


def _fill(owner: User, count: int) -> list[str]:
    now = timezone.now()
    rows = [Conversation(owner=owner, title=f"{n}", deleted_at=now - timedelta(minutes=n)) for n in range(count)]
    return [row.title for row in Conversation.objects.bulk_create(rows)]


def test_older_ones_stand_on_further_pages(browser: Client, alice: User) -> None:
    titles, seen, address = _fill(alice, 205), [], reverse("bin")
    while address:
        response: Any = browser.get(address)
        seen += [row.conversation.title for row in response.context["rows"]]
        address = f"{reverse('bin')}?before={response.context['next']}" if response.context["next"] else ""
    assert seen == titles


def test_a_page_goes_on_where_it_was_though_its_last_row_was_restored(browser: Client, alice: User) -> None:
    titles = _fill(alice, 120)
    first: Any = browser.get(reverse("bin"))
    Conversation.objects.filter(title=titles[99]).update(deleted_at=None)
    second: Any = browser.get(f"{reverse('bin')}?before={first.context['next']}")
    assert [row.conversation.title for row in second.context["rows"]] == titles[100:]


def test_many_rows_take_no_more_queries(browser: Client, alice: User) -> None:
    counts: list[int] = []
    browser.get(reverse("bin"))
    for more in (3, 60):
        _fill(alice, more)
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("bin"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def _begin(browser: Client, **more: Any) -> Conversation:
    browser.post(reverse("message-create"), {"client_id": uuid.uuid4(), "text": "A secret pomegranate", **more})
    return Conversation.objects.get()


def test_a_temporary_one_says_so_and_is_in_no_list_and_no_search(browser: Client, alice: User) -> None:
    page = browser.get("/?temporary=1").content.decode()
    assert 'name="temporary" value="1"' in page
    conversation = _begin(browser, temporary="1")
    assert conversation.is_temporary
    page = browser.get(reverse("conversation-detail", args=[conversation.pk])).content.decode()
    assert "gone a day after its last message" in page
    assert f'data-conversation="{conversation.pk}" data-active' not in page
    assert str(conversation.pk) not in browser.get(reverse("conversation-index")).content.decode()
    assert not search.search(alice, "pomegranate").hits


def test_it_can_be_kept(browser: Client, alice: User) -> None:
    conversation = _begin(browser, temporary="1")
    browser.post(reverse("conversation-keep", args=[conversation.pk]))
    assert str(conversation.pk) in browser.get(reverse("conversation-index")).content.decode()
    assert search.search(alice, "pomegranate").hits


def test_a_usual_one_is_not_temporary(browser: Client) -> None:
    assert not _begin(browser).is_temporary


@pytest.mark.parametrize("deed", ["archive", "move", "tag"])
def test_a_temporary_one_gets_no_place_in_any_list(browser: Client, deed: str) -> None:
    conversation = _begin(browser, temporary="1")
    data = {"deed": deed, "conversation": conversation.pk, "new": "Secrets"}
    reply = browser.post(reverse("archive-change"), data, headers={"Accept": "application/json"})
    assert (reply.status_code, reply.json()["code"]) == (409, "conflict")
    update = reverse("conversation-update", args=[conversation.pk])
    assert browser.post(update, {"pinned": 1}, headers={"Accept": "application/json"}).status_code == 409
    share = browser.post(reverse("conversation-share", args=[conversation.pk]), headers={"Accept": "application/json"})
    assert share.status_code in {400, 409}
    everywhere = [reverse("conversation-index"), reverse("archive"), reverse("search"), reverse("transfers")]
    for address in everywhere:
        assert str(conversation.pk) not in browser.get(address).content.decode()


def test_a_deleted_temporary_one_is_not_in_the_bin(browser: Client) -> None:
    conversation = _begin(browser, temporary="1")
    delete_conversation(conversation)
    assert "The bin is empty." in browser.get(reverse("bin")).content.decode()
