"""People of a conversation over HTTP: what owner, editor, viewer and stranger may do, and what the pages show."""

import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.actions.members import invite
from conversations.models import Conversation, LanguageModel, Member, Message, User
from tests.trees import answered, calling, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

OWNERS_ALONE = ("conversation-delete", "conversation-restore", "member-create", "conversation-share")
WRITERS = {
    "conversation-update": "conversation",
    "conversation-parameters": "conversation",
    "message-again": "message",
    "branch-select": "message",
    "message-regenerate": "message",
    "message-continue": "message",
    "message-retry": "message",
    "message-answer-tools": "calling",
    "generation-stop": "generation",
}
READERS = {
    "conversation-detail": "conversation",
    "conversation-log": "conversation",
    "conversation-inspector": "conversation",
    "conversation-people": "conversation",
    "message-text": "message",
    "message-compare": "message",
}
FORM = {"title": "Theirs", "client_id": "0b5a7c9e-4a0f-4d0e-9d5d-0a5a3f4a5b6c", "call": "call_0", "text": "x"}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def made(alice: User, bob: User, model: LanguageModel) -> dict[str, uuid.UUID]:
    """Alice's, in three conversations; who is invited to one is invited to all."""
    message, running, calls = answered(alice), say(alice), calling(alice, ("tool", "{}"))
    return {
        "conversation": message.conversation_id,
        "message": message.pk,
        "generation": running.generation.pk,
        "calling": calls.pk,
    }


def share(alice: User, person: User, role: str) -> None:
    for conversation in Conversation.objects.owned_by(alice):
        invite(alice, conversation, person, role)


def status(client: Client, method: str, name: str, pk: uuid.UUID) -> int:
    response: Any = getattr(client, method)(reverse(name, args=[pk]), FORM if method == "post" else None)
    return int(response.status_code)


@pytest.mark.parametrize("name", WRITERS)
def test_a_viewer_writes_nowhere(alice: User, bob: User, made: dict[str, uuid.UUID], name: str) -> None:
    share(alice, bob, "viewer")
    before = (Message.objects.count(), list(Conversation.objects.values_list("title", "revision")))
    assert status(client_of(bob), "post", name, made[WRITERS[name]]) == 404
    assert (Message.objects.count(), list(Conversation.objects.values_list("title", "revision"))) == before


@pytest.mark.parametrize("name", WRITERS)
def test_an_editor_writes_everywhere(alice: User, bob: User, made: dict[str, uuid.UUID], name: str) -> None:
    share(alice, bob, "editor")
    assert status(client_of(bob), "post", name, made[WRITERS[name]]) in {200, 204, 302, 409}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_members_read(alice: User, bob: User, made: dict[str, uuid.UUID], name: str, role: str) -> None:
    share(alice, bob, role)
    assert status(client_of(bob), "get", name, made[READERS[name]]) == 200


@pytest.mark.parametrize("name", OWNERS_ALONE)
def test_some_deeds_are_the_owners_alone(alice: User, bob: User, made: dict[str, uuid.UUID], name: str) -> None:
    share(alice, bob, "editor")
    before = (Member.objects.count(), Conversation.objects.owned_by(alice).count())
    assert status(client_of(bob), "post", name, made["conversation"]) == 404
    assert (Member.objects.count(), Conversation.objects.owned_by(alice).count()) == before


def test_an_editor_renames_but_does_not_pin(alice: User, bob: User, made: dict[str, uuid.UUID]) -> None:
    share(alice, bob, "editor")
    url = reverse("conversation-update", args=[made["conversation"]])
    assert client_of(bob).post(url, {"title": "Ours now", "pinned": "1"}).status_code == 404
    assert client_of(bob).post(url, {"title": "Ours now"}).status_code == 302
    conversation = Conversation.objects.get(pk=made["conversation"])
    assert (conversation.title, conversation.is_pinned) == ("Ours now", False)


def test_a_viewer_can_not_send_into_it(alice: User, bob: User, made: dict[str, uuid.UUID]) -> None:
    share(alice, bob, "viewer")
    form = {
        "client_id": str(uuid.uuid4()),
        "text": "x",
        "conversation": made["conversation"],
        "parent": made["message"],
    }
    assert client_of(bob).post(reverse("message-create"), form).status_code == 404
    del form["conversation"]  # nor hang a message of one's own below theirs
    assert client_of(bob).post(reverse("message-create"), form).status_code == 404


