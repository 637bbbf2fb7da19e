"""The link to a message: its page shows the branch through it, at it, and changes nothing."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations.actions.deletions import delete_branch
from conversations.actions.messages import regenerate_answer
from conversations.models import Conversation, LanguageModel, Message, User
from tests.trees import answered, fresh, play, question_of
from tests.views.pages import articles, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def long_talk(owner: User, count: int) -> list[Message]:
    conversation = Conversation.objects.create(owner=owner)
    rows: list[Message] = []
    for i in range(count):
        role = "assistant" if i % 2 else "user"
        parent = rows[-1] if rows else None
        rows.append(Message(conversation=conversation, parent=parent, role=role, text=f"no {i}"))
    Message.objects.bulk_create(rows)
    conversation.touch(selected_leaf=rows[-1])
    return rows


def opened(client: Client, message: Message) -> Any:
    response = client.get(message.url)
    assert response.status_code == 200
    return response


def ids(rows: list[Message]) -> list[str]:
    return [str(row.pk) for row in rows]


def test_a_message_of_another_branch_is_shown_without_selecting_it(
    client: Client, alice: User, model: LanguageModel
) -> None:
    old = answered(alice)
    new = regenerate_answer(alice, old, model=None, client_id=uuid.uuid4()).answer
    play()
    before = Conversation.objects.values().get(pk=old.conversation_id)
    client.force_login(alice)
    html = text_of(opened(client, old))
    assert articles(html) == ids([question_of(old), old])
    assert 'data-view="1"' in html
    assert f'data-leaf="{old.pk}"' in html
    assert Conversation.objects.values().get(pk=old.conversation_id) == before
    assert 'data-view=""' in text_of(opened(client, new))


def test_a_message_far_above_stands_in_a_piece_with_older_and_newer_ones(
    client: Client, alice: User, model: LanguageModel
) -> None:
    rows = long_talk(alice, 300)
    client.force_login(alice)
    html = text_of(opened(client, rows[100]))
    assert articles(html) == ids(rows[90:140])
    assert 'data-older="1" data-newer="1"' in html
    assert f'name="parent" value="{rows[-1].pk}"' in html


def test_a_message_near_the_end_stands_with_all_that_follows(client: Client, alice: User) -> None:
    rows = long_talk(alice, 300)
    client.force_login(alice)
    html = text_of(opened(client, rows[280]))
    assert articles(html) == ids(rows[250:])
    assert 'data-older="1" data-newer="0"' in html
    assert 'data-older="0"' in text_of(opened(client, rows[3]))


def test_newer_messages_come_page_by_page_without_gap_or_double(client: Client, alice: User) -> None:
    rows = long_talk(alice, 180)
    client.force_login(alice)
    url, last = reverse("conversation-log", args=[rows[0].conversation_id]), rows[9]
    seen: list[str] = []
    is_more = "1"
    while is_more == "1":
        response = client.get(url, {"after": str(last.pk)})
        is_more = response["X-Newer"]
        seen += articles(text_of(response))
        last = Message.objects.get(pk=seen[-1])
    assert seen == ids(rows[10:])


def test_a_piece_around_a_message_of_another_branch_is_the_newest(
    client: Client, alice: User, model: LanguageModel
) -> None:
    old = answered(alice)
    new = regenerate_answer(alice, old, model=None, client_id=uuid.uuid4()).answer
    client.force_login(alice)
    url = reverse("conversation-log", args=[old.conversation_id])
    assert articles(text_of(client.get(url, {"around": str(old.pk)})))[-1] == str(new.pk)
    assert articles(text_of(client.get(url, {"around": str(old.pk), "leaf": str(old.pk)})))[-1] == str(old.pk)


@pytest.mark.parametrize("kind", ["deleted", "unknown", "foreign", "garbage"])
def test_a_message_that_is_gone_leads_to_the_usual_branch_with_a_notice(
    client: Client, alice: User, bob: User, model: LanguageModel, kind: str
) -> None:
    answer, foreign = answered(alice), answered(bob)
    gone = regenerate_answer(alice, answer, model=None, client_id=uuid.uuid4()).answer
    Message.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    Conversation.objects.filter(pk=answer.conversation_id).update(selected_leaf=answer)
    client.force_login(alice)
    named = {"deleted": gone.pk, "unknown": uuid.uuid4(), "foreign": foreign.pk, "garbage": "x'y"}[kind]
    response = client.get(reverse("conversation-detail", args=[answer.conversation_id]), {"message": str(named)})
    html = text_of(response)
    assert response.status_code == 200
    assert articles(html) == ids([question_of(fresh(answer)), answer])
    assert "The message this link leads to isn&#x27;t there any more." in html


def test_opening_at_a_message_takes_as_many_queries_in_a_long_conversation(client: Client, alice: User) -> None:
    client.force_login(alice)
    counts = []
    for length in (6, 60, 600):
        rows = long_talk(alice, length)
        client.get(rows[2].url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(rows[2].url)
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]


def test_a_message_sent_below_what_was_deleted_comes_back_with_the_reason(
    client: Client, alice: User, model: LanguageModel
) -> None:
    answer = answered(alice)
    delete_branch(alice, answer)
    client.force_login(alice)
    form = {"conversation": str(answer.conversation_id), "parent": str(answer.pk), "client_id": str(uuid.uuid4())}
    response = client.post(reverse("message-create"), {**form, "text": "Is it lost?", "model": str(model.pk)})
    assert response.status_code == 409
    html = text_of(response)
    assert "This message was deleted meanwhile." in html
    assert ">Is it lost?</textarea>" in html
