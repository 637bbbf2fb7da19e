"""The inspector as pages and form posts: what it shows, what it keeps, and what it refuses."""

import html as markup
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.models import Conversation, Generation, LanguageModel, Message, OwnDefaults, ParameterRule, User
from conversations.schemas.parameters import parameters
from tests.catalogued import catalogued
from tests.trees import answered
from tests.views.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

SYSTEMS = [
    ("gpt-4.1", "chat_completions"),
    ("gpt-4.1", "responses"),
    ("gpt-4.1-mini", "chat_completions"),
    ("gpt-4.1-nano", "chat_completions"),
    ("gpt-5.4", "chat_completions"),
    ("gpt-5.4", "responses"),
]


def talk(owner: User, model: LanguageModel, **chosen: Any) -> Conversation:
    return Conversation.objects.create(owner=owner, model=model, parameters=chosen)


def rows_of(page: str) -> dict[str, str]:
    """The HTML of each parameter, by name."""
    parts = re.split(r'<div class="param[^"]*" id="row-[^"]+" data-name="([^"]+)"', page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def posted(client: Client, conversation: Conversation, **fields: str) -> Any:
    """The form of the conversation with some of its fields filled in, as a script posts it."""
    model = conversation.model_id
    given = {"before_model": model, "model": model, "before_format": conversation.request_format, "fragment": "1"}
    fields = {name.replace("__", "."): value for name, value in fields.items()}
    return client.post(reverse("conversation-parameters", args=[conversation.pk]), {**given, **fields})


def kept(conversation: Conversation) -> dict[str, Any]:
    return dict(Conversation.objects.get(pk=conversation.pk).parameters)


@pytest.mark.parametrize(("wire_name", "request_format"), SYSTEMS)
def test_every_parameter_of_a_model_can_be_set(
    client: Client, alice: User, wire_name: str, request_format: str
) -> None:
    model = catalogued(wire_name)
    client.force_login(alice)
    page = text_of(client.get(reverse("inspector"), {"model": str(model.pk), "format": request_format}))
    names = [parameter.name for parameter in parameters(model.schema(request_format))]
    assert list(rows_of(page)) == names
    assert all(f'name="p.{name}' in rows_of(page)[name] for name in names)


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        ({"p__temperature": "0.7"}, {"temperature": 0.7}),
        ({"p__temperature": "1"}, {"temperature": 1}),
        ({"p__max_completion_tokens": "200"}, {"max_completion_tokens": 200}),
        ({"p__system_prompt": "Be brief.\r\nBe kind."}, {"system_prompt": "Be brief.\nBe kind."}),
        ({"p__stream": "false"}, {"stream": False}),
        ({"p__service_tier": '"flex"'}, {"service_tier": "flex"}),
        ({"p__stop": r"a\n\\n"}, {"stop": ["a\n\\n"]}),
        ({"p__metadata:key": "team", "p__metadata:value": "blue"}, {"metadata": {"team": "blue"}}),
        ({"p__response_format:kind": "json_object"}, {"response_format": {"type": "json_object"}}),
        ({"p__tools": '[{"type": "function", "function": {"name": "f"}}]', "p__tool_choice": '"auto"'},
         {"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "auto"}),
        ({"p__temperature": ""}, {}),
    ],
)  # fmt: skip
def test_a_control_of_each_kind_is_kept_with_its_type(
    client: Client, alice: User, fields: dict[str, str], values: dict[str, Any]
) -> None:
    conversation = talk(alice, catalogued("gpt-4.1"))
    client.force_login(alice)
    response = posted(client, conversation, **fields)
    assert response.status_code == 200, text_of(response)
    assert kept(conversation) == values
    assert [type(each) for each in kept(conversation).values()] == [type(each) for each in values.values()]


def test_the_form_of_an_answer_is_put_together_from_its_parts(client: Client, alice: User) -> None:
    conversation = talk(alice, catalogued("gpt-4.1"))
    client.force_login(alice)
    parts = {"kind": "json_schema", "name": "city", "strict": "1", "schema": '{"type": "object"}', "description": "x"}
    response = posted(client, conversation, **{f"p__response_format:{name}": text for name, text in parts.items()})
    assert response.status_code == 400
    assert "additionalProperties" in text_of(response)
    parts["schema"] = '{"type": "object", "properties": {}, "required": [], "additionalProperties": false}'
    assert posted(client, conversation, **{f"p__response_format:{n}": t for n, t in parts.items()}).status_code == 200
    inner = kept(conversation)["response_format"]["json_schema"]
    assert (inner["name"], inner["strict"], inner["description"]) == ("city", True, "x")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("temperature", "2.5", "Temperature must be between 0 and 2."),
        ("temperature", "warm", "Temperature must be a number"),
        ("temperature", "nan", "real number"),
        ("max_completion_tokens", "0", "greater than 0"),
        ("stream", "maybe", "on or off"),
        ("service_tier", '"turbo"', "must be one of"),
        ("tools", "[", "is not valid JSON: Expecting value (line 1, column 2)."),
        ("tools", '[{"type": "function"}]', "lacks function"),
        ("tools", f"[{'9' * 5000}]", "holds a number that is too large"),
        ("tools", "[" * 100_000, "is nested too deeply"),
        ("service_tier", "[" * 100_000, "must be one of"),
    ],
)
def test_what_can_not_be_sent_is_said_at_its_field_and_not_kept(
    client: Client, alice: User, name: str, text: str, sentence: str
) -> None:
    conversation = talk(alice, catalogued("gpt-4.1"), top_p=0.5)
    client.force_login(alice)
    response = posted(client, conversation, **{f"p__{name}": text})
    row = markup.unescape(rows_of(text_of(response))[name])
    assert response.status_code == 400
    assert sentence in row.split("param__error")[1]
    assert 'aria-invalid="true"' in row
    assert markup.unescape(text_of(response)).count("param__error") == 1
    assert kept(conversation) == {"top_p": 0.5}


