"""What one can do to a message: edit, regenerate, go between versions, copy; and finding one's place in long talks."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.scripts import MODEL, answer
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

PERMISSIONS = ["clipboard-read", "clipboard-write"]
CODE = "```python\nprint('a very long line of code ' * 20, " + "argument, " * 40 + ")\n```\n\nDone."


def clipboard(visitor: Visitor) -> str:
    text: str = visitor.page.evaluate("navigator.clipboard.readText()")
    return text


def edit(visitor: Visitor, text: str) -> None:
    visitor.act(visitor.questions.last, "Edit")
    visitor.page.get_by_label("Your message").fill(text)
    visitor.press(visitor.questions.last.get_by_role("button", name="Send"))


def place(visitor: Visitor, article: str) -> str:
    return visitor.page.locator(f"article.message--{article}").last.locator(".siblings__place").inner_text()


def test_an_edited_message_becomes_a_version_of_its_own(visitor: Visitor) -> None:
    upstream = visitor.stage.upstream
    upstream.script(MODEL, answer("To the first."), times=1)
    upstream.script(MODEL, answer("To the second."), times=1)
    visitor.open(model=MODEL).ask("First wording")
    edit(visitor, "Second wording")
    expect(visitor.body).to_have_text("To the second.")
    visitor.wait_for("complete")
    expect(visitor.questions.last.locator(".siblings__place")).to_have_text("2/2")
    visitor.act(visitor.questions.last, "Previous version")
    expect(visitor.said.last).to_have_text("First wording")
    expect(visitor.body).to_have_text("To the first.")
    visitor.act(visitor.questions.last, "Next version")
    expect(visitor.body).to_have_text("To the second.")
    visitor.reload()
    expect(visitor.body).to_have_text("To the second.")
    assert place(visitor, "person") == "2/2"


def test_a_version_chosen_in_one_tab_is_shown_in_the_other(desktop: Visitor) -> None:
    desktop.open().ask("First wording")
    edit(desktop, "Second wording")
    desktop.wait_for("complete")
    other = desktop.second_tab()
    desktop.to_front()
    desktop.act(desktop.questions.last, "Previous version")
    expect(other.said).to_have_text(["First wording"])


def test_an_edit_can_be_left_with_escape(desktop: Visitor) -> None:
    conversation, _ = desktop.stage.talk(desktop.person, ["Question", "Answer"])
    desktop.open(f"/conversations/{conversation}/")
    desktop.act(desktop.questions.last, "Edit")
    desktop.page.get_by_label("Your message").fill("Something else")
    desktop.page.keyboard.press("Escape")
    expect(desktop.page.get_by_label("Your message")).to_have_count(0)
    expect(desktop.said).to_have_text(["Question"])


def test_regenerating_makes_a_second_version(visitor: Visitor) -> None:
    upstream = visitor.stage.upstream
    upstream.script(MODEL, answer("One answer."), times=1)
    upstream.script(MODEL, answer("Another answer."), times=1)
    visitor.open(model=MODEL).ask("Hello")
    visitor.act(visitor.answer, "Regenerate")
    expect(visitor.body).to_have_text("Another answer.")
    visitor.wait_for("complete")
    expect(visitor.answer.locator(".siblings__place")).to_have_text("2/2")
    visitor.act(visitor.answer, "Previous version")
    expect(visitor.body).to_have_text("One answer.")
    expect(visitor.answers).to_have_count(1)


def test_another_model_can_answer_again(visitor: Visitor) -> None:
    visitor.open(model=MODEL).ask("Hello")
    visitor.act(visitor.answer, "Regenerate with another model or parameters")
    visitor.press(visitor.page.get_by_role("menuitem", name="other"))
    expect(visitor.answer.locator(".message__by")).to_have_text("other")
    visitor.wait_for("complete")
    expect(visitor.answer.locator(".siblings__place")).to_have_text("2/2")
    assert visitor.stage.upstream.requests()[-1]["body"]["model"] == "other"


def test_copying_gives_the_text_as_it_was_written(visitor: Visitor) -> None:
    visitor.context.grant_permissions(PERMISSIONS)
    conversation, _ = visitor.stage.talk(visitor.person, ["A *question*\n  with two lines", f"**Bold**\n\n{CODE}"])
    visitor.open(f"/conversations/{conversation}/")
    visitor.act(visitor.questions.last, "Copy")
    expect(visitor.questions.last.locator(".is-done")).to_be_visible()
    assert clipboard(visitor) == "A *question*\n  with two lines"
    visitor.act(visitor.answer, "Copy")
    expect(visitor.answer.locator(".message__foot .is-done")).to_be_visible()
    assert clipboard(visitor) == f"**Bold**\n\n{CODE}"


def test_code_can_be_copied_and_wrapped(visitor: Visitor) -> None:
    visitor.context.grant_permissions(PERMISSIONS)
    conversation, _ = visitor.stage.talk(visitor.person, ["Question", CODE])
    visitor.open(f"/conversations/{conversation}/")
    figure = visitor.answer.locator("figure.code")
    visitor.press(figure.get_by_role("button", name="Copy code"))
    expect(figure.locator(".is-done")).to_be_visible()
    assert clipboard(visitor) == CODE.split("\n")[1]
    is_wide = "figure => { const pre = figure.querySelector('pre'); return pre.scrollWidth > pre.clientWidth }"
    assert figure.evaluate(is_wide)
    visitor.press(figure.get_by_role("button", name="Wrap lines"))
    assert not figure.evaluate(is_wide)
    assert visitor.overflow() == []


def test_code_can_be_saved(desktop: Visitor) -> None:
    conversation, _ = desktop.stage.talk(desktop.person, ["Question", "```python\nx = 1\n```"])
    desktop.open(f"/conversations/{conversation}/")
    with desktop.page.expect_download() as download:
        desktop.page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "code.py"
    assert download.value.path().read_text() == "x = 1\n"


def test_older_messages_come_on_scrolling_up_and_the_place_stays(visitor: Visitor) -> None:
    texts = [f"Message {number} says something.\n\nIn two paragraphs." for number in range(200)]
    conversation, ids = visitor.stage.talk(visitor.person, texts)
    visitor.open(f"/conversations/{conversation}/")
    articles = visitor.page.locator(".log__column > article")
    expect(articles).to_have_count(50)
    expect(articles.last).to_be_in_viewport()
    top = visitor.page.locator(f"#message-{ids[150]}")
    jump = visitor.page.evaluate(
        """async id => {
          const log = document.querySelector(".log"), first = document.getElementById(`message-${id}`);
          const frame = () => new Promise(requestAnimationFrame);
          log.scrollTop = 900; await frame(); await frame();
          log.scrollTop = 400; await frame();
          const before = first.getBoundingClientRect().top;
          while (document.querySelectorAll(".log__column > article").length < 100) await frame();
          await frame();
          return first.getBoundingClientRect().top - before;
        }""",
        ids[150],
    )
    assert abs(jump) < 2
    expect(top).to_have_count(1)


def test_a_link_to_a_message_opens_there(visitor: Visitor) -> None:
    conversation, ids = visitor.stage.talk(visitor.person, [f"Message {number}" for number in range(200)])
    visitor.open(f"/conversations/{conversation}/#message-{ids[20]}")
    named = visitor.page.locator(f"#message-{ids[20]}")
    expect(named).to_be_in_viewport()
    top = named.evaluate(
        "a => a.getBoundingClientRect().top - document.querySelector('.log').getBoundingClientRect().top"
    )
    assert -2 <= top < 120


def test_the_reader_who_scrolled_up_is_left_in_peace(desktop: Visitor) -> None:
    conversation, ids = desktop.stage.talk(desktop.person, ["Question\n" * 5, "Answer\n\n" * 30] * 5)
    desktop.open(f"/conversations/{conversation}/")
    other = desktop.second_tab()
    other.page.locator(f"#message-{ids[2]}").evaluate("article => article.scrollIntoView()")
    before = other.page.locator(".log").evaluate("log => log.scrollTop")
    desktop.ask("More")
    expect(other.questions).to_have_count(6)
    other.wait_for("complete")
    assert other.page.locator(".log").evaluate("log => log.scrollTop") == before
    other.page.get_by_role("button", name="Newest").click()
    expect(other.answer.locator(".message__foot")).to_be_in_viewport()


def test_a_sent_message_stands_at_the_top_while_its_answer_grows(visitor: Visitor) -> None:
    conversation, _ = visitor.stage.talk(visitor.person, ["Question", "Answer\n\n" * 30])
    visitor.open(f"/conversations/{conversation}/").send("Short question")
    expect(visitor.questions.last).to_contain_text("Short question")
    visitor.wait_for("complete")
    top = visitor.questions.last.evaluate(
        "a => a.getBoundingClientRect().top - document.querySelector('.log').getBoundingClientRect().top"
    )
    assert -2 <= top < 80


def test_a_long_message_is_folded(visitor: Visitor) -> None:
    conversation, _ = visitor.stage.talk(visitor.person, ["A long line of many words. " * 400, "Answer"])
    visitor.open(f"/conversations/{conversation}/")
    folded = visitor.questions.last.bounding_box()
    visitor.press(visitor.page.get_by_role("button", name="Show all"))
    unfolded = visitor.questions.last.bounding_box()
    assert folded is not None
    assert unfolded is not None
    assert unfolded["height"] > folded["height"]


def test_a_long_message_is_folded_as_soon_as_it_is_sent(visitor: Visitor) -> None:
    visitor.open().ask("A line\n" * 17 + "the last")
    expect(visitor.questions.last).not_to_have_class(re.compile("folded"))
    visitor.ask("A line\n" * 18 + "the last")
    expect(visitor.questions.last).to_have_class(re.compile("folded"))
    visitor.press(visitor.page.get_by_role("button", name="Show all"))
    expect(visitor.questions.last).not_to_have_class(re.compile("folded"))
    visitor.reload()
    expect(visitor.page.get_by_role("button", name="Show all")).to_have_count(1)
