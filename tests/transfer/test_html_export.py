"""Exported pages: untrusted text is data in every place, nothing is loaded, and all of it is there."""

import re
import zipfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conversations.transfer.html_export import POLICY, conversation_html, write_html
from conversations.transfer.records import ConversationRecord, ImageRecord, MessageRecord, RunRecord
from tests.rendering.test_safety import PAYLOADS
from tests.transfer.shapes import PNG

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
OWN = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "main",
    "article",
    "dl",
    "dt",
    "dd",
    "bdi",
    "time",
    "img",
}
OWN |= {"details", "summary"}
LOADING = {"script", "link", "iframe", "object", "embed", "svg", "video", "audio", "source", "base", "form", "button"}


class Page(HTMLParser):
    """Collects what a page is made of and fails where elements are left open."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "hr", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def everywhere(text: str) -> ConversationRecord:
    """A conversation that says the text in every place there is."""
    first = MessageRecord(key="q", parent=None, role="user", created_at=NOW, text=text, author=text, branch_name=text)
    picture = ImageRecord(data=PNG, name=text, description=text)
    others = [
        ImageRecord(name=text),
        ImageRecord(url="https://a.example/b.png", description=text),
        ImageRecord(url=text),
    ]
    second = MessageRecord(
        key="a",
        parent="q",
        role="assistant",
        created_at=NOW,
        text=text,
        reasoning=text,
        model_name=text,
        status="failed",
        images=[picture, *others],
        tool_calls=[{"id": text, "name": text, "arguments": text}],
        citations=[{"url": text, "title": text}, {"url": "https://a.example", "title": text}],
        runs=[RunRecord(status="failed", error_message=text)],
    )
    third = MessageRecord(key="t", parent="a", role="tool", created_at=NOW, text=text, tool_call_id=text)
    fourth = MessageRecord(key="b", parent="q", role="assistant", created_at=NOW, text=text, branch_name=text)
    return ConversationRecord(
        key="k",
        title=text,
        created_at=NOW,
        active_at=NOW,
        messages=[first, second, third, fourth],
        selected="t",
        folder=(text, text),
        tags=(text,),
        model=text,
    )


def image_data(image: ImageRecord) -> bytes | None:
    return image.data or None


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("whole_tree", [False, True])
def test_a_payload_is_harmless_in_every_place(payload: str, whole_tree: bool) -> None:
    page = Page(conversation_html(everywhere(payload), image_data, whole_tree=whole_tree))
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & LOADING
    counts = {name: [tag for tag, _ in page.tags].count(name) for name in ("style", "title", "body", "article", "main")}
    assert counts == {"style": 1, "title": 1, "body": 1, "main": 1, "article": 4 if whole_tree else 3}
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name in ("style", "srcdoc", "action", "id") for name in attributes), tag
        assert tag == "img" or "src" not in attributes
        if tag == "img":
            assert str(attributes["src"]).startswith("data:image/png;base64,")
        if tag == "a":
            assert re.match(r"(https?|mailto):", str(attributes["href"]), re.IGNORECASE)
            assert attributes["rel"] == "noopener noreferrer nofollow"
        if tag == "meta":
            assert attributes.get("http-equiv") in (None, "Content-Security-Policy")


def test_the_page_forbids_itself_everything_else() -> None:
    page = Page(conversation_html(everywhere("x"), image_data))
    (policy,) = [each["content"] for tag, each in page.tags if each.get("http-equiv")]
    assert policy == POLICY
    assert "default-src 'none'" in POLICY
    assert "script" not in POLICY


def test_all_that_was_said_is_in_it() -> None:
    record = everywhere("words")
    text = Page(conversation_html(record, image_data, whole_tree=True)).text
    assert text.count("words") > 20
    assert "2026-11-20 15:00 UTC" in text
    assert "Branch 2 of 2, after message 1" in text
    assert "Failed: words" in text


def test_only_the_shown_branch_is_in_it_unless_all_are_wanted() -> None:
    record = everywhere("words")
    shown, whole = (Page(conversation_html(record, image_data, whole_tree=wanted)) for wanted in (False, True))
    articles = [sum(tag == "article" for tag, _ in page.tags) for page in (shown, whole)]
    assert articles == [3, 4]
    assert "Branch" not in shown.text


def test_a_persons_text_is_no_markdown_and_an_answers_is() -> None:
    html = conversation_html(everywhere("**b** <i>"), image_data)
    assert '<div class="plain">**b** &lt;i&gt;</div>' in html
    assert "<p><strong>b</strong> &lt;i&gt;</p>" in html


def test_code_and_formulas_look_as_on_the_site() -> None:
    html = conversation_html(everywhere("```python\nif x: pass\n```\n\n$x^2$"), image_data)
    assert '<span class="k">if</span>' in html
    assert "<math>" in html


def test_a_deep_conversation_is_written() -> None:
    messages = [
        MessageRecord(key=str(n), parent=str(n - 1) if n else None, role="user", created_at=NOW, text="x")
        for n in range(20_000)
    ]
    record = ConversationRecord(key="k", title="T", created_at=NOW, active_at=NOW, messages=messages, selected="19999")
    for whole_tree in (False, True):
        assert conversation_html(record, image_data, whole_tree=whole_tree).count("<article") == 20_000


def test_the_zip_has_a_page_each_and_an_index(tmp_path: Path) -> None:
    told: list[int] = []
    records = [everywhere(title) for title in ("../../<b>Älter/CON", "", "x" * 300)]
    written = write_html(tmp_path / "a.zip", records, lambda _: None, created_at=NOW, progress=told.append)
    assert (written.conversations, told) == (3, [1, 2, 3])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = archive.namelist()
        index = Page(archive.read("index.html").decode())
        pages = [archive.read(name).decode() for name in names[:3]]
    assert names == ["0001 b Älter CON.html", "0002 Conversation.html", f"0003 {'x' * 60}.html", "index.html"]
    assert [each["href"] for tag, each in index.tags if tag == "a"] == [
        "0001%20b%20%C3%84lter%20CON.html",
        "0002%20Conversation.html",
        f"0003%20{'x' * 60}.html",
    ]
    assert all(Page(page).open == [] for page in pages)


def test_the_style_has_rules_for_print_and_for_the_dark() -> None:
    html = conversation_html(everywhere("x"), image_data)
    assert "@media print" in html
    assert "color-scheme: light dark" in html
    assert "url(" not in html
    assert "@import" not in html


def test_pictures_of_unknown_kinds_are_only_named() -> None:
    def strange(image: ImageRecord) -> bytes:
        return b"<svg onload=alert(1)>"

    tags: list[Any] = Page(conversation_html(everywhere("x"), strange)).tags
    assert [tag for tag, _ in tags if tag == "img"] == []
