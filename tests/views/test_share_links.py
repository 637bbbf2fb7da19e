"""Sharing from the owner's side: the form, its page and dialog, the list of all links."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from conversations.actions.conversations import delete_conversation
from conversations.actions.messages import edit_message
from conversations.actions.share_links import revoke_share_link
from conversations.models import Audience, Conversation, Message, ShareLink, User
from conversations.views.share_links import PAGE, branches_of
from tests.shares import allow_anyone, shared
from tests.trees import answered, fresh, play, question_of, say
from tests.views.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files", "model")]


@pytest.fixture(autouse=True)
def _nobody_guessed_yet(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def client(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return answered(alice, "A question", answer="An answer").conversation


def form(**changes: Any) -> dict[str, Any]:
    return {"client_id": str(uuid.uuid4()), "audience": "team", "expiry": "week", "names": "on"} | changes


def share(client: Client, conversation: Conversation, **changes: Any) -> Any:
    return client.post(f"/conversations/{conversation.pk}/share/", form(**changes))


def test_the_page_makes_a_link_and_shows_it(client: Client, conversation: Conversation) -> None:
    assert share(client, conversation).status_code == 302
    link = ShareLink.objects.get()
    assert (link.audience, link.shows_names, link.password) == (Audience.TEAM, True, "")
    assert link.expires_at
    assert timedelta(days=6) < link.expires_at - timezone.now() <= timedelta(days=7)
    page = text_of(client.get(f"/conversations/{conversation.pk}/share/"))
    assert link.url in page
    assert link.url.startswith("http")


def test_the_dialog_gets_the_new_link_first(client: Client, conversation: Conversation) -> None:
    part = text_of(share(client, conversation, fragment="1"))
    assert part.lstrip().startswith("<dialog")
    assert part.count(ShareLink.objects.get().url) == 2  # the field and the way to it
    assert "The link is made" in part


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"audience": "anyone"}, "switched off on this site. An admin"),
        ({"audience": "everybody"}, "not one of the available choices"),
        ({"audience": ""}, "Choose who the link is for."),
        ({"expiry": "date"}, "Choose the day."),
        ({"expiry": "date", "until": "2020-01-01"}, "Choose a day that is not over yet."),
        ({"expiry": "date", "until": "9999-12-31"}, "Choose a day in the next 10 years"),
        ({"expiry": "date", "until": "tomorrow"}, "Write the day as"),
        ({"expiry": "long"}, "not one of the available choices"),
        ({"password": "abc"}, "4 to 1024 characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    client: Client, conversation: Conversation, changes: dict[str, str], words: str
) -> None:
    response = share(client, conversation, **changes)
    assert response.status_code == 400
    assert words in text_of(response)
    assert "aria-invalid" in text_of(response) or "expiry" in changes
    assert not ShareLink.objects.exists()


def test_a_password_never_comes_back(client: Client, conversation: Conversation) -> None:
    assert "CANARY" not in text_of(share(client, conversation, password="CANARY-9", expiry="date"))
    share(client, conversation, password="CANARY-9")
    assert "CANARY" not in ShareLink.objects.get().password
    assert "with a password" in text_of(client.get("/shares/"))


def test_anyone_is_offered_only_where_the_site_allows_it(client: Client, conversation: Conversation) -> None:
    page = f"/conversations/{conversation.pk}/share/"
    assert "Anyone who has the link" not in text_of(client.get(page))
    allow_anyone()
    assert "Anyone who has the link" in text_of(client.get(page))
    assert share(client, conversation, audience="anyone").status_code == 302
    assert ShareLink.objects.get().is_for_anyone


def test_a_day_lasts_until_its_end_where_the_person_is(client: Client, conversation: Conversation) -> None:
    client.cookies["tz"] = "Pacific/Auckland"
    day = timezone.localdate() + timedelta(days=30)
    share(client, conversation, expiry="date", until=day.isoformat())
    expires_at = ShareLink.objects.get().expires_at
    assert expires_at
    with timezone.override("Pacific/Auckland"):
        assert timezone.localtime(expires_at).strftime("%Y-%m-%d %H:%M") == f"{day} 23:59"


def test_a_temporary_conversation_is_refused_in_words(client: Client, conversation: Conversation) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(is_temporary=True)
    response = client.get(f"/conversations/{conversation.pk}/share/")
    assert response.status_code == 409
    assert "can’t be shared" in text_of(response) or "can&#x27;t be shared" in text_of(response)


def test_only_the_owner_shares(conversation: Conversation, bob: User) -> None:
    conversation.members.create(user=bob, role="editor")
    Conversation.objects.filter(pk=conversation.pk).update(has_members=True)
    other = Client()
    other.force_login(bob)
    assert other.get(f"/conversations/{conversation.pk}/").status_code == 200
    assert other.get(f"/conversations/{conversation.pk}/share/").status_code == 404
    assert share(other, conversation).status_code == 404


def test_branches_are_offered_by_their_names_or_first_words(client: Client, alice: User) -> None:
    first = answered(alice, "One", answer="The first answer")
    assert branches_of(first.conversation) == []
    edit_message(alice, question_of(first), text="Uno", client_id=uuid.uuid4())
    play("The second answer")
    Message.objects.filter(pk=question_of(first).pk).update(branch_name="English")
    conversation = fresh(first).conversation
    assert [(each.words, each.is_shown) for each in branches_of(conversation)] == [
        ("The second answer", True), ("English", False),
    ]  # fmt: skip
    share(client, conversation, leaf=str(first.pk))
    assert [each["text"] for each in ShareLink.objects.get().messages] == ["One", "The first answer"]


def test_a_message_of_another_conversation_or_person_is_unknown(
    client: Client, conversation: Conversation, alice: User, bob: User
) -> None:
    for leaf in (answered(alice).pk, answered(bob).pk, uuid.uuid4()):
        assert share(client, conversation, leaf=str(leaf)).status_code == 404
    assert not ShareLink.objects.exists()


def test_it_says_that_an_answer_is_still_being_written(client: Client, alice: User) -> None:
    conversation = say(alice).conversation
    assert "is left out" in text_of(client.get(f"/conversations/{conversation.pk}/share/"))


def test_links_are_revoked_one_by_one_and_all_at_once(client: Client, alice: User, conversation: Conversation) -> None:
    links = [shared(alice, conversation) for _ in range(3)]
    assert client.post(f"/shares/{links[0].pk}/revoke/", headers={"accept": "application/json"}).status_code == 204
    assert ShareLink.objects.live().count() == 2
    page = text_of(client.post("/shares/revoke/", {"next": "/shares/"}, follow=True))
    assert "2 links open no more." in page
    assert not ShareLink.objects.live().exists()


def test_the_list_says_what_has_ended_and_why(client: Client, alice: User, conversation: Conversation) -> None:
    gone = answered(alice, "Deleted").conversation
    live, revoked, expired, binned = (shared(alice, each) for each in (conversation, conversation, conversation, gone))
    revoke_share_link(revoked)
    ShareLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    delete_conversation(gone)
    assert re.findall(r'value="(http[^"]+)"', text_of(client.get("/shares/"))) == [live.url]
    ended = text_of(client.get("/shares/?state=ended"))
    for words in ("You revoked it on", "Its time was over on", "The conversation is in the bin"):
        assert ended.count(words) == 1
    assert live.token not in ended
    assert binned.token not in ended


def test_the_list_says_which_links_are_closed_for_now(client: Client, alice: User, conversation: Conversation) -> None:
    shared(alice, conversation, anyone=True)
    allow_anyone(is_allowed=False)
    assert "Closed: the site allows no links for anyone now" in text_of(client.get("/shares/"))


@pytest.mark.parametrize("state", ["live", "ended"])
def test_the_list_goes_on_where_it_ended_in_the_same_number_of_queries(
    client: Client, alice: User, conversation: Conversation, state: str
) -> None:
    now, counts = timezone.now(), []
    client.get("/shares/")  # the first request of a session writes it
    for number in (3, PAGE + 10):
        ShareLink.objects.all().delete()
        rows = [
            ShareLink(
                owner=alice, conversation=conversation, title=f"No {at}", created_at=now - timedelta(minutes=at // 2),
                revoked_at=now if state == "ended" else None, messages=["x" * 1000],
            )
            for at in range(number)
        ]  # fmt: skip
        ShareLink.objects.bulk_create(rows)
        with CaptureQueriesContext(connection) as queries:
            page = text_of(client.get(f"/shares/?state={state}"))
        counts.append(len(queries))
        assert not any('"messages"' in each["sql"] for each in queries)
    assert counts[0] == counts[1]
    onward = re.search(r'href="(\?state=\w+&amp;before=[^"]+)"', page)
    assert onward
    rest = text_of(client.get("/shares/" + onward.group(1).replace("&amp;", "&")))
    titles = re.findall(r"<bdi>(No \d+)</bdi>", page + rest)
    assert len(titles) == len(set(titles)) == PAGE + 10


@pytest.mark.parametrize("before", ["x", "0b5a7c9e-4a0f-4d0e-9d5d-0a5a3f4a5b6c", "%00"])
def test_a_place_that_is_none_is_the_beginning(
    client: Client, alice: User, conversation: Conversation, before: str
) -> None:
    link = shared(alice, conversation)
    assert link.url in text_of(client.get(f"/shares/?before={before}"))


def test_the_dialog_takes_the_same_number_of_queries_for_any_number_of_links_and_branches(
    client: Client, alice: User, conversation: Conversation
) -> None:
    counts = []
    client.get("/shares/")  # the first request of a session writes it
    for number in (3, 57):
        for _ in range(number):
            Message.objects.create(conversation=conversation, role="user", text="Branch")
            ShareLink.objects.create(owner=alice, conversation=conversation, title="x")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/conversations/{conversation.pk}/share/?fragment=1")
        counts.append(len(queries))
    assert counts[0] == counts[1]