def test_what_was_written_stands_in_the_refused_form(client: Client, alice: User) -> None:
    conversation = talk(alice, catalogued("gpt-4.1"))
    client.force_login(alice)
    fields = {"kind": "json_schema", "name": "city", "schema": '{"type": '}
    page = text_of(posted(client, conversation, **{f"p__response_format:{n}": t for n, t in fields.items()}))
    row = markup.unescape(rows_of(page)["response_format"])
    assert 'value="city"' in row
    assert '>{"type": </textarea>' in row
    assert "line 1, column 10" in row


def test_fixed_values_are_locked_with_the_reason_and_hidden_ones_are_not_there(client: Client, alice: User) -> None:
    model = catalogued("gpt-4.1")
    ParameterRule.objects.create(name="temperature", mode="fixed", value=0.2)
    ParameterRule.objects.create(name="seed", mode="hidden", value=7)
    ParameterRule.objects.create(name="top_p", mode="default", value=0.9, minimum=0.5, group=alice.groups.get())
    client.force_login(alice)
    rows = rows_of(text_of(client.get(reverse("inspector"), {"model": str(model.pk)})))
    assert "seed" not in rows
    assert 'name="p.temperature"' not in rows["temperature"]
    assert "Temperature is set by your admin to 0.2." in rows["temperature"]
    assert "Set for your group · 0.5 to 1" in rows["top_p"]


@pytest.mark.parametrize(
    ("name", "text"), [("temperature", "1.5"), ("seed", "8"), ("top_p", "0.1"), ("max_tokens", "5")]
)
def test_a_form_post_is_no_way_around_the_rules(client: Client, alice: User, name: str, text: str) -> None:
    conversation = talk(alice, catalogued("gpt-4.1"))
    ParameterRule.objects.create(name="temperature", mode="fixed", value=0.2)
    ParameterRule.objects.create(name="seed", mode="hidden", value=7)
    ParameterRule.objects.create(name="top_p", mode="default", minimum=0.5)
    ParameterRule.objects.create(name="max_completion_tokens", mode="fixed", value=100)
    client.force_login(alice)
    assert posted(client, conversation, **{f"p__{name}": text}).status_code == 400
    assert kept(conversation) == {}


def test_names_that_the_model_does_not_have_are_not_read(client: Client, alice: User) -> None:
    conversation = talk(alice, catalogued("gpt-5.4"))
    client.force_login(alice)
    assert posted(client, conversation, p__frequency_penalty="1", p__n="9").status_code == 200
    assert kept(conversation) == {}


def test_without_a_script_the_form_is_saved_and_shown_again(client: Client, alice: User) -> None:
    conversation = talk(alice, catalogued("gpt-4.1"))
    client.force_login(alice)
    saved = posted(client, conversation, fragment="", p__temperature="0.3")
    assert saved.status_code == 302
    page = text_of(client.get(saved["Location"]))
    assert '<button class="button button--accent without-script">Save</button>' in page
    assert 'value="0.3"' in rows_of(page)["temperature"]
    assert "This conversation" in rows_of(page)["temperature"]


