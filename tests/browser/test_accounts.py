"""The first run, signing in and out, and what happens to other tabs."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.axe import examine
from tests.browser.chromium import DESKTOP, Device
from tests.browser.conftest import NewVisitor
from tests.browser.stage import PASSWORD
from tests.browser.visitor import Visitor
from tests.site import Site

pytestmark = pytest.mark.browser

TOLD_WITHIN = 5.0  # seconds


def sign_in(visitor: Visitor, password: str = PASSWORD) -> None:
    page = visitor.page
    page.get_by_label("Name", exact=True).fill(visitor.person.name)
    page.get_by_label("Password", exact=True).fill(password)
    visitor.press(page.get_by_role("button", name="Sign in", exact=True))


def sign_out(visitor: Visitor) -> None:
    visitor.open_sidebar()
    visitor.press(visitor.page.locator(".sidebar__person"))
    visitor.press(visitor.page.get_by_role("menuitem", name="Sign out"))
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_first_run_leads_from_the_printed_link_to_a_streaming_answer(
    new_visitor: NewVisitor, device: Device, site: Site
) -> None:
    link = re.search(r"http://\S+/setup/\S+", site.log.read_text())
    assert link
    visitor = new_visitor(device, cookie=False, site_url=site.url)
    page = visitor.page
    page.goto(site.url)
    expect(page.get_by_text("This site has no admin yet.")).to_be_visible()
    page.goto(link[0])
    examine(visitor, "set-up")
    page.get_by_label("Name", exact=True).fill("dana")
    page.get_by_label("Display name").fill("Dana")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label(re.compile("again", re.IGNORECASE)).fill(PASSWORD)
    visitor.press(page.get_by_role("button", name="Create the account"))
    expect(page.get_by_text("Hello, Dana.")).to_be_visible()
    expect(page.get_by_text("is a demonstration: it answers without a real model behind it.")).to_be_visible()
    visitor.connected()
    visitor.send("/help")
    expect(visitor.body).not_to_be_empty()
    visitor.wait_for("complete")
    visitor.watch.expect("status 4|status of 4")
    page.goto(link[0])
    expect(page.get_by_role("heading", name="This link doesn’t work")).to_be_visible()


def test_a_wrong_password_is_told_from_the_right_one(new_visitor: NewVisitor, device: Device) -> None:
    visitor = new_visitor(device, cookie=False)
    visitor.page.goto(visitor.stage.url)
    sign_in(visitor, "not the password")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    expect(visitor.page.get_by_label("Name", exact=True)).to_have_value(visitor.person.name)
    sign_in(visitor)
    expect(visitor.page.get_by_text(f"Hello, {visitor.person.name}.")).to_be_visible()


def test_a_link_to_a_conversation_leads_there_after_signing_in(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(cookie=False)
    conversation, _ = visitor.stage.talk(visitor.person, ["Question", "Answer"])
    visitor.page.goto(f"{visitor.stage.url}/conversations/{conversation}/")
    sign_in(visitor)
    expect(visitor.body).to_have_text("Answer")


def test_signing_out_is_told_to_other_tabs_and_keeps_their_drafts(desktop: Visitor) -> None:
    desktop.watch.expect("WebSocket connection|401")
    conversation, _ = desktop.stage.talk(desktop.person, ["Question", "Answer"])
    other = desktop.open(f"/conversations/{conversation}/").second_tab()
    other.field.fill("What I was writing")
    desktop.to_front()
    start = time.monotonic()
    sign_out(desktop)
    expect(other.page.locator(".status")).to_contain_text("You are signed out. What you wrote is kept.")
    print(f"told after {time.monotonic() - start:.2f} s")
    assert time.monotonic() - start < TOLD_WITHIN
    other.to_front()
    other.page.get_by_role("link", name="Sign in").click()
    sign_in(other)
    expect(other.body).to_have_text("Answer")
    expect(other.field).to_have_value("What I was writing")


def test_a_new_password_leaves_the_other_tabs_of_this_browser_connected(desktop: Visitor) -> None:
    conversation, _ = desktop.stage.talk(desktop.person, ["Question", "Answer"])
    closed: list[str] = []
    desktop.page.on("websocket", lambda socket: socket.on("close", lambda _: closed.append(socket.url)))
    page = desktop.open(f"/conversations/{conversation}/").context.new_page()
    page.goto(f"{desktop.stage.url}/password/")
    fields = page.locator("input[type=password]")
    for field, word in zip(fields.all(), (PASSWORD, "battery horse correct", "battery horse correct"), strict=True):
        field.fill(word)
    page.get_by_role("button", name="Change the password").click()
    expect(page).not_to_have_url(re.compile("/password/$"))
    deadline = time.monotonic() + TOLD_WITHIN
    while not closed:
        assert time.monotonic() < deadline
        desktop.page.wait_for_timeout(50)
    desktop.ask("Still there?")
    expect(desktop.page.locator(".status")).to_be_hidden()


def test_signing_out_works_with_a_thumb(phone: Visitor) -> None:
    sign_out(phone.open())
    phone.page.goto(phone.stage.url)
    expect(phone.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_stranger_finds_nothing_at_the_address_of_a_conversation(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(DESKTOP)
    visitor.watch.expect("404")
    conversation, _ = visitor.stage.talk(visitor.stage.person(), ["Question", "Answer"])
    visitor.page.goto(f"{visitor.stage.url}/conversations/{conversation}/")
    expect(visitor.page.get_by_role("heading", name="There is nothing here")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_theme_is_remembered(visitor: Visitor, theme: str) -> None:
    visitor.open().open_sidebar()
    visitor.press(visitor.page.locator(".sidebar__person"))
    with visitor.page.expect_response(lambda response: response.url.endswith("/theme/")):
        visitor.press(visitor.page.get_by_role("menuitemradio", name=theme.capitalize()))
    expect(visitor.page.locator("html")).to_have_attribute("data-theme", theme)
    visitor.reload()
    expect(visitor.page.locator("html")).to_have_attribute("data-theme", theme)
    scheme = visitor.page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    assert scheme == theme
