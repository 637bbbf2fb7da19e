"""The palette, a hit and its marks, the page for searching, and finding in a conversation."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import examine
from tests.browser.conftest import NewVisitor
from tests.browser.test_without_script import without_script
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser
INDEX = """
from conversations import search
search.index_conversations(conversations)
"""
ANOTHER_BRANCH = """
from conversations.models import Conversation, Message
from conversations import search
first = Message.objects.filter(conversation_id=conversation).earliest("pk")
leaf = Message.objects.create(conversation_id=conversation, parent=first, role="assistant", text=text)
search.index_conversations([conversation])
result = str(leaf.pk)
"""
LONG = "A sentence that stands here to take up room in the view. " * 40


def said(visitor: Visitor, *texts: str, title: str = "A talk") -> tuple[str, list[str]]:
    """A conversation that can be found; its id and those of its messages."""
    conversation, messages = visitor.stage.talk(visitor.person, list(texts), title=title)
    visitor.stage.backstage.run(INDEX, conversations=[conversation])
    return conversation, messages


def palette(visitor: Visitor) -> Locator:
    """Opened: by the keyboard, or on a phone from the sidebar."""
    if visitor.device.is_phone:
        visitor.press(visitor.open_sidebar().get_by_role("link", name="Search"))
    else:
        visitor.page.keyboard.press("Control+k")
    dialog = visitor.page.get_by_role("dialog", name="Search and commands")
    expect(dialog).to_be_visible()
    return dialog


def field(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("combobox", name="Search conversations and commands")


def options(visitor: Visitor) -> Locator:
    return visitor.page.locator("#palette-list").get_by_role("option")


def marked(visitor: Visitor, name: str = "found") -> list[str]:
    """The words that the browser highlights."""
    script = "name => [...(CSS.highlights.get(name) ?? [])].map(range => range.toString())"
    found: list[str] = visitor.page.evaluate(script, name)
    return found


def wait_for_marks(visitor: Visitor, words: list[str], name: str = "found") -> None:
    script = "([name, words]) => JSON.stringify([...(CSS.highlights.get(name) ?? [])].map(String)) === words"
    visitor.page.wait_for_function(script, arg=[name, str(words).replace("'", '"').replace('", "', '","')])


def test_by_keyboard_alone_one_comes_to_a_sentence(desktop: Visitor) -> None:
    conversation, messages = said(
        desktop, "What is a heron?", f"{LONG}\n\nA **heron** is a bird.\n\n{LONG}", title="Birds"
    )
    said(desktop, "Other", "Words", title="Elsewhere")
    desktop.open()
    palette(desktop)
    expect(field(desktop)).to_be_focused()
    desktop.page.keyboard.type("heron bird")
    hit = desktop.page.locator(".hit")
    expect(hit).to_have_count(1)
    expect(hit.locator(".hit__text mark").first).to_have_text("heron")
    expect(field(desktop)).to_have_attribute("aria-activedescendant", "hit-1")
    desktop.page.keyboard.press("Enter")
    expect(desktop.page).to_have_url(re.compile(f"/conversations/{conversation}/.*#message-{messages[1]}"))
    wait_for_marks(desktop, ["heron", "bird"])
    assert desktop.page.locator("strong").evaluate(
        "word => word.getBoundingClientRect().bottom < innerHeight && word.getBoundingClientRect().top > 0"
    )


def test_arrows_go_round_and_escape_leads_back(desktop: Visitor) -> None:
    desktop.stage.conversations(desktop.person, ["First", "Second"])
    desktop.open().field.focus()
    palette(desktop)
    keyboard, names = desktop.page.keyboard, options(desktop)
    expect(names.first).to_contain_text("First")
    for key, place in (("ArrowDown", 1), ("End", -1), ("ArrowDown", 0), ("ArrowUp", -1), ("Home", 0)):
        keyboard.press(key)
        expect(names.nth(place)).to_have_attribute("aria-selected", "true")
        expect(field(desktop)).to_have_attribute("aria-activedescendant", names.nth(place).get_attribute("id") or "")
    keyboard.press("Escape")
    expect(desktop.page.get_by_role("dialog")).to_have_count(0)
    expect(desktop.field).to_be_focused()


def test_commands_are_found_by_their_words(desktop: Visitor) -> None:
    desktop.open()
    palette(desktop)
    desktop.page.keyboard.type("dark")
    expect(options(desktop).first).to_contain_text("Dark theme")
    desktop.page.keyboard.press("Enter")
    expect(desktop.page.locator("html")).to_have_attribute("data-theme", "dark")
    palette(desktop)
    desktop.page.keyboard.type("choose")
    desktop.page.keyboard.press("Enter")
    expect(desktop.page.locator("#picker")).to_be_visible()


def test_a_filter_is_completed_shown_and_taken_away(desktop: Visitor) -> None:
    said(desktop, "A heron of mine", "A heron of its own", title="Birds")
    desktop.open()
    dialog = palette(desktop)
    desktop.page.keyboard.type("heron fr")
    expect(options(desktop).filter(has_text="from:")).to_be_visible()
    desktop.page.keyboard.press("Tab")
    expect(field(desktop)).to_have_value("heron from:")
    expect(options(desktop).first).to_contain_text("from:me")
    expect(desktop.page.get_by_role("listbox")).to_have_attribute("aria-busy", "false")
    desktop.page.keyboard.press("ArrowDown")
    desktop.page.keyboard.press("Enter")
    expect(field(desktop)).to_have_value("heron from:model ")
    expect(desktop.page.locator(".hit")).to_have_count(1)
    expect(desktop.page.locator(".hit__text")).to_contain_text("of its own")
    dialog.get_by_role("button", name="Remove the filter from: model").click()
    expect(field(desktop)).to_have_value("heron ")
    expect(dialog.get_by_role("group", name="Filters").get_by_role("button")).to_have_count(0)


def test_a_hit_opens_in_a_new_tab_with_control(desktop: Visitor) -> None:
    conversation, _ = said(desktop, "A heron", "Yes", title="Birds")
    desktop.open()
    palette(desktop)
    desktop.page.keyboard.type("heron")
    expect(desktop.page.locator(".hit")).to_have_count(1)
    with desktop.context.expect_page() as opened:
        desktop.page.keyboard.press("Control+Enter")
    expect(opened.value).to_have_url(re.compile(conversation))
    expect(field(desktop)).to_be_visible()


def test_what_is_typed_before_it_is_there_is_not_lost(desktop: Visitor) -> None:
    said(desktop, "A heron", "Yes", title="Birds")
    desktop.open().field.focus()
    desktop.page.evaluate("() => import('palette')")  # its module is there, its frame is not
    desktop.stage.network.hold(down=False)
    desktop.page.keyboard.press("Control+k")
    desktop.page.keyboard.type("heron")
    desktop.stage.network.release()
    expect(field(desktop)).to_have_value("heron")
    expect(desktop.page.locator(".hit")).to_have_count(1)
    expect(desktop.field).to_have_value("")


def test_the_list_stays_until_the_new_one_is_here_and_enter_waits_for_it(desktop: Visitor) -> None:
    said(desktop, "A heron", "Yes", title="Birds")
    conversation, _ = said(desktop, "A walrus", "No", title="Others")
    desktop.open()
    palette(desktop)
    desktop.page.keyboard.type("heron")
    expect(desktop.page.locator(".hit")).to_contain_text(["Birds"])
    desktop.stage.network.hold(down=False)
    field(desktop).fill("walrus")
    desktop.page.keyboard.press("Enter")
    expect(desktop.page.locator("#palette-list")).to_have_attribute("aria-busy", "true")
    expect(desktop.page.locator(".hit")).to_contain_text(["Birds"])
    desktop.stage.network.release()
    expect(desktop.page).to_have_url(re.compile(f"/conversations/{conversation}/"))


def test_trouble_is_told_in_plain_words(desktop: Visitor) -> None:
    desktop.watch.expect("ERR_|Failed to load|status (of )?503|WebSocket")
    desktop.open()
    dialog = palette(desktop)
    desktop.context.set_offline(True)
    desktop.page.keyboard.type("heron")
    expect(dialog).to_contain_text("You are offline. Searching needs the server.")
    expect(options(desktop).last).to_contain_text("All results for")
    desktop.context.set_offline(False)
    desktop.page.keyboard.type("s")
    expect(dialog).to_contain_text("Nothing found for “herons”.")


def test_titles_and_words_are_text_everywhere(desktop: Visitor) -> None:
    evil = "heron <img src=x onerror=alert(1)> <b>bold</b>"
    said(desktop, evil, evil, title=evil)
    desktop.open()
    palette(desktop)
    desktop.page.keyboard.type("heron")
    expect(desktop.page.locator(".hit").first).to_contain_text("<b>bold</b>")
    expect(desktop.page.locator("#palette img, #palette .hit b:not(.hit__text > b)")).to_have_count(0)
    field(desktop).fill("<img src=x> heron")
    expect(options(desktop).last).to_contain_text("“<img src=x> heron”")


def test_the_palette_fills_a_phone_and_a_hit_is_tapped(phone: Visitor) -> None:
    conversation, _ = said(phone, "A heron", "Yes", title="Birds")
    phone.open()
    dialog = palette(phone)
    assert dialog.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    field(phone).fill("heron")
    expect(phone.page.locator(".hit mark")).to_have_text("heron")
    phone.page.locator(".hit").tap()
    expect(phone.page).to_have_url(re.compile(conversation))
    wait_for_marks(phone, ["heron"])


def test_axe_finds_nothing_in_the_palette(visitor: Visitor) -> None:
    said(visitor, "A heron", "A heron indeed", title="Birds")
    visitor.open()
    palette(visitor)
    examine(visitor, "palette")
    field(visitor).fill("heron from:me ")
    expect(visitor.page.locator(".hit mark").first).to_be_visible()
    examine(visitor, "palette with hits")
    field(visitor).fill("zzzz fo")
    expect(visitor.page.locator(".palette__says")).to_contain_text("Nothing")
    examine(visitor, "palette without hits")


def test_axe_finds_nothing_in_the_page_for_searching(visitor: Visitor) -> None:
    said(visitor, "A heron", "A heron indeed", title="Birds")
    for query in ("", "heron from:me", "zzzz"):
        visitor.page.goto(f"{visitor.stage.url}/search/?q={query}")
        examine(visitor, f"search for {query}")
        assert visitor.overflow() == []


def test_the_page_for_searching_needs_no_script(new_visitor: NewVisitor) -> None:
    visitor = without_script(new_visitor)
    conversation, messages = said(visitor, "A heron of mine", "A heron of its own", title="Birds")
    visitor.page.goto(visitor.stage.url)
    visitor.open_sidebar().get_by_role("link", name="Search").click()
    search = visitor.page.get_by_role("searchbox")
    search.fill("heron")
    search.press("Enter")
    expect(visitor.page.get_by_role("listitem")).to_have_count(2)
    visitor.page.get_by_text("Filters", exact=True).click()
    visitor.page.get_by_label("From").select_option("A model")
    visitor.page.get_by_role("button", name="Search").click()
    expect(search).to_have_value("heron from:model")
    visitor.page.get_by_role("link", name="Birds").click()
    expect(visitor.page).to_have_url(re.compile(f"/conversations/{conversation}/.*#message-{messages[1]}"))


def test_the_palette_opens_on_other_pages_too(desktop: Visitor) -> None:
    desktop.stage.conversations(desktop.person, ["First"])
    desktop.page.goto(f"{desktop.stage.url}/search/")
    palette(desktop)
    expect(options(desktop).first).to_contain_text("First")
    expect(options(desktop).filter(has_text="Inspector")).to_have_count(0)
    desktop.page.keyboard.press("Enter")
    expect(desktop.page).to_have_url(re.compile("/conversations/"))


def find(visitor: Visitor, words: str) -> Locator:
    visitor.page.keyboard.press("Control+Shift+F")
    bar = visitor.page.get_by_role("search", name="Find in this conversation")
    visitor.page.get_by_role("textbox", name="Find in this conversation").fill(words)
    return bar


def test_finding_in_a_conversation_reaches_what_is_not_loaded(desktop: Visitor) -> None:
    texts = [f"Line {number}" for number in range(300)]
    texts[2], texts[298] = "An early **heron**", "A late heron, and another heron"
    conversation, messages = said(desktop, *texts)
    desktop.open(f"/conversations/{conversation}/")
    bar = find(desktop, "heron")
    expect(bar).to_contain_text("2 of 2")
    wait_for_marks(desktop, ["heron", "heron"], "found-here")
    desktop.page.keyboard.press("Enter")
    expect(desktop.page.locator(f"#message-{messages[2]}")).to_be_in_viewport()
    expect(bar).to_contain_text("1 of 2")
    desktop.page.keyboard.press("Shift+Enter")
    expect(desktop.page.locator(f"#message-{messages[298]}")).to_be_in_viewport()
    desktop.page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    assert marked(desktop) == []
    expect(desktop.page.locator(f"#message-{messages[298]}")).to_be_focused()


def test_finding_in_a_conversation_goes_to_another_branch_and_says_so(desktop: Visitor) -> None:
    conversation, _ = said(desktop, "Is there a heron?", "No.")
    values: dict[str, Any] = {"conversation": conversation, "text": "Yes, a heron."}
    other = desktop.stage.backstage.run(ANOTHER_BRANCH, **values)
    desktop.open(f"/conversations/{conversation}/")
    bar = find(desktop, "heron")
    expect(bar).to_contain_text("1 of 2")
    bar.get_by_role("button", name="Next").click()
    expect(bar).to_contain_text("2 of 2, on another branch")
    expect(desktop.page.locator(f"#message-{other}")).to_be_in_viewport()
    find(desktop, "nothing like it")
    expect(bar).to_contain_text("Nothing found")


def test_what_is_typed_before_the_bar_is_there_is_found(desktop: Visitor) -> None:
    conversation, _ = said(desktop, "A heron", "Yes")
    desktop.open(f"/conversations/{conversation}/")
    desktop.page.evaluate("() => import('find')")  # its module is there, the bar is not
    desktop.stage.network.hold(down=False)
    desktop.page.keyboard.press("Control+Shift+F")
    desktop.page.keyboard.type("heron")
    desktop.stage.network.release()
    expect(desktop.page.get_by_role("search")).to_contain_text("1 of 1")


def test_axe_finds_nothing_in_the_bar(visitor: Visitor) -> None:
    conversation, _ = said(visitor, "A heron", "A heron indeed")
    visitor.open(f"/conversations/{conversation}/")
    bar = find(visitor, "heron")
    expect(bar).to_contain_text("of 2")
    examine(visitor, "find in a conversation")
    assert visitor.overflow() == []


def test_every_keypress_asks_at_once_and_the_newest_answer_stands(desktop: Visitor) -> None:
    for number in range(3):
        said(desktop, f"What about the heron, number {number}?", "A heron is a bird.", title=f"Birds {number}")
    desktop.open()
    palette(desktop)
    asked: list[str] = []
    desktop.page.on("request", lambda request: asked.extend(parse_qs(urlsplit(request.url).query).get("q", [])))
    desktop.page.keyboard.type("heron")
    expect(desktop.page.locator(".hit mark").first).to_have_text("heron")
    expect(desktop.page.locator(".hit")).to_have_count(6)
    assert asked == ["h", "he", "her", "hero", "heron"]