def test_one_value_is_reset_and_all_are(client: Client, alice: User) -> None:
    conversation = talk(alice, catalogued("gpt-4.1"))
    client.force_login(alice)
    fields = {"p__temperature": "0.3", "p__top_p": "0.4"}
    assert posted(client, conversation, **fields, reset="temperature").status_code == 200
    assert kept(conversation) == {"top_p": 0.4}
    assert posted(client, conversation, **fields, reset="*").status_code == 200
    assert kept(conversation) == {}


def test_own_defaults_are_kept_named_and_forgotten(client: Client, alice: User) -> None:
    model = catalogued("gpt-4.1")
    client.force_login(alice)
    form = {"model": str(model.pk), "before_model": str(model.pk), "before_format": "chat_completions", "fragment": "1"}
    page = text_of(client.post(reverse("own-defaults"), {**form, "p.temperature": "0.3"}))
    assert "begin like this" in page
    assert OwnDefaults.of(alice, model) == {"temperature": 0.3}
    page = text_of(client.get(reverse("inspector"), {"model": str(model.pk)}))
    assert "Your default" in rows_of(page)["temperature"]
    assert 'placeholder="0.3"' in rows_of(page)["temperature"]
    client.post(reverse("own-defaults"), {**form, "forget": "1"})
    assert OwnDefaults.of(alice, model) == {}


def test_own_defaults_hold_in_the_models_other_format_too(client: Client, alice: User) -> None:
    model = catalogued("gpt-5.4")
    client.force_login(alice)
    form = {"model": str(model.pk), "before_model": str(model.pk), "before_format": "responses", "format": "responses"}
    page = text_of(client.post(reverse("own-defaults"), {**form, "p.reasoning.effort": '"low"'}))
    assert OwnDefaults.of(alice, model) == {"reasoning_effort": "low"}
    page = text_of(client.get(reverse("inspector"), {"model": str(model.pk), "format": "responses"}))
    assert "Your default" in rows_of(page)["reasoning.effort"]


def test_another_model_takes_along_what_fits_and_lists_the_rest(client: Client, alice: User) -> None:
    conversation, other = talk(alice, catalogued("gpt-4.1"), stop=["END"], max_tokens=50), catalogued("gpt-5.4")
    client.force_login(alice)
    page = text_of(client.get(reverse("conversation-inspector", args=[conversation.pk]), {"model": str(other.pk)}))
    assert 'value="50"' in rows_of(page)["max_completion_tokens"]
    left_out = page.split('class="left-out"')[1].split("</div>")[0]
    assert "This model does not take Stop at." in left_out
    assert kept(conversation) == {"stop": ["END"], "max_tokens": 50}


def test_another_format_changes_the_form_and_keeps_the_values(client: Client, alice: User) -> None:
    conversation = talk(alice, catalogued("gpt-5.4"))
    client.force_login(alice)
    url = reverse("conversation-inspector", args=[conversation.pk])
    form = {"model": str(conversation.model_id), "before_model": str(conversation.model_id), "fragment": "1"}
    form |= {"before_format": "chat_completions", "format": "responses", "p.reasoning_effort": '"low"'}
    rows = rows_of(text_of(client.post(url, form)))
    assert "reasoning_effort" not in rows
    assert re.search(r"selected>\s*low", rows["reasoning.effort"])


def test_the_number_of_queries_does_not_grow_with_the_conversation(client: Client, alice: User) -> None:
    model = catalogued("gpt-4.1")
    client.force_login(alice)
    counts = []
    for length in (2, 60):
        conversation = talk(alice, model)
        rows: list[Message] = []
        for i in range(length):
            role = "assistant" if i % 2 else "user"
            rows.append(Message(conversation=conversation, parent=rows[-1] if rows else None, role=role, text=str(i)))
        Message.objects.bulk_create(rows)
        Conversation.objects.filter(pk=conversation.pk).update(selected_leaf=rows[-1])
        url = reverse("conversation-inspector", args=[conversation.pk]) + "?tab=request"
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    print(counts)
    assert counts[0] == counts[1] < 20


