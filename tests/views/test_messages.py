"""Sending, asking again, stopping and switching branches without a script."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import Generation, GenerationStatus, LanguageModel, Message, User
from tests.trees import answered, fresh, other_model, play, say
from tests.views.pages import DATA, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

ORDERS = ["branch-select", "message-regenerate", "message-continue", "message-retry"]


def post(client: Client, **data: Any) -> Any:
    return client.post(reverse("message-create"), {"client_id": str(uuid.uuid4()), **data})


def test_a_first_message_makes_a_conversation_and_leads_to_its_page(
    client: Client, alice: User, model: LanguageModel
) -> None:
    client.force_login(alice)
    response = post(client, text="Hello\r\nthere")
    question, answer = Message.objects.order_by("id")
    assert question.text == "Hello\nthere"
    assert response["Location"] == f"/conversations/{answer.conversation_id}/#message-{answer.pk}"


def test_a_starter_sends_itself_unless_something_was_written(client: Client, alice: User, model: LanguageModel) -> None:
    client.force_login(alice)
    post(client, text="", starter="Write a haiku")
    post(client, text="My own", starter="Write a haiku")
    assert set(Message.objects.filter(role="user").values_list("text", flat=True)) == {"Write a haiku", "My own"}


def test_the_next_message_follows_the_answer_and_may_change_the_model(
    client: Client, alice: User, model: LanguageModel
) -> None:
    answer, elm = answered(alice), other_model()
    client.force_login(alice)
    post(client, conversation=answer.conversation_id, parent=answer.pk, text="More", model=elm.pk)
    newest = Message.objects.filter(role="assistant").latest("id")
    assert (newest.model, newest.parent and newest.parent.parent_id) == (elm, answer.pk)


def test_sending_the_same_form_twice_makes_one_message(client: Client, alice: User, model: LanguageModel) -> None:
    client.force_login(alice)
    client_id = str(uuid.uuid4())
    first, second = post(client, text="Once", client_id=client_id), post(client, text="Once", client_id=client_id)
    assert first["Location"] == second["Location"]
    assert Message.objects.count() == 2


def test_what_is_refused_comes_back_in_the_composer_with_the_reason(
    client: Client, alice: User, model: LanguageModel, settings: Any
) -> None:
    settings.LIMIT_MESSAGE_CHARACTERS = 20
    client.force_login(alice)
    client_id = str(uuid.uuid4())
    response = post(client, text="<b>far too long for the limit</b>", client_id=client_id)
    assert response.status_code == 413
    html = text_of(response)
    assert "at most 20 can be sent at once" in html
    assert "&lt;b&gt;far too long for the limit&lt;/b&gt;</textarea>" in html
    assert f'value="{client_id}"' in html
    assert Message.objects.count() == 0


def test_a_draft_survives_a_model_that_is_gone(client: Client, alice: User, model: LanguageModel) -> None:
    client.force_login(alice)
    response = post(client, text="Keep me", model=str(uuid.uuid4()))
    assert response.status_code == 400
    assert "Keep me</textarea>" in text_of(response)


def test_a_damaged_form_keeps_the_draft(client: Client, alice: User, model: LanguageModel) -> None:
    client.force_login(alice)
    response = post(client, text="Keep me", client_id="x")
    assert response.status_code == 400
    assert "Keep me</textarea>" in text_of(response)


def test_nothing_is_sent_into_a_strangers_conversation(
    client: Client, alice: User, carol: User, model: LanguageModel
) -> None:
    answer, own = answered(alice), answered(carol)
    client.force_login(carol)
    assert post(client, conversation=answer.conversation_id, parent=answer.pk, text="Hi").status_code == 404
    assert post(client, conversation=own.conversation_id, parent=answer.pk, text="Hi").status_code == 404
    assert Message.objects.count() == 4


def test_the_raw_text_is_plain_text(client: Client, alice: User, model: LanguageModel) -> None:
    answer = answered(alice, answer="# <script>")
    client.force_login(alice)
    response = client.get(reverse("message-text", args=[answer.pk]))
    assert text_of(response) == "# <script>"
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_regenerating_makes_a_sibling_from_the_chosen_model(client: Client, alice: User, model: LanguageModel) -> None:
    answer, elm = answered(alice), other_model()
    client.force_login(alice)
    client.post(reverse("message-regenerate", args=[answer.pk]), {"model": str(elm.pk)})
    sibling = Message.objects.exclude(pk=answer.pk).get(role="assistant")
    assert (sibling.parent_id, sibling.model) == (answer.parent_id, elm)


def test_a_stopped_answer_goes_on_and_an_empty_one_is_tried_again(
    client: Client, alice: User, model: LanguageModel
) -> None:
    client.force_login(alice)
    for text, name in (("Half", "message-continue"), ("", "message-retry")):
        sent = say(alice)
        play(text, status=GenerationStatus.STOPPED)
        client.post(reverse(name, args=[sent.answer.pk]))
        assert fresh(sent.answer).status == "queued"
        play("done")


def test_what_the_state_does_not_allow_is_said_on_a_page(client: Client, alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    client.force_login(alice)
    response = client.post(reverse("message-regenerate", args=[sent.answer.pk]))
    assert response.status_code == 409
    assert "still being written" in text_of(response)


def test_switching_branches_leads_to_the_message(client: Client, alice: User, model: LanguageModel) -> None:
    first = answered(alice)
    client.force_login(alice)
    client.post(reverse("message-regenerate", args=[first.pk]))
    play("Second")
    response = client.post(reverse("branch-select", args=[first.pk]))
    assert response["Location"].endswith(f"#message-{first.pk}")
    assert fresh(first).conversation.selected_leaf_id == first.pk


def test_stopping_a_queued_answer_ends_it(client: Client, alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    client.force_login(alice)
    response = client.post(reverse("generation-stop", args=[sent.generation.pk]), headers=DATA)
    assert response.status_code == 204
    assert Generation.objects.get().status == GenerationStatus.STOPPED


@pytest.mark.parametrize("name", ORDERS)
def test_a_stranger_can_order_nothing(
    client: Client, alice: User, carol: User, model: LanguageModel, name: str
) -> None:
    answer = answered(alice)
    client.force_login(carol)
    assert client.post(reverse(name, args=[answer.pk])).status_code == 404
    assert Message.objects.count() == 2


def test_a_stranger_reads_and_stops_nothing(client: Client, alice: User, carol: User, model: LanguageModel) -> None:
    sent = say(alice)
    client.force_login(carol)
    assert client.get(reverse("message-text", args=[sent.answer.pk])).status_code == 404
    assert client.post(reverse("generation-stop", args=[sent.generation.pk])).status_code == 404
    assert Generation.objects.get().status == GenerationStatus.QUEUED


def test_the_theme_is_kept_with_the_person_and_in_a_cookie(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.post(reverse("theme-update"), {"theme": "dark"}, headers=DATA)
    alice.refresh_from_db()
    assert (alice.theme, response.cookies["theme"].value) == ("dark", "dark")
    assert client.post(reverse("theme-update"), {"theme": "neon"}).status_code == 400
