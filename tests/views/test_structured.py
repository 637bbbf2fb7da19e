"""What people see of calls, results, answers asked for as JSON, refusals and sources, as the server renders it."""

import json
import uuid
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from conversations.actions.messages import answer_tools
from conversations.models import Generation, LanguageModel, Message, User
from tests.trees import answered, calling, fresh, play
from tests.views.pages import page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
WANTED = {"type": "json_schema", "json_schema": {"name": "numbers", "schema": SCHEMA}}


def end_of(message: Message) -> str:
    """The part of an answer below its text, as the server sends it when a run ends."""
    (shown,) = Message.objects.shown_by_ids(message.conversation, [message.pk])
    return str(render_to_string("messages/_end.html", {"message": shown}))


def asked(author: User, answer: str, wanted: Any = WANTED, **end: Any) -> Message:
    """An answer to a request with a response format."""
    message = answered(author, answer=answer)
    run = Generation.objects.get(message=message)
    run.request["parameters"] = {"response_format": {"value": wanted, "source": "conversation"}}
    for name, value in end.items():
        setattr(run, name, value)
    run.save()
    return message


# ---- calls ----


def test_a_call_is_shown_with_its_arguments_as_a_tree(alice: User, model: LanguageModel) -> None:
    html = end_of(calling(alice, ("get_weather", '{"city": "Zürich", "days": 3, "parts": ["a", {"b": null}]}')))
    assert "get_weather</bdi>" in html
    for shown in (">city<", ">Zürich<", ">3<", "2 items", "1 field", ">null<"):
        assert shown in html
    assert "without writing anything" not in html


def test_arguments_that_are_not_json_are_shown_as_they_are(alice: User, model: LanguageModel) -> None:
    html = end_of(calling(alice, ("f", '{"a": <b>'), ("g", ""), ("h", "{}"), ("i", '"text"'), ("j", "[1, NaN]")))
    assert '{"a": &lt;b&gt;</code>' in html
    assert html.count("It is not valid JSON.") == 2
    assert html.count("Without arguments.") == 2


def test_arguments_that_are_too_large_for_a_tree_are_shown_raw(alice: User, model: LanguageModel) -> None:
    wide, deep = json.dumps(list(range(5000))), "[" * 3000 + "]" * 3000
    html = end_of(calling(alice, ("wide", wide), ("deep", deep), ("long", json.dumps("x" * 70_000))))
    assert html.count("It is too large to be shown as a tree.") == 3
    assert 'class="tree"' not in html


def test_names_arguments_and_results_are_text(alice: User, model: LanguageModel, client: Client) -> None:
    evil = '<img src=x onerror="alert(1)">'
    message = calling(alice, (evil, json.dumps({evil: evil, "\ud800": "\x00\ud800"})))
    answer_tools(alice, message, results={"call_0": evil}, client_id=uuid.uuid4())
    html = page_of(client, alice, message.conversation)
    assert "<img src=x" not in html
    assert html.count("&lt;img") >= 4
    assert "onerror=&quot;" in html or "onerror=&#" in html


def test_the_form_hands_results_in_and_the_run_goes_on(alice: User, model: LanguageModel, client: Client) -> None:
    message = calling(alice, ("f", "{}"), ("g", "{}"))
    client.force_login(alice)
    url, form = reverse("message-answer-tools", args=[message.pk]), {"client_id": str(uuid.uuid4())}
    response = client.post(url, {**form, "call": ["call_0", "call_1"], "text": ["one\r\ntwo", "2"]})
    tools = list(Message.objects.filter(role="tool").order_by("id"))
    assert [(tool.tool_call_id, tool.text) for tool in tools] == [("call_0", "one\ntwo"), ("call_1", "2")]
    assert tools[1].parent_id == tools[0].pk
    answer = Message.objects.get(parent=tools[1])
    assert response["Location"].endswith(f"#message-{answer.pk}")
    client.post(url, {**form, "call": ["call_0", "call_1"], "text": ["again", "again"]})
    assert Message.objects.filter(role="tool").count() == 2


@pytest.mark.parametrize(
    "form",
    [
        {"call": ["call_0"], "text": ["one"]},
        {"call": ["call_0", "call_1"], "text": ["one"]},
        {"call": ["call_0", "call_0"], "text": ["one", "two"]},
        {"call": ["call_0", "call_9"], "text": ["one", "two"]},
        {"client_id": "x", "call": ["call_0", "call_1"], "text": ["one", "two"]},
    ],
)
def test_results_that_do_not_fit_the_calls_are_refused(
    alice: User, model: LanguageModel, client: Client, form: dict[str, Any]
) -> None:
    message = calling(alice, ("f", "{}"), ("g", "{}"))
    client.force_login(alice)
    url = reverse("message-answer-tools", args=[message.pk])
    assert client.post(url, {"client_id": str(uuid.uuid4()), **form}).status_code == 400
    assert not Message.objects.filter(role="tool").exists()


def test_a_stranger_hands_in_nothing(alice: User, carol: User, model: LanguageModel, client: Client) -> None:
    message = calling(alice, ("f", "{}"))
    client.force_login(carol)
    form = {"client_id": str(uuid.uuid4()), "call": "call_0", "text": "x"}
    assert client.post(reverse("message-answer-tools", args=[message.pk]), form).status_code == 404
    assert not Message.objects.filter(role="tool").exists()


