"""Writing: keys, drafts, limits."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_enter_sends_and_shift_enter_breaks_the_line(desktop: Visitor) -> None:
    desktop.open()
    desktop.field.press_sequentially("one")
    desktop.field.press("Shift+Enter")
    desktop.field.press_sequentially("two")
    expect(desktop.field).to_have_value("one\ntwo")
    desktop.field.press("Enter")
    desktop.wait_for("complete")
    assert desktop.said.inner_text() == "one\ntwo"
    expect(desktop.field).to_have_value("")


def test_an_input_method_at_work_does_not_send(desktop: Visitor) -> None:
    desktop.open().field.focus()
    keyboard = desktop.context.new_cdp_session(desktop.page)
    keyboard.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    desktop.field.press("Enter")
    expect(desktop.questions).to_have_count(0)
    keyboard.send("Input.insertText", {"text": "日本"})
    desktop.field.fill("日本")
    desktop.field.press("Enter")
    expect(desktop.said).to_have_text(["日本"])
    desktop.wait_for("complete")


def test_nothing_is_sent_of_nothing(visitor: Visitor) -> None:
    visitor.open().send("  \n ")
    expect(visitor.answers).to_have_count(0)


def test_a_draft_survives_a_reload_and_belongs_to_its_conversation(visitor: Visitor) -> None:
    first, _ = visitor.stage.talk(visitor.person, ["Question", "Answer"], title="First")
    visitor.open("/")
    visitor.field.fill("For a new one")
    visitor.open(f"/conversations/{first}/")
    expect(visitor.field).to_have_value("")
    visitor.field.fill("For the first")
    visitor.reload()
    expect(visitor.field).to_have_value("For the first")
    visitor.open("/")
    expect(visitor.field).to_have_value("For a new one")


def test_a_sent_message_leaves_no_draft(desktop: Visitor) -> None:
    desktop.open()
    desktop.ask("Hello")
    desktop.reload()
    expect(desktop.field).to_have_value("")
    desktop.open("/")
    expect(desktop.field).to_have_value("")


def test_a_text_that_is_too_long_is_kept(visitor: Visitor) -> None:
    visitor.open()
    text = "x" * 200_001
    visitor.send(text)
    expect(visitor.page.get_by_role("alert")).to_contain_text("This has 200,001 characters; 200,000 is the most.")
    expect(visitor.field).to_have_value(text)
    expect(visitor.questions).to_have_count(0)
    assert visitor.overflow() == []


def test_a_refused_message_comes_back_to_the_field(desktop: Visitor) -> None:
    model = desktop.stage.add_model("Soon gone")
    desktop.open(f"/?model={model}")
    desktop.stage.disable_model(model)
    desktop.send("Is anybody there?")
    expect(desktop.page.locator(".composer__error")).to_be_visible()
    expect(desktop.field).to_have_value("Is anybody there?")
    expect(desktop.questions).to_have_count(0)
    expect(desktop.answers).to_have_count(0)


def test_a_starter_is_sent_at_a_press(visitor: Visitor) -> None:
    visitor.open(model="demo")
    visitor.press(visitor.page.get_by_role("button", name="/reason Why is the sky blue?"))
    expect(visitor.said).to_have_text(["/reason Why is the sky blue?"])
    visitor.press(visitor.page.get_by_role("button", name="Stop", exact=True))
    visitor.wait_for("stopped")


def test_a_long_draft_grows_to_two_fifths_of_the_height(visitor: Visitor) -> None:
    visitor.open().field.fill("line\n" * 60)
    height = visitor.field.evaluate("field => field.getBoundingClientRect().height / innerHeight")
    assert 0.2 < height < 0.45
    assert visitor.overflow() == []


def test_arrow_up_in_an_empty_field_edits_the_last_message(desktop: Visitor) -> None:
    conversation, _ = desktop.stage.talk(desktop.person, ["First", "Answer", "Second", "Answer"])
    desktop.open(f"/conversations/{conversation}/").field.press("ArrowUp")
    expect(desktop.questions.last.get_by_label("Your message")).to_have_value("Second")


def test_a_draft_is_nobody_elses(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.open().field.fill("Between you and me")
    visitor.reload()
    stranger = visitor.stage.person()
    visitor.context.add_cookies([{"name": "session", "value": stranger.session, "url": visitor.stage.url}])
    visitor.open("/")
    expect(visitor.field).to_have_value("")
