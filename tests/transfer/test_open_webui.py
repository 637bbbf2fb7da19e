"""Open WebUI's exports: both shapes of a chat, what it writes into answers, pictures and endings."""

import base64
from pathlib import Path
from typing import Any

import pytest

from conversations.transfer.detect import open_source
from conversations.transfer.open_webui_details import take_apart
from conversations.transfer.sources import Readable
from tests.transfer.shapes import PNG, json_file, one, outline, read, refusal, texts, webui, webui_node


def test_a_chat_keeps_its_words_times_model_and_tags(tmp_path: Path) -> None:
    record = one(json_file(tmp_path, [webui(pinned=True)])).record
    assert [(m.role, m.text, m.model_name) for m in record.messages] == [
        ("user", "Why?", ""),
        ("assistant", "So.", "llama3.1"),
    ]
    assert (record.key, record.title, record.tags, record.model) == ("w-1", "Reasons", ("one",), "llama3.1")
    assert record.is_pinned
    assert record.created_at.timestamp() == 1_700_000_000
    assert record.active_at.timestamp() == 1_700_000_100


def test_answers_of_several_models_are_branches(tmp_path: Path) -> None:
    nodes = [webui_node("q", None, "user", "Q"), webui_node("a", "q", "assistant", "A", model="m1")]
    nodes += [webui_node("b", "q", "assistant", "B", model="m2")]
    messages = one(json_file(tmp_path, [webui(*nodes)])).record.messages
    assert outline(messages) == {"q": None, "a": "q", "b": "q"}
    assert [m.model_name for m in messages] == ["", "m1", "m2"]


def test_a_chat_without_wrapper_and_tree_is_a_chain(tmp_path: Path) -> None:
    messages = [
        {"role": "user", "content": "Q"},
        {"role": "assistant", "content": "A"},
        {"role": "user", "content": "B"},
    ]
    record = one(
        json_file(tmp_path, [{"title": "Old", "models": [], "messages": messages, "timestamp": 1_700_000_000_000}])
    ).record
    assert texts(record) == ["Q", "A", "B"]
    assert [m.parent for m in record.messages] == [None, "message-1", "message-2"]
    assert record.created_at.timestamp() == 1_700_000_000


def test_the_system_prompt_is_kept_apart_and_settings_are_said(tmp_path: Path) -> None:
    value = webui()
    value["chat"]["params"] = {"system": "Be short.", "temperature": 0.5}
    found = one(json_file(tmp_path, [value]))
    assert found.record.system_text == "Be short."
    assert found.notes == ("Its settings aren't taken over: temperature.",)


def test_thinking_and_calls_in_an_answer_are_taken_apart() -> None:
    text = (
        '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>\n'
        "&gt; one &amp; two\n> three\n</details>\n"
        '<details type="tool_calls" done="true" id="c" name="weather" arguments="&quot;{\\&quot;city\\&quot;: 1}&quot;"'
        ' result="&quot;rain&quot;" files="">\n<summary>Tool Executed</summary>\n</details>\nTake a coat.'
    )
    shown, reasoning = take_apart(text)
    assert reasoning == "one & two\nthree"
    assert shown == '*To weather:*\n\n```json\n{"city": 1}\n```\n\n*Result:*\n\n```\nrain\n```\n\n\nTake a coat.'


@pytest.mark.parametrize(
    "text", ['<details type="reasoning">never closed', "<details><summary>own</summary></details>", "a < b"]
)
def test_other_markup_in_an_answer_stays(text: str) -> None:
    assert take_apart(text) == (text, "")


def test_a_thousand_unclosed_blocks_take_no_time() -> None:
    assert take_apart('<details type="x' * 100_000)[1] == ""


def test_pictures_inside_and_elsewhere(tmp_path: Path) -> None:
    inside: dict[str, Any] = {"type": "image", "url": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"}
    files = [
        inside,
        {"type": "image", "url": "https://a.example/b.png"},
        {"type": "image", "url": "/api/v1/files/9/content"},
    ]
    files += [{"type": "file", "name": "notes.txt", "file": {"data": {"content": "all of it"}}}]
    path = json_file(tmp_path, [webui(webui_node("q", None, "user", "Look", files=files))])
    with open_source(path) as source:
        (found,) = source.conversations()
        assert isinstance(found, Readable)
        (message,) = found.record.messages
        assert [source.read_image(image) for image in message.images] == [PNG, None]
    assert [image.url for image in message.images] == ["", "https://a.example/b.png"]
    assert (
        message.text
        == "Look\n\n*Picture, not in the export: /api/v1/files/9/content*\n\n*File: notes.txt*\n\nall of it"
    )
    assert found.notes == ("1 picture isn't in the file.",)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "data:image/png;base64,%%", "//a"]
)
def test_other_addresses_are_no_pictures(tmp_path: Path, url: str) -> None:
    path = json_file(tmp_path, [webui(webui_node("q", None, "user", "Look", files=[{"type": "image", "url": url}]))])
    assert one(path).record.messages[0].images == []


def test_an_answer_that_failed_says_why(tmp_path: Path) -> None:
    nodes = [webui_node("q", None, "user", "Q"), webui_node("a", "q", "assistant", "", error={"content": "No credit"})]
    last = one(json_file(tmp_path, [webui(*nodes)])).record.messages[-1]
    assert (last.status, last.runs[0].status, last.runs[0].error_message) == ("failed", "failed", "No credit")


def test_usage_is_kept(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 9}
    nodes = [webui_node("q", None, "user", "Q"), webui_node("a", "q", "assistant", "A", usage=usage)]
    (run,) = one(json_file(tmp_path, [webui(*nodes)])).record.messages[-1].runs
    assert (run.input_tokens, run.output_tokens) == (7, 9)


def test_sources_become_citations(tmp_path: Path) -> None:
    sources = [{"source": {"name": "n"}, "metadata": [{"source": "https://a.example/x"}, {"source": "local.pdf"}]}]
    nodes = [webui_node("q", None, "user", "Q"), webui_node("a", "q", "assistant", "A", sources=sources)]
    citations = one(json_file(tmp_path, [webui(*nodes)])).record.messages[-1].citations
    assert [each["url"] for each in citations] == ["https://a.example/x"]


def test_parts_of_a_content_are_joined(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}]
    (message,) = one(json_file(tmp_path, [webui(webui_node("q", None, "user", parts))])).record.messages
    assert (message.text, len(message.images)) == ("Look", 1)


def test_broken_chats_are_refused_alone(tmp_path: Path) -> None:
    found = read(json_file(tmp_path, [webui(chat={"title": "x", "models": []}), webui(), webui(chat=7)]))
    assert [type(each).__name__ for each in found] == ["Unreadable", "Readable", "Unreadable"]


def test_a_circle_is_refused(tmp_path: Path) -> None:
    nodes = [webui_node("a", "b", "user", "A"), webui_node("b", "a", "assistant", "B")]
    assert refusal(json_file(tmp_path, [webui(*nodes)])) == "Its messages follow each other in a circle."


def test_an_unknown_role_is_said(tmp_path: Path) -> None:
    nodes = [webui_node("q", None, "user", "Q"), webui_node("x", "q", "oracle", "Hm")]
    found = one(json_file(tmp_path, [webui(*nodes)]))
    assert texts(found.record) == ["Q", "*oracle:*\n\nHm"]
    assert found.notes == ("Messages of the role “oracle” are shown as answers.",)
