"""What stands under an answer that did not come as it should, and what its details say."""

import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import Conversation, Generation, LanguageModel, Message, OwnDefaults, Provider, User
from conversations.providers.base import UsageReport
from tests.trees import answered, play, say
from tests.views.pages import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def _failed(author: User, code: str, *, sentence: str = "It failed.", parameter: str = "") -> Conversation:
    """An answer that a provider refused, to somebody who chose a temperature."""
    answer = answered(author, answer="")
    sent = {"temperature": {"value": 0.7, "source": "conversation"}, "top_p": {"value": 0.5, "source": "own"}}
    Generation.objects.update(
        status="failed", error_code=code, error_message=sentence, error_detail="upstream <b>text</b>",
        request_id="req_77", error_parameter=parameter, parameters={"temperature": 0.7},
        request={"format": "chat_completions", "parameters": sent, "messages": []},
    )  # fmt: skip
    Message.objects.filter(pk=answer.pk).update(status="failed")
    Conversation.objects.update(parameters={"temperature": 0.7})
    return answer.conversation


def test_only_an_admin_is_told_which_key(client: Client, alice: User, dana: User, model: LanguageModel) -> None:
    sentence = "The provider refused the site's key. Ask an admin to check it."
    link = reverse("admin:conversations_provider_change", args=[Provider.objects.get().pk])
    theirs = page_of(client, alice, _failed(alice, "provider_authentication", sentence=sentence))
    assert "Ask an admin to check it." in theirs
    assert link not in theirs
    assert link in page_of(client, dana, _failed(dana, "provider_authentication", sentence=sentence))


def test_the_providers_own_words_and_the_request_id_are_kept(client: Client, alice: User, model: LanguageModel) -> None:
    html = page_of(client, alice, _failed(alice, "provider_request"))
    assert "upstream &lt;b&gt;text&lt;/b&gt;" in html
    assert "Request id: <bdi>req_77</bdi>" in html


def test_a_refused_value_that_was_chosen_can_be_left_out(client: Client, alice: User, model: LanguageModel) -> None:
    html = page_of(client, alice, _failed(alice, "provider_request", parameter="temperature"))
    assert "Try again without temperature" in html


def test_a_refused_default_is_named_with_its_place(client: Client, alice: User, model: LanguageModel) -> None:
    html = page_of(client, alice, _failed(alice, "provider_request", parameter="top_p"))
    assert "one of your own defaults" in html
    assert "Try again without" not in html


def test_leaving_out_asks_again_and_forgets_the_value(client: Client, alice: User, model: LanguageModel) -> None:
    conversation = _failed(alice, "provider_request", parameter="temperature")
    client.force_login(alice)
    answer = Message.objects.get(role="assistant")
    response = client.post(reverse("message-again", args=[answer.pk]), {"without": "temperature"})
    assert response.status_code == 302
    conversation.refresh_from_db()
    assert conversation.parameters == Generation.objects.latest("id").parameters == {}


def test_what_was_not_chosen_cannot_be_left_out(client: Client, alice: User, model: LanguageModel) -> None:
    _failed(alice, "provider_request", parameter="top_p")
    client.force_login(alice)
    address = reverse("message-again", args=[Message.objects.get(role="assistant").pk])
    assert client.post(address, {"without": "top_p"}).status_code == 400
    assert Generation.objects.count() == 1


def test_messages_that_were_left_out_are_marked(client: Client, alice: User, model: LanguageModel) -> None:
    under = answered(alice, "word " * 100)
    LanguageModel.objects.update(context_window=50, overflow="drop_oldest")
    sent = say(alice, "And now?", under=under)
    play()
    assert "2 oldest messages were left out" in " ".join(page_of(client, alice, sent.conversation).split())


def test_details_tell_estimates_prices_and_the_total(client: Client, alice: User, model: LanguageModel) -> None:
    LanguageModel.objects.update(
        input_price=Decimal("2.5"), output_price=15, step_tokens=1000, step_input_price=5, step_output_price=20
    )
    sent = say(alice)
    play(usage=UsageReport(2000, 100))
    html = page_of(client, alice, sent.conversation)
    assert "at $5.00 in · $20.00 out a million, above 1,000 tokens of input" in html
    assert "This conversation so far" in html
    assert "estimated" not in html
    say(alice, "More", under=Message.objects.get(role="assistant"))
    play()
    assert "estimated: the provider did not count" in page_of(client, alice, sent.conversation)
    assert 'data-tokens="2100"' in html


def test_asking_again_begins_with_what_was_sent_then(client: Client, alice: User, model: LanguageModel) -> None:
    OwnDefaults.objects.create(user=alice, model=model, values={"temperature": 0.25})
    answer = answered(alice)
    OwnDefaults.objects.update(values={"temperature": 0.5})
    client.force_login(alice)
    page = client.get(reverse("message-again", args=[answer.pk])).content.decode()
    assert 'id="again-parameter-temperature" name="p.temperature" type="text" inputmode="decimal" value="0.25"' in page


def test_asking_again_holds_for_one_answer(client: Client, alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    client.force_login(alice)
    fields = {"model": model.pk, "before_model": model.pk, "before_format": "chat_completions"}
    client.post(reverse("message-again", args=[answer.pk]), {**fields, "p.temperature": "0.4"})
    assert Generation.objects.latest("id").parameters == {"temperature": 0.4}
    assert Conversation.objects.get().parameters == {}


@pytest.mark.parametrize("value", ["9", "warm"])
def test_a_value_out_of_bounds_is_said_at_its_field(
    client: Client, alice: User, model: LanguageModel, value: str
) -> None:
    answer = answered(alice)
    client.force_login(alice)
    fields = {"model": model.pk, "before_model": model.pk, "before_format": "chat_completions", "fragment": "1"}
    response = client.post(
        reverse("message-again", args=[answer.pk]), {**fields, "client_id": uuid.uuid4(), "p.temperature": value}
    )
    assert response.status_code == 400
    assert 'class="param__error"' in response.content.decode()
    assert f'value="{value}"' in response.content.decode()
    assert Generation.objects.count() == 1
