"""Markdown documents: texts stand as they are, and no message swallows the next."""

import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conversations.rendering.markdown import render
from conversations.transfer.markdown_export import conversation_markdown, write_markdown
from conversations.transfer.records import ConversationRecord, ImageRecord, MessageRecord
from tests.transfer.shapes import PNG

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def said(key: str, parent: str | None, text: str, **values: object) -> MessageRecord:
    role = "assistant" if parent else "user"
    base = {
        "key": key,
        "parent": parent,
        "role": role,
        "created_at": NOW,
        "text": text,
        "author": "alice",
        "model_name": "m",
    }
    return MessageRecord(**base | values)  # type: ignore[arg-type]


def conversation(*messages: MessageRecord) -> ConversationRecord:
    return ConversationRecord(
        key="k",
        title="On *stars*",
        created_at=NOW,
        active_at=NOW,
        messages=list(messages),
        selected=messages[-1].key,
        model="m",
    )


def test_a_document_reads_like_the_conversation() -> None:
    record = conversation(said("q", None, "Why?"), said("a", "q", "# So\n\n```py\nx = 1\n```"))
    assert conversation_markdown(record) == (
        "# On \\*stars\\*\n\n"
        "- Begun: 2026-11-20 15:00 UTC\n- Last active: 2026-11-20 15:00 UTC\n- Model: m\n"
        "\n## 1. alice · 2026-11-20 15:00 UTC\n\nWhy?\n"
        "\n## 2. m · 2026-11-20 15:00 UTC\n\n# So\n\n```py\nx = 1\n```\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "```py\nnever closed",
        "~~~~\nnever closed\n~~~",
        "````\n```\nx\n```",
        "a\n```\nb\n```\n  ```js\nc",
        "<!-- never closed",
        "```\nclosed\n```",
        "``` a`b\nno fence",
    ],
)
def test_what_one_message_leaves_open_ends_with_it(text: str) -> None:
    html = render(conversation_markdown(conversation(said("q", None, text), said("a", "q", "after"))))
    assert "<h2>2. m · 2026-11-20 15:00 UTC</h2>\n<p>after</p>" in html


def test_a_comment_left_open_is_closed() -> None:
    text = conversation_markdown(conversation(said("q", None, "a <!-- b"), said("a", "q", "after")))
    assert "a <!-- b\n-->\n" in text


def test_branches_are_marked_in_the_whole_tree() -> None:
    record = conversation(said("q", None, "Q"), said("a", "q", "A"), said("b", "q", "B", branch_name="second"))
    whole = conversation_markdown(record, whole_tree=True)
    assert "*Branch 1 of 2, after message 1*\n\nA\n" in whole
    assert "*Branch 2 of 2, after message 1 “second”*\n\nB\n" in whole
    assert "\nA\n" not in conversation_markdown(record)


def test_thinking_is_quoted_and_calls_are_fenced() -> None:
    answer = said("a", "q", "So.", reasoning="one\n\ntwo", tool_calls=[{"id": "1", "name": "sum", "arguments": "{}"}])
    text = conversation_markdown(conversation(said("q", None, "Q"), answer))
    assert "> **Thinking**\n>\n> one\n>\n> two\n\nSo.\n\n*To sum:*\n\n```json\n{}\n```\n" in text


def test_names_mean_nothing() -> None:
    name = "[x](javascript:y) <b>\n# h"
    html = render(conversation_markdown(replace(conversation(said("q", None, "Q", author=name)), title=name)))
    assert "href" not in html
    assert html.count("<h1>") == 1


def test_pictures_are_files_and_addresses_are_only_links(tmp_path: Path) -> None:
    images = [
        ImageRecord(data=PNG, description="a ] b"),
        ImageRecord(url="https://a.example/b c.png".replace(" ", "%20")),
    ]
    images += [ImageRecord(url="javascript:alert(1)", name="bad"), ImageRecord(name="gone")]
    record = conversation(said("q", None, "Look", images=images))
    written = write_markdown(tmp_path / "a.zip", [record, record], lambda _: None, created_at=NOW)
    assert (written.files, written.missing_files) == (1, 2)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        (file,) = [name for name in archive.namelist() if name.startswith("files/")]
        text = archive.read("0001 On stars.md").decode()
        index = archive.read("index.md").decode()
    assert f"![a \\] b]({file})" in text
    assert "[Picture](https://a.example/b%20c.png)" in text
    assert "\nbad\n" in text
    assert "*Picture, lost: gone*" in text
    assert "- [On \\*stars\\*](0002%20On%20stars.md)" in index
