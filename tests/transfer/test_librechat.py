"""LibreChat's exports, flat and nested, alone and several in an archive."""

import json
from pathlib import Path
from typing import Any

from conversations.transfer.sources import Readable
from tests.transfer.shapes import ZEROS, json_file, libre, libre_node, one, outline, read, refusal, texts, zip_file


def nested(*messages: dict[str, Any]) -> dict[str, Any]:
    value = libre(recursive=True, messagesTree=list(messages))
    del value["messages"]
    return value


def test_a_flat_conversation_keeps_its_words_times_and_model(tmp_path: Path) -> None:
    record = one(json_file(tmp_path, libre())).record
    assert [(m.role, m.text, m.model_name) for m in record.messages] == [
        ("user", "Why?", ""),
        ("assistant", "So.", "gpt-4"),
    ]
    assert record.messages[0].created_at.isoformat() == "2024-04-09T14:32:05.230000+00:00"
    assert (record.key, record.title, record.model) == ("l-1", "Reasons", "gpt-4")


def test_a_nested_conversation_has_the_same_tree(tmp_path: Path) -> None:
    answers = [libre_node(key, "q", key, is_person=False, children=[]) for key in "ab"]
    question = libre_node("q", ZEROS, "Q", is_person=True, children=answers)
    record = one(json_file(tmp_path, nested(question, libre_node("r", ZEROS, "R", is_person=True)))).record
    assert outline(record.messages) == {"q": None, "a": "q", "b": "q", "r": None}


def test_nested_children_without_parents_of_their_own_hang_where_they_stand(tmp_path: Path) -> None:
    answer = libre_node("a", ZEROS, "A", is_person=False)
    del answer["parentMessageId"]
    question = libre_node("q", ZEROS, "Q", is_person=True, children=[answer])
    assert outline(one(json_file(tmp_path, nested(question))).record.messages) == {"q": None, "a": "q"}


def test_messages_that_name_no_parent_follow_the_one_before(tmp_path: Path) -> None:
    messages = [libre_node(key, ZEROS, key, is_person=key == "q") for key in "qa"]
    for message in messages:
        del message["parentMessageId"]
    assert outline(one(json_file(tmp_path, libre(*messages))).record.messages) == {"q": None, "a": "q"}


def test_a_nest_of_20000_messages_is_read(tmp_path: Path) -> None:
    depth = 20_000
    inner = [json.dumps(libre_node(str(n), ZEROS, "x", is_person=True))[:-1] + ', "children": [' for n in range(depth)]
    text = json.dumps(nested())[:-1].replace(
        '"messagesTree": []', '"messagesTree": [' + "".join(inner) + "]}" * depth + "]"
    )
    path = tmp_path / "deep.json"
    path.write_text(text + "}")
    record = one(path).record
    assert len(record.messages) == depth
    assert record.selected == str(depth - 1)


def test_parts_of_an_answer_find_their_place(tmp_path: Path) -> None:
    call = {"id": "1", "name": "sum", "args": '{"a": 1}', "output": "3"}
    parts = [
        {"type": "think", "think": "Hm"},
        {"type": "text", "text": {"value": "So."}},
        {"type": "tool_call", "tool_call": call},
    ]
    parts += [{"type": "hologram", "x": 1}]
    answer = libre_node("a", "q", "", is_person=False, content=parts)
    found = one(json_file(tmp_path, libre(libre_node("q", ZEROS, "Q", is_person=True), answer)))
    last = found.record.messages[-1]
    assert last.reasoning == "Hm"
    assert last.text.startswith('So.\n\n*To sum:*\n\n```json\n{"a": 1}\n```\n\n*Result:*\n\n```\n3\n```\n\n```json')
    assert found.notes == ("Content of the kind “hologram” isn't known here; it is shown as it is.",)


def test_failed_and_unfinished_answers_say_so(tmp_path: Path) -> None:
    answers = [
        libre_node("a", "q", "No credit", is_person=False, error=True),
        libre_node("b", "q", "Half", is_person=False, unfinished=True),
    ]
    messages = one(json_file(tmp_path, libre(libre_node("q", ZEROS, "Q", is_person=True), *answers))).record.messages
    assert [(m.status, m.text) for m in messages[1:]] == [("failed", ""), ("interrupted", "Half")]
    assert messages[1].runs[0].error_message == "No credit"


def test_pictures_are_named_though_they_are_not_in_the_file(tmp_path: Path) -> None:
    files = [
        {"filename": "cat.png", "type": "image/png", "filepath": "/images/u/cat.png"},
        {"filename": "a.pdf", "type": "x"},
    ]
    found = one(json_file(tmp_path, libre(libre_node("q", ZEROS, "Look", is_person=True, files=files))))
    assert texts(found.record) == ["Look\n\n*Picture, not in the export: cat.png*\n\n*File: a.pdf*"]
    assert found.notes == ("1 picture isn't in the file.",)


def test_instructions_are_kept_apart_and_settings_are_said(tmp_path: Path) -> None:
    found = one(
        json_file(tmp_path, libre(options={"model": "m", "promptPrefix": "Be short.", "temperature": 1, "top_p": None}))
    )
    assert found.record.system_text == "Be short."
    assert found.notes == ("Its settings aren't taken over: temperature.",)


def test_several_files_in_one_archive(tmp_path: Path) -> None:
    entries = {f"{n}.json": json.dumps(libre(conversationId=f"l{n}")) for n in range(3)}
    found = read(zip_file(tmp_path, {**entries, "other.json": '{"a": 1}', "readme.txt": "hello"}))
    assert [each.record.key for each in found if isinstance(each, Readable)] == ["l0", "l1", "l2"]


def test_broken_ones_are_refused(tmp_path: Path) -> None:
    assert refusal(json_file(tmp_path, libre(messages=7))) == "It has no messages: “messages” is missing."
    messages = [libre_node("a", "b", "A", is_person=True), libre_node("b", "a", "B", is_person=False)]
    assert refusal(json_file(tmp_path, libre(*messages))) == "Its messages follow each other in a circle."
