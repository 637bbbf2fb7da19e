"""Two people in one conversation, each in a browser: the stream, each other's words, who is here, and the dialog."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import examine
from tests.browser.chromium import DESKTOP, Device
from tests.browser.conftest import NewVisitor
from tests.browser.scripts import MODEL, answer, gated
from tests.browser.visitor import Visitor
from tests.sharing import shared

pytestmark = pytest.mark.browser


def share(owner: Visitor, **people: Visitor) -> str:
    """The path of a conversation of the owner's that these people may see, as roles by argument."""
    made = shared(owner.stage.backstage, owner.person, {each.person.name: role for role, each in people.items()})
    return f"/conversations/{made['conversation']}/"


def open_dialog(visitor: Visitor) -> Locator:
    """By the link in the topbar; on a phone by the menu of its row, for a conversation that isn't shared yet."""
    link = visitor.page.get_by_role("link", name="People", exact=True)
    if link.is_visible():
        visitor.press(link)
    else:
        visitor.open_sidebar()
        visitor.press(visitor.menu("Ours").get_by_role("menuitem", name="People…"))
    dialog = visitor.page.get_by_role("dialog", name=re.compile("^People in"))
    expect(dialog).to_be_visible()
    return dialog


def order_of(visitor: Visitor) -> list[str]:
    """The ids of all messages in the order they stand in."""
    ids: list[str] = visitor.page.locator(".log__column > article").evaluate_all("all => all.map(each => each.id)")
    return ids


def present(visitor: Visitor) -> Locator:
    return visitor.page.locator(".topbar__present .present__one")


def test_two_browsers_show_the_same_stream_and_each_others_messages(new_visitor: NewVisitor) -> None:
    alice, bob = new_visitor(DESKTOP), new_visitor(DESKTOP)
    alice.stage.upstream.script(MODEL, gated(["It begins"], [" and ends."]), times=1)
    alice.stage.upstream.script(MODEL, answer("To Bob."), times=1)
    path = share(alice, editor=bob)
    for each in (alice, bob):
        each.open(path, model=MODEL)
    for one, other in ((alice, bob), (bob, alice)):
        expect(present(one)).to_have_count(1)
        expect(present(one)).to_have_attribute("title", other.person.name)
    alice.send("From Alice")
    for each in (alice, bob):
        expect(each.body).to_have_text("It begins")
    expect(bob.questions.last.locator(".message__writer bdi")).to_have_text(alice.person.name)
    expect(alice.questions.last.locator(".message__writer bdi")).to_have_text("You")
    alice.stage.upstream.open("go")
    for each in (alice, bob):
        each.wait_for("complete")
        expect(each.body).to_have_text("It begins and ends.")
    bob.field.press_sequentially("From")
    expect(alice.page.locator(".writers")).to_have_text(f"{bob.person.name} is writing…")
    bob.send("From Bob")
    bob.wait_for("complete")
    expect(alice.questions).to_have_count(3)
    alice.wait_for("complete")
    expect(alice.page.locator(".writers")).to_have_count(0)
    assert order_of(alice) == order_of(bob)
    assert alice.html() == bob.html()
    bob.page.goto("about:blank")
    expect(present(alice)).to_have_count(0, timeout=8_000)


def test_what_two_send_at_once_is_kept_and_shown(new_visitor: NewVisitor) -> None:
    alice, bob = new_visitor(DESKTOP), new_visitor(DESKTOP)
    alice.stage.upstream.script(MODEL, answer("Said."), times=2)
    path = share(alice, editor=bob)
    for each in (alice, bob):
        each.open(path, model=MODEL)
        each.field.fill(f"At once, by {each.person.name}")
    moment = alice.page.evaluate("Date.now()") + 1500
    for each in (alice, bob):
        script = "document.getElementById('composer-form').requestSubmit()"
        each.page.evaluate(f"setTimeout(() => {script}, {moment} - Date.now())")
    for each in (alice, bob):
        expect(each.questions).to_have_count(2)
        expect(each.questions.last.locator(".siblings__place")).to_have_text(re.compile(r"[12]/2"))
        each.wait_for("complete")
    assert order_of(alice) == order_of(bob)
    shown = alice.said.last.inner_text()
    loser = alice if bob.person.name in shown else bob
    expect(loser.page.locator(".toast")).to_contain_text("Yours is kept")
    loser.act(loser.questions.last, "Previous version")
    expect(loser.said.last).to_have_text(f"At once, by {loser.person.name}")


