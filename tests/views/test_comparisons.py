"""Answers to one prompt side by side."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations.actions.messages import regenerate_answer
from conversations.actions.runs import Wanted
from conversations.models import LanguageModel, Message, User
from tests.trees import answered, other_model, play, question_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def _again(alice: User, answer: Message, text: str, model: LanguageModel | None = None, **values: Any) -> Message:
    wanted = Wanted(parameters=values)
    sent = regenerate_answer(alice, answer, model=model, client_id=uuid.uuid4(), wanted=wanted)
    play(text)
    return sent.answer


def _page(client: Client, message: Message, **query: Any) -> str:
    return client.get(reverse("message-compare", args=[message.pk]), query).content.decode()


def test_the_table_tells_what_differs(alice: User, model: LanguageModel, client: Client) -> None:
    client.force_login(alice)
    answer = answered(alice)
    page = _page(client, _again(alice, answer, "Other.", other_model(), temperature=0.25))
    assert "2 answers to one message" in page
    assert page.count("<bdi>Elm</bdi>") == 2  # in the table, and above its text
    assert "<bdi>temperature</bdi>" in page
    assert "<bdi>0.25</bdi>" in page


def test_what_was_the_same_for_all_has_no_column(alice: User, model: LanguageModel, client: Client) -> None:
    client.force_login(alice)
    first = _again(alice, answered(alice), "One.", temperature=0.5)
    Message.objects.exclude(pk__in=[first.pk, question_of(first).pk]).delete()
    assert "temperature" not in _page(client, _again(alice, first, "Two.", temperature=0.5))


def test_the_words_that_differ_are_marked(alice: User, model: LanguageModel, client: Client) -> None:
    client.force_login(alice)
    page = _page(client, _again(alice, answered(alice, answer="A <b>red</b> fox."), "A blue fox."), view="words")
    assert "<mark>blue</mark>" in page
    assert "<b>red" not in page


def test_two_others_can_be_chosen_and_nonsense_gives_the_usual_two(
    alice: User, model: LanguageModel, client: Client
) -> None:
    client.force_login(alice)
    answer = answered(alice, answer="first words")
    second = _again(alice, answer, "second words")
    third = _again(alice, answer, "third words")
    assert "second words" not in _page(client, third, left=1, right=3)
    page = _page(client, second, left="x", right="99")
    assert "first words" in page
    assert "third words" not in page


def test_the_number_of_queries_does_not_grow_with_the_versions(
    alice: User, model: LanguageModel, client: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client.force_login(alice)
    answer = answered(alice)
    for number in range(8):
        _again(alice, answer, f"Answer {number}.")
    with django_assert_max_num_queries(11):
        _page(client, answer)


def test_a_persons_message_has_no_such_page(alice: User, model: LanguageModel, client: Client) -> None:
    client.force_login(alice)
    question = question_of(answered(alice))
    assert client.get(reverse("message-compare", args=[question.pk])).status_code == 404
