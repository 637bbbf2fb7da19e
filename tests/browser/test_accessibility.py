"""Axe finds nothing, in both colour schemes, on a desktop and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import examine
from tests.browser.chromium import Device
from tests.browser.conftest import NewVisitor
from tests.browser.scripts import MODEL, broken, gated
from tests.browser.stage import Stage
from tests.browser.visitor import Visitor
from tests.upstream.steps import answer as reply
from tests.upstream.steps import error

pytestmark = pytest.mark.browser


def test_axe_finds_nothing_before_signing_in(new_visitor: NewVisitor, device: Device) -> None:
    visitor = new_visitor(device, cookie=False)
    visitor.watch.expect("status (of )?4")
    for path in ("/sign-in/", "/setup/unknown/", "/conversations/nothing/"):
        visitor.page.goto(visitor.stage.url + path)
        examine(visitor, path)


def test_axe_finds_nothing_in_an_empty_chat_and_its_menus(visitor: Visitor) -> None:
    visitor.stage.conversations(visitor.person, ["First", "Second"])
    visitor.open(model="demo")
    examine(visitor, "empty chat")
    visitor.press(visitor.page.locator("#picker-button"))
    expect(visitor.page.locator("#picker")).to_be_visible()
    examine(visitor, "picker")
    visitor.page.keyboard.press("Escape")
    visitor.open_sidebar()
    examine(visitor, "sidebar")
    visitor.menu("Second")
    examine(visitor, "menu of a conversation")
    visitor.page.keyboard.press("Escape")
    visitor.open_sidebar()
    visitor.press(visitor.page.locator(".sidebar__person"))
    examine(visitor, "menu of the person")


def test_axe_finds_nothing_in_a_long_answer(visitor: Visitor) -> None:
    visitor.open(model="words-400-400")
    visitor.ask("Show me all you have.")
    visitor.act(visitor.answer, "Regenerate")
    visitor.wait_for("complete")
    examine(visitor, "long answer", except_for="heading-order")  # the headings of the text are as they were written
    visitor.act(visitor.answer, "Details")
    examine(visitor, "details", except_for="heading-order")


def test_axe_finds_nothing_while_an_answer_streams_or_has_failed(visitor: Visitor) -> None:
    upstream = visitor.stage.upstream
    upstream.script(MODEL, gated(["Begun"], [" and done."]), times=1)
    upstream.script(MODEL, broken("Half"), times=1)
    upstream.script(MODEL, [reply(401, error("No key."))])
    visitor.open(model=MODEL).send("Go on")
    expect(visitor.body).to_have_text("Begun")
    examine(visitor, "running answer")
    upstream.open("go")
    visitor.wait_for("complete")
    visitor.send("Break off")
    visitor.wait_for("interrupted")
    visitor.send("Fail")
    visitor.wait_for("failed")
    examine(visitor, "failed answer")
    visitor.act(visitor.questions.last, "Edit")
    examine(visitor, "edited message")


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/conversations/provider/", "/admin/conversations/languagemodel/add/"]
)
def test_axe_finds_nothing_in_the_admin(new_visitor: NewVisitor, stage: Stage, device: Device, path: str) -> None:
    visitor = new_visitor(device, person=stage.person(is_admin=True))
    visitor.page.goto(visitor.stage.url + path)
    examine(visitor, path)