def test_the_owner_invites_changes_and_removes(alice: User, bob: User, made: dict[str, uuid.UUID]) -> None:
    client, people = client_of(alice), reverse("conversation-people", args=[made["conversation"]])
    page = client.get(people, {"q": "bo"}).content.decode()
    assert 'value="bob"' in page
    add = reverse("member-create", args=[made["conversation"]])
    client.post(add, {"person": "bob", "role": "viewer"})
    member = Member.objects.get()
    client.post(reverse("member-update", args=[member.pk]), {"role": "editor"})
    assert Member.objects.get().role == "editor"
    team = Group.objects.get(name="team")
    client.post(add, {"group": team.pk, "role": "viewer"})
    page = client.get(people).content.decode()
    assert "Group of 2" in page
    assert client.post(reverse("member-delete", args=[member.pk])).headers["Location"] == people
    assert Member.objects.get().group == team


@pytest.mark.parametrize("form", [{"person": "nobody"}, {}, {"group": "7000"}, {"group": "x"}, {"person": "alice"}])
def test_nobody_is_invited_by_a_wrong_name(alice: User, made: dict[str, uuid.UUID], form: dict[str, str]) -> None:
    url = reverse("member-create", args=[made["conversation"]])
    response = client_of(alice).post(url, form | {"role": "viewer"}, headers={"accept": "application/json"})
    assert response.status_code == 400
    assert response.json()["message"].endswith(".")


def test_a_member_leaves_but_removes_nobody_else(
    alice: User, bob: User, carol: User, made: dict[str, uuid.UUID]
) -> None:
    conversation = Conversation.objects.get(pk=made["conversation"])
    own, other = (invite(alice, conversation, person, "editor") for person in (bob, carol))
    client = client_of(bob)
    assert client.post(reverse("member-delete", args=[other.pk])).status_code == 404
    assert client.post(reverse("member-update", args=[own.pk]), {"role": "editor"}).status_code == 404
    page = client.get(reverse("conversation-people", args=[made["conversation"]])).content.decode()
    assert "Leave this conversation" in page
    assert "people-query" not in page
    assert client.post(reverse("member-delete", args=[own.pk])).status_code == 302
    assert client.get(reverse("conversation-detail", args=[made["conversation"]])).status_code == 404


def test_names_are_data_wherever_they_stand(alice: User, bob: User, made: dict[str, uuid.UUID]) -> None:
    bob.display_name = '<img src=x onerror="alert(1)">'
    bob.save()
    conversation = Conversation.objects.get(pk=made["conversation"])
    invite(alice, conversation, bob, "editor")
    Message.objects.filter(conversation=conversation, role="user").update(author=bob)
    for name in ("conversation-detail", "conversation-people"):
        page = client_of(alice).get(reverse(name, args=[conversation.pk])).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def test_it_says_who_wrote_what(alice: User, bob: User, made: dict[str, uuid.UUID]) -> None:
    conversation = Conversation.objects.get(pk=made["conversation"])

    def writers(user: User) -> list[str]:
        page = client_of(user).get(reverse("conversation-log", args=[conversation.pk])).content.decode()
        return re.findall(r"message__writer\".*?<bdi>(.*?)</bdi>", page, re.DOTALL)

    assert writers(alice) == []
    invite(alice, conversation, bob, "viewer")
    assert (writers(alice), writers(bob)) == (["You"], ["Alice"])
    Message.objects.filter(conversation=conversation).update(author=None)
    assert writers(alice) == ["Former colleague"]


def _cost(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("name", ["conversation-detail", "conversation-log", "conversation-people"])
def test_pages_cost_the_same_with_one_and_thirty_members(
    alice: User, bob: User, made: dict[str, uuid.UUID], name: str
) -> None:
    url = reverse(name, args=[made["conversation"]])
    conversation = Conversation.objects.get(pk=made["conversation"])
    invite(alice, conversation, bob, "editor")
    costs = [[_cost(client_of(user), url) for user in (alice, bob)]]
    crowd = User.objects.bulk_create([User(username=f"colleague-{number}") for number in range(29)])
    Member.objects.bulk_create([Member(conversation=conversation, user=each) for each in crowd])
    costs.append([_cost(client_of(user), url) for user in (alice, bob)])
    assert costs[0] == costs[1]
