"""The chat page, complete when it arrives."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations.actions.messages import regenerate_answer
from conversations.models import (
    Conversation,
    Generation,
    GenerationStatus,
    LanguageModel,
    Message,
    ParameterRule,
    Provider,
    User,
)
from conversations.models.ids import new_id
from conversations.providers.base import UsageReport
from tests.trees import answered, other_model, play, say
from tests.views.pages import articles, page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def long_conversation(owner: User, model: LanguageModel, count: int) -> Conversation:
    conversation = Conversation.objects.create(owner=owner, title="Long", model=model)
    rows: list[Message] = []
    for i in range(count):
        role = "assistant" if i % 2 else "user"
        rows.append(Message(conversation=conversation, parent=rows[-1] if rows else None, role=role, text=f"text {i}"))
    Message.objects.bulk_create(rows)
    answers = [row for row in rows if row.is_answer]
    runs = [Generation(message=row, conversation=conversation, owner=owner, status="complete") for row in answers]
    Generation.objects.bulk_create(runs)
    Conversation.objects.filter(pk=conversation.pk).update(selected_leaf=rows[-1])
    return conversation


def queries_of(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_who_has_not_signed_in_is_sent_to_the_sign_in_page_and_back(client: Client, db: None) -> None:
    response = client.get("/conversations/019a0000-0000-7000-8000-000000000000/")
    assert response["Location"] == "/sign-in/?next=/conversations/019a0000-0000-7000-8000-000000000000/"


def test_a_script_that_has_not_signed_in_gets_401(client: Client, db: None) -> None:
    assert client.get("/conversations/", headers={"Sec-Fetch-Dest": "empty"}).status_code == 401


def test_a_first_visit_greets_by_name_and_offers_the_models_starters(
    client: Client, alice: User, model: LanguageModel
) -> None:
    model.starters = ["Write a haiku", "<b>Explain</b>"]
    model.save()
    html = page_of(client, alice)
    assert "Hello, <bdi>Alice</bdi>" in html
    assert 'value="Write a haiku"' in html
    assert "&lt;b&gt;Explain&lt;/b&gt;" in html
    assert "Your conversations will be listed here." in html


def test_a_demonstration_says_what_it_is(client: Client, alice: User, model: LanguageModel) -> None:
    html = page_of(client, alice)
    assert "is a demonstration" in html
    assert "Demonstration, no real model" in html


def test_without_a_model_an_admin_is_led_to_the_providers(client: Client, dana: User) -> None:
    assert reverse("admin:conversations_provider_add") in page_of(client, dana)


def test_without_a_model_others_are_told_to_ask_an_admin(client: Client, alice: User) -> None:
    html = page_of(client, alice)
    assert "An admin of this site has to add or enable one" in html
    assert "composer-form" not in html


def test_the_page_holds_the_whole_branch_with_rendered_answers(
    client: Client, alice: User, model: LanguageModel
) -> None:
    answer = answered(alice, "What is *this*?", answer="It is **bold**.")
    html = page_of(client, alice, answer.conversation)
    assert articles(html) == [str(answer.parent_id), str(answer.pk)]
    assert ">What is *this*?</div>" in html
    assert "<strong>bold</strong>" in html


def test_the_model_can_be_preselected_by_the_address(client: Client, alice: User, model: LanguageModel) -> None:
    elm = other_model()
    client.force_login(alice)
    html = text_of(client.get("/", {"model": str(elm.pk)}))
    assert f'name="model" value="{elm.pk}"' in html


def test_a_model_that_is_gone_gives_way_to_the_default(client: Client, alice: User, model: LanguageModel) -> None:
    conversation = answered(alice).conversation
    elm = other_model()
    Conversation.objects.filter(pk=conversation.pk).update(model=elm)
    LanguageModel.objects.filter(pk=elm.pk).update(is_enabled=False)
    assert f'name="model" value="{model.pk}"' in page_of(client, alice, conversation)


def test_of_a_long_conversation_the_newest_fifty_messages_are_shown(
    client: Client, alice: User, model: LanguageModel
) -> None:
    html = page_of(client, alice, long_conversation(alice, model, 1000))
    assert len(articles(html)) == 50
    assert "text 999" in html
    assert 'data-older="1"' in html


def test_the_number_of_queries_does_not_grow_with_messages_or_conversations(
    client: Client, alice: User, model: LanguageModel
) -> None:
    url = reverse("conversation-detail", args=[long_conversation(alice, model, 4).pk])
    client.force_login(alice)
    few = queries_of(client, url)
    for _ in range(30):
        Conversation.objects.create(owner=alice)
    for i in range(10):
        other_model(f"Model {i}")
    url = reverse("conversation-detail", args=[long_conversation(alice, model, 60).pk])
    assert queries_of(client, url) == few
    assert few <= 17


def test_a_sent_message_waits_for_its_answer_with_a_way_to_stop(
    client: Client, alice: User, model: LanguageModel
) -> None:
    sent = say(alice)
    html = page_of(client, alice, sent.conversation)
    assert 'data-status="queued"' in html
    assert "Waiting for its turn" in html
    assert reverse("generation-stop", args=[sent.generation.pk]) in html


def ended(alice: User, text: str, status: GenerationStatus, **run: Any) -> Conversation:
    sent = say(alice)
    play(text, status=status)
    Generation.objects.filter(pk=sent.generation.pk).update(**run)
    return sent.conversation


def test_a_failed_answer_says_why_and_shows_the_upstreams_words_as_text(
    client: Client, alice: User, model: LanguageModel
) -> None:
    why = {"error_message": "The provider had an error of its own.", "error_detail": "<script>alert(1)</script>"}
    html = page_of(client, alice, ended(alice, "", GenerationStatus.FAILED, **why))
    assert "<strong>No answer came.</strong> The provider had an error of its own." in html
    assert "&lt;script&gt;alert(1)" in html
    assert 'data-action="retry"' in html
    assert 'data-action="continue"' not in html


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (GenerationStatus.INTERRUPTED, "", "The answer broke off."),
        (GenerationStatus.FAILED, "", "The answer broke off."),
        (GenerationStatus.STOPPED, "", "Stopped here."),
        (GenerationStatus.COMPLETE, "length", "it reached the limit of tokens"),
    ],
)
def test_an_answer_with_some_text_can_go_on(
    client: Client, alice: User, model: LanguageModel, status: GenerationStatus, reason: str, words: str
) -> None:
    html = page_of(client, alice, ended(alice, "Half", status, finish_reason=reason))
    assert words in html
    assert 'data-action="continue"' in html


@pytest.mark.parametrize("status", [s for s in GenerationStatus if s not in ("queued", "running")])
def test_no_ended_answer_without_text_is_an_empty_bubble(
    client: Client, alice: User, model: LanguageModel, status: GenerationStatus
) -> None:
    html = page_of(client, alice, ended(alice, "", status))
    assert 'class="notice' in html
    assert 'data-action="retry"' in html


def test_the_foot_tells_tokens_cost_and_what_was_sent(client: Client, alice: User, model: LanguageModel) -> None:
    model.input_price, model.output_price = 1, 2
    model.save()
    ParameterRule.objects.create(model=model, name="temperature", value=0.3)
    sent = say(alice)
    play("Yes.", usage=UsageReport(input_tokens=1200, output_tokens=84, cached_tokens=1000))
    html = page_of(client, alice, sent.conversation)
    assert "1,284 tokens · $0.0014" in html
    assert "<dt><bdi>temperature</bdi></dt><dd><bdi>0.3</bdi><small>set for this model</small></dd>" in html
    assert "<dt><bdi>of which cached</bdi></dt><dd><bdi>1,000</bdi></dd>" in html


def test_versions_of_an_answer_can_be_leafed_through(client: Client, alice: User, model: LanguageModel) -> None:
    first = answered(alice)
    regenerate_answer(alice, first, model=None, client_id=new_id())
    play("Another answer.")
    html = page_of(client, alice, first.conversation)
    assert '<span class="siblings__place">2/2</span>' in html
    assert reverse("branch-select", args=[first.pk]) in html


def test_a_long_message_of_a_person_is_folded(client: Client, alice: User, model: LanguageModel) -> None:
    answer = answered(alice, "line\n" * 40)
    assert "message--folded" in page_of(client, alice, answer.conversation)


def test_names_and_titles_are_text_wherever_they_stand(client: Client, alice: User, model: LanguageModel) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    answer = answered(alice, evil)
    User.objects.filter(pk=alice.pk).update(display_name=evil)
    LanguageModel.objects.update(name=evil, description=evil, starters=[evil])
    Provider.objects.update(name=evil)
    Conversation.objects.update(title=evil)
    Message.objects.filter(role="assistant").update(model_name=evil, reasoning=evil)
    alice.refresh_from_db()
    assert "<img src=x" not in page_of(client, alice, answer.conversation) + page_of(client, alice)


def test_signed_in_pages_are_never_stored_and_run_no_script_but_ours(
    client: Client, alice: User, model: LanguageModel
) -> None:
    client.force_login(alice)
    response = client.get("/")
    nonce = re.search(r'<script type="importmap" nonce="([^"]+)"', text_of(response))
    assert nonce
    assert f"'nonce-{nonce[1]}'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert not re.search(r'\sstyle="|\son[a-z]+="', text_of(response))


def test_nothing_is_given_to_scripts_of_other_sites(client: Client, alice: User, model: LanguageModel) -> None:
    client.force_login(alice)
    page = client.get("/")
    module = re.search(r'src="(/static/[^"]+\.js)"', text_of(page))
    assert module
    for response in (page, client.get(module[1])):
        assert response.status_code == 200
        assert not [name for name in response.headers if name.lower().startswith("access-control")]


def test_the_theme_is_on_the_page_when_it_arrives(client: Client, alice: User, model: LanguageModel) -> None:
    alice.theme = "dark"
    alice.save()
    assert '<html lang="en" data-theme="dark">' in page_of(client, alice)
    client.logout()
    client.cookies["theme"] = "light"
    assert 'data-theme="light"' in text_of(client.get("/sign-in/"))


def test_opening_a_conversation_takes_the_mark_of_an_unseen_answer_away(
    client: Client, alice: User, model: LanguageModel
) -> None:
    conversation = answered(alice).conversation
    Conversation.objects.update(has_unseen_answer=True)
    assert 'class="entry__dot"' not in page_of(client, alice, conversation)
    conversation.refresh_from_db()
    assert not conversation.has_unseen_answer


def test_days_are_those_of_the_browser(client: Client, alice: User, model: LanguageModel) -> None:
    conversation = Conversation.objects.create(owner=alice)
    noon = timezone.now().replace(hour=12, minute=0)
    Conversation.objects.filter(pk=conversation.pk).update(active_at=noon - timedelta(days=3))
    client.cookies["tz"] = "Pacific%2FKiritimati"
    assert 'data-group="week"' in page_of(client, alice)
    client.cookies["tz"] = "../../etc/passwd"
    assert 'data-group="week"' in page_of(client, alice)


def test_a_default_model_that_was_shut_down_is_not_chosen(client: Client, alice: User, model: LanguageModel) -> None:
    LanguageModel.objects.update(shutdown_on=date(2020, 1, 1))
    elm = other_model()
    client.force_login(alice)
    assert client.get("/").context["model"] == elm
