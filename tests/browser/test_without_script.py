"""The pages without JavaScript, and without a socket: plainer, but everything needed is there."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import DESKTOP, Device
from tests.browser.conftest import NewVisitor
from tests.browser.scripts import MODEL, answer, gated
from tests.browser.stage import PASSWORD
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(new_visitor: NewVisitor, device: Device) -> Visitor:
    """Somebody signed in whose browser runs no script."""
    return without_script(new_visitor, device)


def without_script(new_visitor: NewVisitor, device: Device = DESKTOP, **options: bool) -> Visitor:
    visitor = new_visitor(device, java_script_enabled=False, **options)
    visitor.watch.expect(r"\.js csp$")  # so Chromium names scripts that are switched off
    return visitor


def send(visitor: Visitor, text: str) -> None:
    visitor.field.fill(text)
    visitor.press(visitor.page.get_by_role("button", name="Send", exact=True))


def visit(visitor: Visitor, path: str = "/", model: str = MODEL) -> None:
    visitor.page.goto(f"{visitor.stage.url}{path}?model={visitor.stage.models[model]}")


def test_signing_in_needs_no_script(new_visitor: NewVisitor, device: Device) -> None:
    visitor = without_script(new_visitor, device, cookie=False)
    visitor.page.goto(visitor.stage.url)
    visitor.page.get_by_label("Name", exact=True).fill(visitor.person.name)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.press(visitor.page.get_by_role("button", name="Sign in", exact=True))
    expect(visitor.page.get_by_text(f"Hello, {visitor.person.name}.")).to_be_visible()


def test_the_page_follows_an_answer(plain: Visitor) -> None:
    plain.stage.upstream.script(MODEL, gated(["Begun"], [" and **done**."]))
    visit(plain)
    send(plain, "Go on")
    expect(plain.body).to_have_text("Begun")
    plain.stage.upstream.open("go")
    plain.wait_for("complete")
    expect(plain.body).to_have_text("Begun and done.")
    expect(plain.page.get_by_role("button", name="Edit")).to_have_count(0)


def test_an_answer_can_be_stopped(plain: Visitor) -> None:
    plain.stage.upstream.script(MODEL, gated(["Begun"], [" and done."]))
    visit(plain)
    send(plain, "Go on")
    expect(plain.body).to_have_text("Begun")
    plain.press(plain.page.get_by_role("button", name="Stop", exact=True))
    plain.wait_for("stopped")
    expect(plain.body).to_have_text("Begun")


def test_answers_can_be_regenerated_and_branches_switched(plain: Visitor) -> None:
    plain.stage.upstream.script(MODEL, answer("One."), times=1)
    plain.stage.upstream.script(MODEL, answer("Two."), times=1)
    visit(plain)
    send(plain, "Go on")
    plain.wait_for("complete")
    plain.act(plain.answer, "Regenerate")
    expect(plain.body).to_have_text("Two.")
    plain.wait_for("complete")
    plain.act(plain.answer, "Previous version")
    expect(plain.body).to_have_text("One.")


def test_an_answer_that_broke_off_can_go_on(plain: Visitor) -> None:
    plain.stage.upstream.script(MODEL, [*answer("Half")[:-2], {"do": "close"}], times=1)
    plain.stage.upstream.script(MODEL, answer(" and half."))
    visit(plain)
    send(plain, "Go on")
    plain.press(plain.answer.get_by_role("button", name="Continue"))
    expect(plain.body).to_have_text("Half and half.")


def test_a_refused_message_comes_back_with_the_reason(plain: Visitor) -> None:
    plain.watch.expect("status (of )?4")
    visit(plain)
    send(plain, "x" * 200_001)
    expect(plain.page.get_by_role("alert")).to_be_visible()
    expect(plain.field).to_have_value("x" * 200_001)


def test_older_conversations_are_a_link_away(new_visitor: NewVisitor) -> None:
    visitor = without_script(new_visitor)
    visitor.stage.conversations(visitor.person, [f"Number {number}" for number in range(60)])
    visit(visitor)
    expect(visitor.row("Number 59")).to_have_count(0)
    visitor.page.get_by_role("link", name="Older conversations").click()
    expect(visitor.row("Number 59")).to_be_visible()


def test_conversations_can_be_deleted_and_brought_back(plain: Visitor) -> None:
    plain.stage.conversations(plain.person, ["First"])
    visit(plain)
    plain.open_sidebar()
    plain.press(plain.menu("First").get_by_role("menuitem", name="Delete"))
    expect(plain.row("First")).to_have_count(0)
    plain.press(plain.page.get_by_role("button", name="Undo"))
    expect(plain.row("First")).to_have_count(1)


def test_where_no_socket_gets_through_the_page_follows_all_the_same(desktop: Visitor) -> None:
    desktop.watch.expect("WebSocket")
    desktop.stage.upstream.script(MODEL, gated(["Begun"], [" and done."]))
    desktop.stage.network.has_sockets = False
    visit(desktop)
    desktop.page.evaluate(
        """async () => { const { socket } = await import("socket");
        while (!socket.isHopeless) await new Promise(resolve => setTimeout(resolve, 20)); }"""
    )
    desktop.field.fill("Go on")
    desktop.field.press("Enter")
    expect(desktop.body).to_have_text("Begun")
    desktop.stage.upstream.open("go")
    desktop.wait_for("complete")
    expect(desktop.body).to_have_text("Begun and done.")
