"""The list of conversations: rename, pin, delete and undo, more on scroll, live in every tab, by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.scripts import MODEL, gated
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def titles(visitor: Visitor) -> list[str]:
    return visitor.page.locator(".sidebar__list .entry__title").all_inner_texts()


def test_a_conversation_can_be_renamed_in_the_list(visitor: Visitor) -> None:
    visitor.stage.conversations(visitor.person, ["Old name", "Another"])
    visitor.open().open_sidebar()
    visitor.press(visitor.menu("Old name").get_by_role("menuitem", name="Rename"))
    field = visitor.page.get_by_role("textbox", name="Title", exact=True).and_(visitor.page.locator(".row *"))
    expect(field).to_have_value("Old name")
    field.fill("New name")
    with visitor.page.expect_response(lambda response: response.url.endswith("/update/")):
        field.press("Enter")
    expect(visitor.row("New name")).to_be_visible()
    visitor.reload()
    visitor.open_sidebar()
    assert set(titles(visitor)) == {"New name", "Another"}


def test_a_conversation_can_be_renamed_by_its_heading(visitor: Visitor) -> None:
    (conversation,) = visitor.stage.conversations(visitor.person, ["Old name"])
    visitor.open(f"/conversations/{conversation}/")
    visitor.press(visitor.page.locator(".topbar__title button"))
    visitor.page.locator("#rename-title").fill("New name")
    visitor.page.locator("#rename-title").press("Enter")
    expect(visitor.page.locator(".topbar__title")).to_have_text("New name")
    expect(visitor.page).to_have_title("New name · chatsite")
    assert visitor.stage.titles(visitor.person) == ["New name"]


def test_the_topbar_of_a_conversation_just_begun_renames_and_finds(desktop: Visitor) -> None:
    desktop.open().ask("First words")
    expect(desktop.page.locator(".topbar__title")).to_have_text("First words")
    desktop.page.locator(".topbar__title button").click()
    desktop.page.locator("#rename-title").fill("New name")
    desktop.page.locator("#rename-title").press("Enter")
    expect(desktop.row("New name")).to_be_visible()
    desktop.page.get_by_role("button", name="Find in conversation").click()
    expect(desktop.page.get_by_role("search", name="Find in this conversation")).to_be_visible()


def test_a_change_of_the_list_is_seen_in_every_tab(desktop: Visitor) -> None:
    first, _ = desktop.stage.conversations(desktop.person, ["First", "Second"])
    desktop.open()
    other = desktop.second_tab(f"/conversations/{first}/")
    desktop.to_front()
    desktop.menu("Second").get_by_role("menuitem", name="Pin").click()
    expect(other.page.locator("section").filter(has_text="Pinned").locator(".row")).to_have_count(1)
    desktop.menu("First").get_by_role("menuitem", name="Rename").click()
    desktop.page.locator(".row__rename input").fill("Renamed")
    desktop.page.keyboard.press("Enter")
    expect(other.row("Renamed")).to_be_visible()
    expect(other.page.locator(".topbar__title")).to_have_text("Renamed")
    desktop.menu("Second").get_by_role("menuitem", name="Delete").click()
    expect(other.row("Second")).to_have_count(0)
    desktop.page.get_by_role("button", name="Undo").click()
    expect(other.row("Second")).to_be_visible()


def test_pinned_conversations_stand_first(visitor: Visitor) -> None:
    visitor.stage.conversations(visitor.person, ["First", "Second"])
    visitor.open().open_sidebar()
    visitor.press(visitor.menu("Second").get_by_role("menuitem", name="Pin"))
    expect(visitor.page.locator(".sidebar__list .entry__title").first).to_have_text("Second")
    visitor.reload()
    visitor.open_sidebar()
    assert titles(visitor) == ["Second", "First"]
    visitor.press(visitor.menu("Second").get_by_role("menuitem", name="Unpin"))
    expect(visitor.page.locator(".sidebar__list .entry__title").first).to_have_text("First")


def test_deleting_can_be_undone(visitor: Visitor) -> None:
    visitor.stage.conversations(visitor.person, ["First", "Second"])
    visitor.open().open_sidebar()
    visitor.press(visitor.menu("Second").get_by_role("menuitem", name="Delete"))
    expect(visitor.row("Second")).to_have_count(0)
    undo = visitor.page.get_by_role("button", name="Undo")
    expect(visitor.page.locator(".toast")).to_contain_text("Deleted “\u2068Second\u2069”.")
    expect(undo).to_be_in_viewport()
    visitor.press(undo)
    expect(visitor.row("Second")).to_have_count(1)
    assert visitor.stage.titles(visitor.person) == ["First", "Second"]


def test_deleting_the_open_conversation_leads_to_a_new_one_and_back(visitor: Visitor) -> None:
    conversation, _ = visitor.stage.talk(visitor.person, ["Question", "Answer"], title="Open")
    visitor.open(f"/conversations/{conversation}/").open_sidebar()
    visitor.press(visitor.menu("Open").get_by_role("menuitem", name="Delete"))
    expect(visitor.page).to_have_url(f"{visitor.stage.url}/")
    visitor.press(visitor.page.get_by_role("button", name="Undo"))
    expect(visitor.body).to_have_text("Answer")


def test_a_tab_whose_conversation_is_deleted_elsewhere_says_so(desktop: Visitor) -> None:
    conversation, _ = desktop.stage.talk(desktop.person, ["Question", "Answer"], title="Shown twice")
    desktop.open()
    other = desktop.second_tab(f"/conversations/{conversation}/")
    other.field.fill("A draft")
    desktop.to_front()
    desktop.menu("Shown twice").get_by_role("menuitem", name="Delete").click()
    expect(other.page).to_have_url(f"{desktop.stage.url}/")
    expect(other.page.locator(".toast")).to_contain_text("This conversation was deleted.")


def test_more_conversations_come_on_scrolling(visitor: Visitor) -> None:
    visitor.stage.conversations(visitor.person, [f"Number {number}" for number in range(120)])
    sidebar = visitor.open().open_sidebar()
    rows = sidebar.locator(".row")
    assert 50 <= rows.count() < 120
    for shown in (100, 120):
        rows.last.scroll_into_view_if_needed()
        expect(rows).to_have_count(shown)
    assert titles(visitor) == [f"Number {number}" for number in range(120)]
    groups = sidebar.locator(".sidebar__group").all_inner_texts()
    assert len(groups) == len(set(groups)) > 2


def test_the_list_obeys_the_keyboard(desktop: Visitor) -> None:
    desktop.stage.conversations(desktop.person, ["First", "Second", "Third"])
    desktop.open().page.locator(".entry").first.focus()
    keyboard = desktop.page.keyboard
    keyboard.press("ArrowDown")
    expect(desktop.page.locator(".entry").nth(1)).to_be_focused()
    keyboard.press("End")
    expect(desktop.page.locator(".entry").last).to_be_focused()
    keyboard.press("ArrowRight")
    expect(desktop.row("Third").locator(".row__menu")).to_be_focused()
    keyboard.press("Enter")
    expect(desktop.row("Third").get_by_role("menuitem", name="Rename")).to_be_focused()
    keyboard.press("ArrowDown")
    expect(desktop.row("Third").get_by_role("menuitem", name="Pin")).to_be_focused()
    keyboard.press("Escape")
    expect(desktop.row("Third").locator(".menu")).to_be_hidden()
    expect(desktop.row("Third").locator(".row__menu")).to_be_focused()


def test_a_row_pulses_while_an_answer_runs_and_keeps_a_dot_until_it_is_seen(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, gated(["Begun"], [" and done."]))
    desktop.open(model=MODEL).send("Go on")
    expect(desktop.body).to_have_text("Begun")
    expect(desktop.row("Go on").locator(".entry__pulse")).to_be_visible()
    desktop.open("/")
    expect(desktop.row("Go on").locator(".entry__pulse")).to_be_visible()
    desktop.stage.upstream.open("go")
    expect(desktop.row("Go on").locator(".entry__dot")).to_be_visible()
    desktop.row("Go on").locator(".entry").click()
    expect(desktop.body).to_have_text("Begun and done.")
    expect(desktop.row("Go on").locator(".entry__dot")).to_have_count(0)


def test_the_sidebar_stays_closed_once_it_was_closed(desktop: Visitor) -> None:
    desktop.open().page.keyboard.press("Control+b")
    expect(desktop.page.locator("#sidebar")).to_be_hidden()
    desktop.reload()
    expect(desktop.page.locator("#sidebar")).to_be_hidden()
    desktop.page.get_by_role("button", name="Open sidebar").click()
    expect(desktop.page.locator("#sidebar")).to_be_visible()


def test_on_a_phone_the_sidebar_slides_over_and_leads_to_a_conversation(phone: Visitor) -> None:
    conversation, _ = phone.stage.talk(phone.person, ["Question", "Answer"], title="A talk")
    sidebar = phone.open().open_sidebar()
    phone.page.get_by_role("button", name="Close", exact=True).tap()
    expect(sidebar).to_be_hidden()
    phone.open_sidebar()
    phone.row("A talk").locator(".entry").tap()
    expect(phone.page).to_have_url(re.compile(conversation))
    expect(sidebar).to_be_hidden()
    expect(phone.body).to_have_text("Answer")


def test_a_refusal_is_told_in_the_words_of_the_server(desktop: Visitor) -> None:
    desktop.watch.expect("403")
    desktop.stage.conversations(desktop.person, ["First"])
    desktop.open().context.clear_cookies(name="csrf")
    desktop.menu("First").get_by_role("menuitem", name="Pin").click()
    expect(desktop.page.locator(".toast")).to_contain_text("This page is out of date. Reload it and try again.")
