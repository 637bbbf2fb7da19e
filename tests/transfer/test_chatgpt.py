"""ChatGPT's exports: trees, hidden parts, kinds of content and pictures."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conversations.transfer.detect import open_source
from conversations.transfer.sources import Readable
from tests.transfer.shapes import PNG, gpt, gpt_node, json_file, one, outline, read, refusal, texts, zip_file


def content(kind: str, **values: Any) -> dict[str, Any]:
    return {"content": {"content_type": kind, **values}}


def test_a_conversation_keeps_its_words_times_and_model(tmp_path: Path) -> None:
    record = one(json_file(tmp_path, [gpt(is_archived=True)])).record
    assert [(m.role, m.text, m.model_name) for m in record.messages] == [
        ("user", "Why?", ""),
        ("assistant", "So.", "gpt-4o"),
    ]
    assert record.messages[0].created_at == datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC)
    assert record.active_at == datetime(2023, 11, 14, 22, 15, tzinfo=UTC)
    assert (record.key, record.title, record.model, record.source) == ("c-1", "Reasons", "gpt-4o", "chatgpt")
    assert record.is_archived
    assert record.selected == "a"


def test_branches_stay_and_the_shown_one_is_selected(tmp_path: Path) -> None:
    nodes = [gpt_node("root", None), gpt_node("q", "root", "user", "Q"), gpt_node("a", "q", "assistant", "A")]
    nodes += [gpt_node("b", "q", "assistant", "B"), gpt_node("c", "root", "user", "C")]
    record = one(json_file(tmp_path, [gpt(*nodes, current_node="a")])).record
    assert outline(record.messages) == {"q": None, "a": "q", "b": "q", "c": None}
    assert record.selected == "a"


def test_a_system_message_in_the_middle_does_not_part_the_tree(tmp_path: Path) -> None:
    nodes = [gpt_node("q", None, "user", "Q"), gpt_node("s", "q", "system", ""), gpt_node("a", "s", "assistant", "A")]
    assert outline(one(json_file(tmp_path, [gpt(*nodes)])).record.messages) == {"q": None, "a": "q"}


def test_instructions_are_kept_apart(tmp_path: Path) -> None:
    about = content("user_editable_context", user_profile="I bake.", user_instructions="Be short.")
    hidden: dict[str, Any] = {"metadata": {"is_visually_hidden_from_conversation": True}}
    nodes = [gpt_node("root", None), gpt_node("c", "root", "user", **about, **hidden), gpt_node("q", "c", "user", "Q")]
    record = one(json_file(tmp_path, [gpt(*nodes)])).record
    assert record.system_text == "I bake.\n\nBe short."
    assert texts(record) == ["Q"]


def test_hidden_messages_are_left_out_and_said(tmp_path: Path) -> None:
    hidden: dict[str, Any] = {"metadata": {"is_visually_hidden_from_conversation": True}}
    nodes = [
        gpt_node("q", None, "user", "Q"),
        gpt_node("h", "q", "tool", "inner", **hidden),
        gpt_node("a", "h", "assistant", "A"),
    ]
    found = one(json_file(tmp_path, [gpt(*nodes)]))
    assert outline(found.record.messages) == {"q": None, "a": "q"}
    assert "1 message that ChatGPT hides was left out." in found.notes


def test_thinking_becomes_the_reasoning_of_each_answer_it_led_to(tmp_path: Path) -> None:
    thoughts = content("thoughts", thoughts=[{"summary": "Look", "content": "Deep."}])
    recap = content("reasoning_recap", content="Thought for 5 seconds")
    nodes = [
        gpt_node("q", None, "user", "Q"),
        gpt_node("t", "q", "assistant", **thoughts),
        gpt_node("r", "t", "assistant", **recap),
    ]
    nodes += [gpt_node("a", "r", "assistant", "A"), gpt_node("b", "r", "assistant", "B")]
    messages = one(json_file(tmp_path, [gpt(*nodes)])).record.messages
    assert outline(messages) == {"q": None, "a": "q", "b": "q"}
    assert {m.reasoning for m in messages[1:]} == {"**Look**\n\nDeep.\n\nThought for 5 seconds"}


def test_thinking_without_an_answer_stays(tmp_path: Path) -> None:
    thoughts = content("thoughts", thoughts=[{"summary": "", "content": "Deep."}])
    nodes = [gpt_node("q", None, "user", "Q"), gpt_node("t", "q", "assistant", **thoughts)]
    last = one(json_file(tmp_path, [gpt(*nodes)])).record.messages[-1]
    assert (last.key, last.text, last.reasoning) == ("t", "", "Deep.")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (content("code", language="python", text="print(1)"), "```python\nprint(1)\n```"),
        (content("code", language="unknown", text="a ``` b"), "````\na ``` b\n````"),
        (content("execution_output", text="1"), "```\n1\n```"),
        (
            content("tether_quote", title="T", url="https://a.example", text="x\ny"),
            "> **T**\n> <https://a.example>\n> \n> x\n> y",
        ),
        (content("tether_browsing_display", result="page", summary=""), "page"),
        (content("system_error", name="Oops", text="bad"), "Oops: bad"),
        (content("multimodal_text", parts=[{"content_type": "audio_transcription", "text": "said"}]), "said"),
        (content("text", parts=["a", "b"]), "a\n\nb"),
    ],
)
def test_kinds_of_content_are_readable(tmp_path: Path, given: dict[str, Any], shown: str) -> None:
    found = one(json_file(tmp_path, [gpt(gpt_node("a", None, "assistant", **given))]))
    assert texts(found.record) == [shown]
    assert found.notes == ()


def test_an_unknown_kind_is_shown_as_it_is_and_said(tmp_path: Path) -> None:
    found = one(json_file(tmp_path, [gpt(gpt_node("a", None, "assistant", **content("hologram", shape={"x": 1})))]))
    assert '"x": 1' in texts(found.record)[0]
    assert "Content of the kind “hologram” isn't known here; it is shown as it is." in found.notes


def test_what_tools_were_asked_and_said_is_text(tmp_path: Path) -> None:
    asked = content("code", language="python", text="1+1") | {"recipient": "python"}
    said = content("execution_output", text="2") | {"author": {"role": "tool", "name": "python"}}
    nodes = [
        gpt_node("q", None, "user", "Q"),
        gpt_node("c", "q", "assistant", **asked),
        gpt_node("o", "c", "tool", **said),
    ]
    messages = one(json_file(tmp_path, [gpt(*nodes)])).record.messages
    assert [m.role for m in messages] == ["user", "assistant", "assistant"]
    assert [m.text for m in messages[1:]] == ["*To python:*\n\n```python\n1+1\n```", "*python:*\n\n```\n2\n```"]


def test_an_unknown_role_is_said(tmp_path: Path) -> None:
    found = one(json_file(tmp_path, [gpt(gpt_node("x", None, "oracle", "Hm"))]))
    assert texts(found.record) == ["*oracle:*\n\nHm"]
    assert found.notes == ("Messages of the role “oracle” are shown as answers.",)


def picture_message(*ids: str) -> dict[str, Any]:
    parts = [{"content_type": "image_asset_pointer", "asset_pointer": f"file-service://{each}"} for each in ids]
    attachments = [{"id": ids[0], "name": "cat.png"}, {"id": "file-doc", "name": "notes.pdf"}]
    return content("multimodal_text", parts=[*parts, "Look"]) | {"metadata": {"attachments": attachments}}


def test_pictures_come_out_of_the_archive_and_lost_ones_are_said(tmp_path: Path) -> None:
    value = json.dumps([gpt(gpt_node("q", None, "user", **picture_message("file-abc", "file-xyz")))])
    path = zip_file(tmp_path, {"conversations.json": value, "user.json": "{}", "files/file-abc-cat.png": PNG})
    with open_source(path) as source:
        (found,) = source.conversations()
        assert isinstance(found, Readable)
        (message,) = found.record.messages
        assert [source.read_image(image) for image in message.images] == [PNG]
    assert message.images[0].name == "cat.png"
    assert message.text == "Look\n\n*Picture, not in the export: file-xyz*\n\n*File: notes.pdf*"
    assert found.notes == ("1 picture isn't in the file.",)


def test_references_become_the_links_they_stand_for(tmp_path: Path) -> None:
    mark = "\ue200cite\ue202turn0search0\ue201"
    metadata = {"content_references": [{"matched_text": mark, "alt": "([a](https://a.example))"}]}
    node = gpt_node("a", None, "assistant", f"Yes{mark} no\ue200x\ue201", metadata=metadata)
    assert texts(one(json_file(tmp_path, [gpt(node)])).record) == ["Yes([a](https://a.example)) no"]


def test_a_conversation_without_messages_is_refused_alone(tmp_path: Path) -> None:
    found = read(json_file(tmp_path, [gpt(title="Broken", mapping=None), gpt(), gpt(gpt_node("r", None)), 7]))
    assert [type(each).__name__ for each in found] == ["Unreadable", "Readable", "Unreadable", "Unreadable"]
    assert [each.reason for each in found if not isinstance(each, Readable)] == [
        "It has no messages: “mapping” is missing.",
        "It holds no messages.",
        "It is no conversation.",
    ]


def test_a_circle_is_refused(tmp_path: Path) -> None:
    nodes = [gpt_node("a", "b", "user", "A"), gpt_node("b", "a", "assistant", "B")]
    assert refusal(json_file(tmp_path, [gpt(*nodes)])) == "Its messages follow each other in a circle."


def test_a_missing_parent_is_found_by_who_lists_it(tmp_path: Path) -> None:
    value = gpt(
        gpt_node("q", None, "user", "Q"), gpt_node("a", "gone", "assistant", "A"), gpt_node("z", "lost", "user", "Z")
    )
    value["mapping"]["q"]["children"] = ["gone"]
    found = one(json_file(tmp_path, [value]))
    assert outline(found.record.messages) == {"q": None, "a": "q", "z": None}
    assert any("2 messages followed one that isn't in the file" in each for each in found.notes)


def test_several_lists_in_one_archive_are_one_export(tmp_path: Path) -> None:
    lists = {f"x/conversations-00{n}.json": json.dumps([gpt(conversation_id=f"c{n}")]) for n in range(3)}
    found = read(zip_file(tmp_path, {**lists, "x/user.json": "{}"}))
    assert [each.record.key for each in found if isinstance(each, Readable)] == ["c0", "c1", "c2"]


def test_times_that_are_nonsense_fall_back_in_order(tmp_path: Path) -> None:
    nodes = [gpt_node("q", None, "user", "Q"), gpt_node("a", "q", "assistant", "A", create_time=-5)]
    nodes += [gpt_node("b", "a", "user", "B", create_time=1e300), gpt_node("c", "b", "user", "C", create_time="soon")]
    messages = one(json_file(tmp_path, [gpt(*nodes)])).record.messages
    assert [m.key for m in messages] == ["q", "a", "b", "c"]
    assert len({m.created_at for m in messages}) == 1


def test_a_chain_of_20000_messages_is_read(tmp_path: Path) -> None:
    nodes = [gpt_node(str(n), str(n - 1) if n else None, "user", "x") for n in range(20_000)]
    record = one(json_file(tmp_path, [gpt(*nodes)])).record
    assert len(record.messages) == 20_000
    assert record.selected == "19999"