def test_a_viewer_follows_but_has_nothing_to_write_with(new_visitor: NewVisitor, device: Device) -> None:
    alice, vera = new_visitor(DESKTOP), new_visitor(device)
    alice.stage.upstream.script(MODEL, answer("For all."), times=1)
    path = share(alice, viewer=vera)
    alice.open(path, model=MODEL)
    vera.open(path)
    expect(vera.page.locator(".reader")).to_contain_text("You can read this conversation")
    expect(vera.field).to_have_count(0)
    alice.ask("Look here")
    vera.wait_for("complete")
    expect(vera.body).to_have_text("For all.")
    for name in ("Edit", "Regenerate", "Try again", "Inspector"):
        expect(vera.page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    assert vera.overflow() == []
    examine(vera, "a viewer's page")


def test_the_owner_invites_and_takes_back_and_the_pages_follow(new_visitor: NewVisitor, device: Device) -> None:
    alice, bob = new_visitor(device), new_visitor(DESKTOP)
    bob.open()
    alice.open(share(alice))
    dialog = open_dialog(alice)
    dialog.get_by_role("searchbox").fill(bob.person.name)
    invite = dialog.get_by_role("button", name=f"Invite {bob.person.name}")
    expect(invite).to_be_visible()
    examine(alice, "dialog with what was found")
    alice.press(invite)
    expect(dialog.locator(".people__said")).to_contain_text("can read this conversation now")
    expect(bob.row("Ours")).to_be_visible()
    bob.row("Ours").locator(".entry").click()
    expect(bob.page.locator(".reader")).to_be_visible()
    role = dialog.get_by_role("combobox", name=f"What {bob.person.name} can do")
    role.select_option("editor")
    expect(bob.field).to_be_visible()
    bob.field.fill("Not sent yet")
    alice.press(dialog.get_by_role("button", name=f"Remove {bob.person.name}"))
    expect(dialog.locator(".people__said")).to_contain_text("has no access any more")
    bob.page.wait_for_url(re.compile(r"/$"), timeout=8_000)
    expect(bob.page.locator(".toast")).to_contain_text("You don't have access")
    expect(bob.row("Ours")).to_have_count(0)


def test_a_member_leaves_by_keyboard(new_visitor: NewVisitor) -> None:
    alice, bob = new_visitor(DESKTOP), new_visitor(DESKTOP)
    bob.open(share(alice, editor=bob))
    people = bob.page.get_by_role("link", name="People", exact=True)
    people.focus()
    bob.page.keyboard.press("Enter")
    dialog = bob.page.get_by_role("dialog", name=re.compile("^People in"))
    expect(dialog).to_be_visible()
    bob.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(people).to_be_focused()
    bob.page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Leave this conversation").press("Enter")
    bob.page.wait_for_url(re.compile(r"/$"))
    expect(bob.page.locator(".toast")).to_contain_text("You left")


def test_the_page_of_people_does_without_a_script(new_visitor: NewVisitor, device: Device) -> None:
    alice, bob = new_visitor(device, java_script_enabled=False), new_visitor(DESKTOP)
    path = share(alice)
    page = alice.page
    page.goto(f"{alice.stage.url}{path}people/")
    page.get_by_label("Invite a person or a group").fill(bob.person.name)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name=f"Invite {bob.person.name}").click()
    expect(page.get_by_role("combobox", name=f"What {bob.person.name} can do")).to_have_value("viewer")
    page.get_by_role("combobox", name=f"What {bob.person.name} can do").select_option("editor")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("combobox", name=f"What {bob.person.name} can do")).to_have_value("editor")
    page.get_by_role("button", name=f"Remove {bob.person.name}").click()
    expect(page.get_by_role("button", name=f"Remove {bob.person.name}")).to_have_count(0)