def test_the_page_of_a_chat_has_the_form_with_its_token(alice: User, model: LanguageModel, client: Client) -> None:
    message = calling(alice, ("f", "{}"))
    html = page_of(client, alice, message.conversation)
    form = html[html.index('class="results"') :].partition("</form>")[0]
    assert "csrfmiddlewaretoken" in form
    assert "css/tools" in html.partition('class="log__column"')[2].partition("<article")[0]


def test_a_page_without_calls_loads_no_style_for_them(alice: User, model: LanguageModel, client: Client) -> None:
    message = answered(alice)
    html = page_of(client, alice, message.conversation)
    assert "css/tools" not in html.partition('class="log__column"')[2].partition("<article")[0]


def test_a_result_is_named_by_its_call_wherever_its_page_begins(alice: User, model: LanguageModel) -> None:
    message = calling(alice, ("first", "{}"), ("second", "{}"))
    sent = answer_tools(alice, message, results={"call_0": "1", "call_1": "[2]"}, client_id=uuid.uuid4())
    play("Done.")
    for limit in (50, 3, 2):
        shown = Message.objects.shown(sent.conversation, limit=limit)
        names = [each.call["name"] for each in shown if each.role == "tool" and each.call]
        assert names == ["first", "second"][-(limit - 1) :]
    (one,) = Message.objects.shown_by_ids(sent.conversation, [fresh(sent.answer).parent_id])  # type: ignore[list-item]
    assert 'aria-label="Result of second"' in render_to_string("messages/_message.html", {"message": one})


def test_a_long_result_is_cut_on_the_page_and_whole_when_copied(
    alice: User, model: LanguageModel, client: Client
) -> None:
    message = calling(alice, ("f", "{}"))
    text = "x" * 50_000
    answer_tools(alice, message, results={"call_0": text}, client_id=uuid.uuid4())
    html = page_of(client, alice, message.conversation)
    assert "30000 more characters are not shown" in html
    assert len(html) < 100_000
    tool = Message.objects.get(role="tool")
    assert text_of(client.get(reverse("message-text", args=[tool.pk]))) == text


# ---- answers asked for as JSON ----


def test_an_answer_that_fits_its_schema_is_a_tree(alice: User, model: LanguageModel) -> None:
    html = end_of(asked(alice, '{"n": 7, "more": [1.10, 12345678901234567]}'))
    assert "This fits the schema “numbers”." in html
    assert ">1.10<" in html
    assert ">12345678901234567<" in html


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('{"n": "seven"}', "This does not fit the schema “numbers”."),
        ("Seven.", "This is not JSON, though JSON was asked for."),
        ('{"n": 7', "This is not JSON, though JSON was asked for."),
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_says_why(
    alice: User, model: LanguageModel, answer: str, words: str
) -> None:
    html = end_of(asked(alice, answer))
    assert words in html
    assert "structured__more" in html


def test_an_answer_cut_at_the_limit_is_called_that(alice: User, model: LanguageModel) -> None:
    html = end_of(asked(alice, '{"n": 7', finish_reason="length"))
    assert "cut at the limit of tokens" in html
    assert "not JSON" not in html


def test_an_object_without_a_schema_and_one_in_a_code_block_are_trees(alice: User, model: LanguageModel) -> None:
    assert "This is valid JSON." in end_of(asked(alice, '{"a": 1}', {"type": "json_object"}))
    assert "structured--tree" in end_of(asked(alice, '```json\n{"n": 1}\n```'))


def test_large_json_is_shown_raw_and_says_so(alice: User, model: LanguageModel) -> None:
    html = end_of(asked(alice, json.dumps({"n": 1, "x": list(range(3000))})))
    assert "This fits the schema" in html
    assert "too large to be shown as a tree" in html
    assert "structured--tree" not in html


def test_an_answer_that_was_not_asked_for_as_json_is_no_tree(alice: User, model: LanguageModel) -> None:
    assert "structured" not in end_of(answered(alice, answer='{"n": 7}'))
    assert "structured" not in end_of(asked(alice, '{"n": 7}', {"type": "text"}))


def test_what_is_rendered_anew_stays_code(alice: User, model: LanguageModel, client: Client) -> None:
    message = asked(alice, '{"n": "*7*"}')
    Message.objects.filter(pk=message.pk).update(html="old", html_version=0)
    html = page_of(client, alice, message.conversation)
    assert "<em>" not in html
    assert 'class="language-json"' in html


# ---- refusals and sources ----


def test_a_refusal_is_called_one(alice: User, model: LanguageModel) -> None:
    message = asked(alice, "I can't help with that.")
    Message.objects.filter(pk=message.pk).update(is_refusal=True)
    html = end_of(message)
    assert "The model refused" in html
    assert "not JSON" not in html


def test_sources_are_numbered_links_to_web_pages_only(alice: User, model: LanguageModel) -> None:
    message = answered(alice)
    urls = [
        "https://example.org/a", "javascript:alert(1)", "https://good.example@evil.example/x", "ftp://example.org/",
        "https://example.org/a", "data:text/html,x", "http://[bad",
        "HTTPS://example.net/\"onclick=\"x", "//example.com",
    ]  # fmt: skip
    message.citations = [{"url": url, "title": "<b>T</b>", "start": None, "end": None} for url in urls]
    message.save(update_fields=["citations"])
    html = end_of(message)
    assert html.count("<li>") == 3
    assert html.count('rel="noopener noreferrer nofollow"') == 3
    assert '<bdi class="sources__host">evil.example</bdi>' in html
    assert "javascript:" not in html
    assert "<b>" not in html
    assert '"onclick' not in html
