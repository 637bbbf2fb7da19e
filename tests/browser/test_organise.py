"""Folders, tags, the archive and selecting many: by mouse, by thumb and by keyboard, live in every tab."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import examine
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

_FOLDERS = """
from conversations.actions.folders import create_folder
from conversations.models import Conversation, User
owner, made = User.objects.get(pk=user_id), {}
for path in paths:
    *above, name = path.split("/")
    made[path] = create_folder(owner, name, made.get("/".join(above)))
for title, path in places.items():
    Conversation.objects.filter(owner=owner, title=title).update(folder=made[path])
result = {path: str(folder.pk) for path, folder in made.items()}
"""
_SHARE = """
from conversations.actions.members import invite
from conversations.models import Conversation, User
owner, _ = User.objects.get_or_create(username="bob-who-shares")
for title in titles:
    invite(owner, Conversation.objects.create(owner=owner, title=title), User.objects.get(pk=user_id), "viewer")
"""


def folders(visitor: Visitor, paths: list[str], places: dict[str, str] | None = None) -> dict[str, str]:
    """Folders by path, and where conversations of these titles stand; their ids."""
    values = {"user_id": visitor.person.user_id, "paths": paths, "places": places or {}}
    made: dict[str, str] = visitor.stage.backstage.run(_FOLDERS, **values)
    return made


def folder(visitor: Visitor, name: str) -> Locator:
    return visitor.page.locator(".folder").filter(has=visitor.page.get_by_text(name, exact=True)).last


def head(visitor: Visitor, name: str) -> Locator:
    return folder(visitor, name).locator("> details > summary")


def inside(visitor: Visitor, name: str) -> Locator:
    """The rows directly in a folder."""
    return folder(visitor, name).locator("> details > ul > .row")


def days(visitor: Visitor) -> list[str]:
    return visitor.page.locator(".sidebar__list > section .entry__title").all_inner_texts()


TOAST_IS_ABOVE = """() => {
  const text = document.querySelector(".toast__text"), box = text.getBoundingClientRect();
  const isThere = document.querySelector("#sidebar").getBoundingClientRect().x === 0; // it has slid in
  return isThere && text.contains(document.elementFromPoint(box.x + 4, box.y + box.height / 2));
}"""


def again(visitor: Visitor) -> None:
    """Open the sidebar once more, which a phone has just slid away."""
    if visitor.device.is_phone:
        expect(visitor.page.locator("#sidebar")).to_be_hidden()
    visitor.open_sidebar()


def opened_menu(visitor: Visitor, name: str) -> Locator:
    """Of a folder, by keyboard."""
    folder(visitor, name).locator("> .row__menu").press("Enter")
    menu = folder(visitor, name).locator("> .menu")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    return menu


def act(visitor: Visitor, row: str, entry: str) -> None:
    visitor.press(visitor.menu(row).get_by_role("menuitem", name=entry))


def test_a_folder_opens_and_stays_open(visitor: Visitor) -> None:
    visitor.stage.conversations(visitor.person, ["First", "Second", "Third"])
    made = folders(visitor, ["Work", "Work/Clients"], {"First": "Work", "Second": "Work/Clients"})
    visitor.open().open_sidebar()
    assert days(visitor) == ["Third"]
    expect(head(visitor, "Work")).to_contain_text("2")
    visitor.press(head(visitor, "Work"))
    expect(inside(visitor, "Work")).to_have_text(re.compile("First"))
    visitor.press(head(visitor, "Clients"))
    expect(inside(visitor, "Clients")).to_have_text(re.compile("Second"))
    visitor.reload()
    visitor.open_sidebar()
    expect(inside(visitor, "Clients")).to_be_visible()
    visitor.press(head(visitor, "Work"))
    visitor.page.wait_for_function("token => !document.cookie.includes(token)", arg=made["Work"][-12:])
    visitor.reload()
    expect(inside(visitor, "Clients")).to_be_hidden()


def test_a_conversation_is_moved_by_a_dialog_that_finds_and_makes_folders(visitor: Visitor) -> None:
    visitor.stage.conversations(visitor.person, ["First", "Second"])
    folders(visitor, ["Work", "Work/Clients"])
    visitor.open().open_sidebar()
    act(visitor, "First", "Move to…")
    visitor.page.get_by_label("Type to filter").press_sequentially("clie")
    expect(visitor.page.get_by_role("radio", name="Work / Clients")).to_be_checked()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".toast")).to_contain_text("Moved “\u2068First\u2069” to “\u2068Clients\u2069”.")
    expect(head(visitor, "Work")).to_contain_text("1")
    again(visitor)
    expect(visitor.row("First")).to_have_count(0)
    visitor.page.wait_for_function(TOAST_IS_ABOVE)
    visitor.press(visitor.page.get_by_role("button", name="Undo"))
    expect(visitor.row("First")).to_have_count(1)
    again(visitor)
    act(visitor, "Second", "Move to…")
    visitor.page.get_by_label("Type to filter").press_sequentially("Garden <b>")
    visitor.page.keyboard.press("Enter")
    expect(head(visitor, "Garden <b>")).to_contain_text("1")


def test_a_conversation_and_a_folder_can_be_dragged(desktop: Visitor) -> None:
    desktop.stage.conversations(desktop.person, ["First", "Second"])
    folders(desktop, ["Home", "Work"])
    desktop.open()
    desktop.page.evaluate("import('sidebar-drag')")  # else the first drag only brings it, where that is slow
    desktop.row("First").locator(".entry").drag_to(head(desktop, "Work"))
    expect(desktop.row("First")).to_have_count(0)
    head(desktop, "Work").drag_to(head(desktop, "Home"))
    expect(folder(desktop, "Home").locator(".folder")).to_have_count(1)
    head(desktop, "Home").click()
    expect(head(desktop, "Work")).to_be_visible()
    head(desktop, "Home").drag_to(head(desktop, "Work"))  # not into itself
    head(desktop, "Work").click()
    inside(desktop, "Work").locator(".entry").drag_to(desktop.row("Second"))
    expect(inside(desktop, "Work")).to_have_count(0)
    assert set(days(desktop)) == {"First", "Second"}


def test_folders_are_made_and_named_by_keyboard(desktop: Visitor) -> None:
    desktop.stage.conversations(desktop.person, ["First", "Second"])
    folders(desktop, ["Work"], {"First": "Work"})
    keyboard = desktop.open().page.keyboard
    head(desktop, "Work").focus()
    keyboard.press("ArrowRight")
    expect(inside(desktop, "Work")).to_be_visible()
    keyboard.press("ArrowDown")
    expect(desktop.row("First").locator(".entry")).to_be_focused()
    keyboard.press("ArrowLeft")
    expect(head(desktop, "Work")).to_be_focused()
    keyboard.press("ArrowRight")
    menu = folder(desktop, "Work").locator("> .row__menu")
    expect(menu).to_be_focused()
    opened_menu(desktop, "Work").get_by_role("menuitem", name="Rename").press("Enter")
    expect(desktop.page.locator(".row__rename input")).to_be_focused()
    keyboard.type("Office")
    keyboard.press("Enter")
    expect(head(desktop, "Office")).to_be_focused()
    opened_menu(desktop, "Office").get_by_role("menuitem", name="New folder inside").press("Enter")
    expect(desktop.page.locator(".row__rename input")).to_be_focused()
    keyboard.type("Inner")
    keyboard.press("Enter")
    expect(head(desktop, "Inner")).to_be_visible()


def test_a_deleted_folder_comes_back_as_it_was(desktop: Visitor) -> None:
    desktop.stage.conversations(desktop.person, ["First", "Second"])
    folders(desktop, ["Work", "Work/Clients"], {"First": "Work"})
    desktop.open()
    head(desktop, "Work").click()
    expect(inside(desktop, "Work").first).to_contain_text("First")
    opened_menu(desktop, "Work").get_by_role("menuitem", name="Delete").press("Enter")
    expect(folder(desktop, "Work")).to_have_count(0)
    expect(desktop.page.locator(".sidebar__list > section").get_by_text("First")).to_be_visible()
    desktop.page.get_by_role("button", name="Undo").click()
    expect(head(desktop, "Work")).to_contain_text("1")
    expect(folder(desktop, "Clients")).to_have_count(1)
    expect(desktop.page.locator(".sidebar__list > section").get_by_text("First")).to_have_count(0)


def test_a_change_of_folders_is_seen_in_every_tab(desktop: Visitor) -> None:
    desktop.stage.conversations(desktop.person, ["First", "Second"])
    folders(desktop, ["Work"])
    desktop.open()
    other = desktop.second_tab("/")
    head(other, "Work").click()
    expect(other.page.locator(".folder__empty")).to_be_visible()
    desktop.to_front()
    act(desktop, "First", "Move to…")
    desktop.page.get_by_label("Type to filter").press_sequentially("work")
    desktop.page.keyboard.press("Enter")
    expect(inside(other, "Work")).to_have_text(re.compile("First"))
    expect(head(other, "Work")).to_contain_text("1")
    act(desktop, "Second", "Archive")
    expect(other.row("Second")).to_have_count(0)
    desktop.page.get_by_role("button", name="Undo").last.click()
    expect(other.row("Second")).to_have_count(1)


def test_many_are_selected_in_the_sidebar_and_come_back_with_one_undo(desktop: Visitor) -> None:
    desktop.stage.conversations(desktop.person, [f"Number {n}" for n in range(8)])
    keyboard = desktop.open().page.keyboard
    act(desktop, "Number 1", "Select…")
    expect(desktop.page.locator(".bar__count")).to_have_text("1 selected")
    desktop.row("Number 4").click(modifiers=["Shift"])
    expect(desktop.page.locator(".bar__count")).to_have_text("4 selected")
    desktop.row("Number 2").locator(".row__check").focus()
    keyboard.press("Space")
    expect(desktop.page.locator(".bar__count")).to_have_text("3 selected")
    examine(desktop, "selecting")
    desktop.page.locator(".bar").get_by_role("button", name="Delete").click()
    expect(desktop.page.locator(".row")).to_have_count(5)
    expect(desktop.page.locator(".bar")).to_have_count(0)
    desktop.page.get_by_role("button", name="Undo").click()
    expect(desktop.page.locator(".row")).to_have_count(8)
    act(desktop, "Number 1", "Select…")
    expect(desktop.row("Number 1").locator(".row__check")).to_be_focused()
    keyboard.press("Escape")
    expect(desktop.page.locator(".bar, .row__check")).to_have_count(0)


def test_tags_are_put_on_from_the_menu_and_shown_in_the_archive(visitor: Visitor) -> None:
    visitor.stage.conversations(visitor.person, ["First", "Second"])
    visitor.open().open_sidebar()
    act(visitor, "First", "Tags…")
    visitor.page.get_by_label("Type to filter").press_sequentially("Later")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".toast")).to_contain_text("Tagged 1 conversation")
    visitor.page.goto(f"{visitor.stage.url}/archive/")
    visitor.press(visitor.page.locator("a.chip", has_text="Later"))
    expect(visitor.page.locator(".table__main")).to_have_text(["First"])
    assert visitor.overflow() == []


def test_the_archive_selects_a_page_or_a_range_and_acts_at_once(desktop: Visitor) -> None:
    desktop.stage.conversations(desktop.person, [f"Number {n}" for n in range(60)])
    desktop.page.goto(f"{desktop.stage.url}/archive/")
    boxes = desktop.page.locator('[name="conversation"]')
    expect(desktop.page.locator(".bar")).to_be_hidden()
    desktop.page.get_by_label("Select all on this page").check()
    expect(desktop.page.locator(".bar__count")).to_have_text("50 selected")
    desktop.page.keyboard.press("Escape")
    boxes.nth(2).check()
    boxes.nth(5).click(modifiers=["Shift"])
    expect(desktop.page.locator(".bar__count")).to_have_text("4 selected")
    desktop.page.get_by_role("button", name="Archive", exact=True).click()
    expect(desktop.page.locator(".toast")).to_contain_text("Archived 4 conversations.")
    expect(desktop.page.get_by_role("link", name="Number 2", exact=True)).to_have_count(0)
    desktop.page.get_by_role("button", name="Undo").click()
    expect(desktop.page.get_by_role("link", name="Number 2", exact=True)).to_be_visible()


def test_what_others_share_has_its_own_heading_and_folds(desktop: Visitor) -> None:
    desktop.stage.backstage.run(_SHARE, user_id=desktop.person.user_id, titles=[f"Shared {n}" for n in range(22)])
    desktop.open()
    shared = desktop.page.locator(".sidebar__shared")
    expect(shared.locator(".row")).to_have_count(20)
    shared.locator("summary").click()
    desktop.page.wait_for_function("document.cookie.includes('no-shared')")
    desktop.reload()
    expect(shared.locator(".row").first).to_be_hidden()
    shared.locator("summary").click()
    shared.get_by_role("link", name="All shared with you").click()
    expect(desktop.page.locator(".table__main")).to_have_count(22)


def test_axe_finds_nothing_in_folders_dialogs_and_the_archive(visitor: Visitor) -> None:
    visitor.stage.conversations(visitor.person, ["First", "Second", "Third"])
    folders(visitor, ["Work", "Work/Clients", "Work/Clients/" + "A long name " * 4], {"First": "Work"})
    visitor.stage.backstage.run(_SHARE, user_id=visitor.person.user_id, titles=["Shared"])
    visitor.open().open_sidebar()
    visitor.press(head(visitor, "Work"))
    examine(visitor, "folders")
    visitor.page.keyboard.press("Escape")
    for entry in ("Move to…", "Tags…"):
        again(visitor)
        act(visitor, "Second", entry)
        expect(visitor.page.locator(".organise")).to_be_visible()
        examine(visitor, entry)
        visitor.page.keyboard.press("Escape")
    for path in ("/archive/", "/archive/?q=nothing", "/archive/?state=shared"):
        visitor.page.goto(visitor.stage.url + path)
        if path == "/archive/":
            visitor.page.locator('[name="conversation"]').first.check()
            visitor.press(visitor.page.locator("#keeping summary"))
        examine(visitor, path)
        assert visitor.overflow() == []


def test_without_script_the_archive_and_the_menus_do_it_all(new_visitor: NewVisitor) -> None:
    plain = new_visitor(java_script_enabled=False)
    plain.watch.expect(r"\.js csp$")
    plain.stage.conversations(plain.person, ["First", "Second", "Third"])
    made = folders(plain, ["Work"], {"Third": "Work"})
    plain.page.goto(plain.stage.url)
    head(plain, "Work").click()
    folder(plain, "Work").get_by_role("link", name="Show what is in it").click()
    expect(plain.page).to_have_url(re.compile(made["Work"]))
    expect(plain.page.locator(".table__main")).to_have_text(["Third"])
    plain.page.goto(f"{plain.stage.url}/archive/")
    plain.page.get_by_label("Select “First”").check()
    plain.page.get_by_label("Select “Second”").check()
    plain.page.get_by_role("button", name="Move to…").click()
    plain.page.get_by_role("radio", name="Work").check()
    plain.page.get_by_role("button", name="Move", exact=True).click()
    expect(plain.page.locator(".chip", has_text="Work")).to_have_count(3)
    plain.page.get_by_role("button", name="Undo").click()
    expect(plain.page.locator(".chip", has_text="Work")).to_have_count(1)
    plain.page.locator("#keeping summary").click()
    plain.page.get_by_label("Rename, move or delete “Work”").click()
    plain.page.get_by_role("button", name="Delete the folder").click()
    expect(plain.page.locator(".chip")).to_have_count(0)
    plain.page.get_by_role("button", name="Undo").click()
    expect(plain.page.locator(".chip", has_text="Work")).to_have_count(1)
