"""The model picker, and the keys that work everywhere."""

import pytest
from playwright.sync_api import expect

from tests.browser.scripts import MODEL, gated
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_a_model_is_found_by_typing_and_kept_by_the_conversation(visitor: Visitor) -> None:
    visitor.open()
    button = visitor.page.locator("#picker-button")
    visitor.press(button)
    search = visitor.page.get_by_role("combobox", name="Filter models")
    expect(search).to_be_focused()
    search.fill("oth")
    expect(visitor.page.get_by_role("option")).to_have_count(1)
    search.press("Enter")
    expect(button).to_contain_text("other")
    expect(visitor.field).to_have_attribute("placeholder", "Message other")
    visitor.ask("Hello")
    assert visitor.stage.upstream.requests()[-1]["body"]["model"] == "other"
    visitor.reload()
    expect(button).to_contain_text("other")


def test_a_model_is_chosen_with_the_pointer(visitor: Visitor) -> None:
    visitor.open()
    visitor.press(visitor.page.locator("#picker-button"))
    visitor.press(visitor.page.get_by_role("option").filter(has_text="scripted"))
    expect(visitor.page.locator("#picker-button")).to_contain_text("scripted")
    expect(visitor.page.locator("#picker")).to_be_hidden()


def test_models_used_lately_stand_first_in_the_picker(desktop: Visitor) -> None:
    desktop.open().page.locator("#picker-button").click()
    desktop.page.get_by_role("option").filter(has_text="scripted").click()
    desktop.reload()
    desktop.page.locator("#picker-button").click()
    expect(desktop.page.get_by_role("option").first).to_contain_text("scripted")


def test_a_model_that_is_not_there_is_said_so(desktop: Visitor) -> None:
    desktop.open().page.locator("#picker-button").click()
    desktop.page.get_by_role("combobox", name="Filter models").fill("zzz")
    expect(desktop.page.get_by_text("No model has that in its name.")).to_be_visible()
    desktop.page.keyboard.press("Escape")  # empties the field, as in every search field
    desktop.page.keyboard.press("Escape")
    expect(desktop.page.locator("#picker")).to_be_hidden()
    expect(desktop.page.locator("#picker-button")).to_be_focused()


def test_arrows_go_through_the_models(desktop: Visitor) -> None:
    desktop.open().page.locator("#picker-button").click()
    search = desktop.page.get_by_role("combobox", name="Filter models")
    before = search.get_attribute("aria-activedescendant")
    search.press("ArrowDown")
    assert search.get_attribute("aria-activedescendant") not in {before, ""}


def test_shortcuts_do_what_their_list_says(desktop: Visitor) -> None:
    desktop.context.grant_permissions(["clipboard-read", "clipboard-write"])
    texts = ["First", "One\n\n```python\nx = 1\n```", "Second", "The **last** answer"]
    conversation, ids = desktop.stage.talk(desktop.person, texts)
    page, keyboard = desktop.open(f"/conversations/{conversation}/").page, desktop.page.keyboard
    page.locator(".log").focus()
    keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    keyboard.press("Control+Shift+C")
    expect(page.locator("#announcer")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "The **last** answer"
    page.evaluate("document.getElementById('announcer').textContent = ''")
    keyboard.press("Control+Shift+;")
    expect(page.locator("#announcer")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "x = 1"
    page.locator(f"#message-{ids[1]}").focus()
    keyboard.press("j")
    expect(page.locator(f"#message-{ids[2]}")).to_be_focused()
    keyboard.press("k")
    expect(page.locator(f"#message-{ids[1]}")).to_be_focused()
    keyboard.press("/")
    expect(desktop.field).to_be_focused()
    expect(desktop.field).to_have_value("")
    keyboard.press("Control+Shift+O")
    expect(page.get_by_text(f"Hello, {desktop.person.name}.")).to_be_visible()


def test_escape_closes_what_is_open_before_it_stops(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, gated(["Begun"], [" and done."]))
    desktop.open(model=MODEL).send("Go on")
    expect(desktop.body).to_have_text("Begun")
    desktop.page.locator("#picker-button").click()
    desktop.page.keyboard.press("Escape")
    expect(desktop.page.locator("#picker")).to_be_hidden()
    desktop.stage.upstream.open("go")
    desktop.wait_for("complete")


def test_tab_leads_first_to_the_message_field(desktop: Visitor) -> None:
    conversation, _ = desktop.stage.talk(desktop.person, ["Question", "Answer"])
    desktop.open(f"/conversations/{conversation}/").page.keyboard.press("Tab")
    expect(desktop.page.get_by_role("link", name="Skip to the message field")).to_be_focused()
    desktop.page.keyboard.press("Enter")
    expect(desktop.field).to_be_focused()