def test_the_request_is_that_of_the_text_the_values_and_the_conversation(
    client: Client, alice: User, model: LanguageModel
) -> None:
    asked = catalogued("gpt-4.1")
    asked.provider.set_key("sk-very-secret")
    asked.provider.save()
    answer = answered(alice, "First question", answer="First answer")
    Conversation.objects.filter(pk=answer.conversation_id).update(model=asked, parameters={"temperature": 0.3})
    client.force_login(alice)
    url = reverse("conversation-inspector", args=[answer.conversation_id])
    form = {"model": str(asked.pk), "before_model": str(asked.pk), "text": "Second", "p.temperature": "0.4"}
    body = json.loads(text_of(client.post(url, {**form, "part": "whole", "language": "json"})))
    said = [(message["role"], message["content"]) for message in body["messages"]]
    assert said == [("user", "First question"), ("assistant", "First answer"), ("user", "Second")]
    assert body["temperature"] == 0.4
    for part in ("whole", "request"):
        text = text_of(client.post(url, {**form, "part": part}))
        assert "sk-very-secret" not in text
        assert "API_KEY" in text


def test_long_texts_are_shortened_to_look_at_and_whole_to_copy(client: Client, alice: User) -> None:
    model = catalogued("gpt-4.1")
    client.force_login(alice)
    form = {"model": str(model.pk), "before_model": str(model.pk), "text": "word " * 5000}
    shown = text_of(client.post(reverse("inspector"), {**form, "part": "request"}))
    assert "more characters" in shown
    assert len(shown) < 20_000
    whole = text_of(client.post(reverse("inspector"), {**form, "part": "whole", "language": "curl"}))
    assert ("word " * 5000).strip() in whole


def test_what_was_sent_for_an_answer_is_shown_as_it_was(client: Client, alice: User) -> None:
    model = catalogued("gpt-4.1")
    LanguageModel.objects.filter(pk=model.pk).update(is_default=True)
    Conversation.objects.create(owner=alice, model=model, parameters={"temperature": 0.3})
    answer = answered(alice, "A question")
    Generation.objects.filter(message=answer).update(
        request={
            "model": "gpt-4.1", "format": "chat_completions", "system_text": "Be brief.",
            "messages": [{"id": str(answer.parent_id), "length": 10}], "dropped": 0,
            "parameters": {"temperature": {"value": 0.3, "source": "conversation"}},
        }
    )  # fmt: skip
    client.force_login(alice)
    url = reverse("message-request", args=[answer.pk])
    body = json.loads(text_of(client.get(url, {"language": "json"})))
    assert [message["content"] for message in body["messages"]] == ["Be brief.", "A question"]
    assert body["temperature"] == 0.3
    assert "TypeScript" in text_of(client.get(url))
    assert "<html" not in text_of(client.get(url, {"fragment": "1"}))
    assert text_of(client.get(url, {"language": "curl"})).startswith("curl ")


def test_the_page_of_a_very_long_request_shortens_what_its_plain_text_has_whole(client: Client, alice: User) -> None:
    """It is written down and highlighted in five languages: with pictures in it that would be hundreds of megabytes."""
    model = catalogued("gpt-4.1")
    LanguageModel.objects.filter(pk=model.pk).update(is_default=True)
    answer = answered(alice, "A question")
    long = "word " * 80_000
    Message.objects.filter(children=answer).update(text=long)
    record = {
        "model": "gpt-4.1",
        "format": "chat_completions",
        "messages": [{"id": str(answer.parent_id), "length": len(long)}],
    }
    Generation.objects.filter(message=answer).update(request=record, model=model)
    client.force_login(alice)
    url = reverse("message-request", args=[answer.pk])
    page = text_of(client.get(url))
    assert len(page) < 100_000
    assert "Long texts are shortened here" in page
    assert long in text_of(client.get(url, {"language": "curl"}))


def test_for_what_was_never_sent_there_is_no_request(client: Client, alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    client.force_login(alice)
    assert client.get(reverse("message-request", args=[answer.parent_id])).status_code == 409
    assert client.get(reverse("message-request", args=[answer.pk])).status_code == 409  # the demonstration


def test_the_card_says_what_is_known(client: Client, alice: User) -> None:
    model = catalogued("gpt-5.4")
    client.force_login(alice)
    page = text_of(client.get(reverse("inspector"), {"model": str(model.pk), "tab": "model"}))
    card = page.split('id="panel-model"')[1].split("</section>")[0]
    for fact in ("1,050,000 tokens", "128,000 tokens", "Above 272,000", "$22.50", "Reasoning", "gpt-5.4", "Not stated"):
        assert fact in card, fact
    assert re.search(r'href="https://[^"]+" rel="noopener[^"]*"', card)
    assert card.count("data-example=") == 5
