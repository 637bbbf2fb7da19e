"""Sharing in the browser: the dialog by keyboard and thumb, the shared page as strangers and colleagues see it."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import examine
from tests.browser.chromium import DESKTOP, PHONE, Device
from tests.browser.conftest import NewVisitor
from tests.browser.payloads import ALL, PAYLOADS
from tests.browser.stage import Stage
from tests.browser.test_without_script import without_script
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

_ALLOW = """
from conversations.models import SitePolicy
SitePolicy.objects.update_or_create(pk=1, defaults={"allows_public_links": is_allowed})
"""
_SHARE = """
import uuid
from conversations.actions.share_links import Terms, create_share_link
from conversations.models import Conversation
conversation = Conversation.objects.select_related("owner").get(pk=pk)
link = create_share_link(conversation.owner, conversation, None, Terms(**terms), client_id=uuid.uuid4())
result = f"/s/{link.token}/"
"""
_TOOLS = """
from conversations.models import Message
Message.objects.filter(pk=pk).update(
    reasoning=text, model_name=text[:90],
    tool_calls=[{"id": "1", "name": text[:60], "arguments": '{"a": ' + __import__("json").dumps(text) + "}"}],
    citations=[{"url": "javascript:executed.push(1)", "title": text, "start": 0, "end": 1},
               {"url": "https://example.org/", "title": text, "start": 0, "end": 1}])
"""


@pytest.fixture(autouse=True)
def _allowed(stage: Stage) -> None:
    stage.backstage.run(_ALLOW, is_allowed=True)


def talk(visitor: Visitor, texts: list[str] | None = None, title: str = "A walk") -> str:
    return visitor.stage.talk(visitor.person, texts or ["Where to?", "To the **lake**."], title=title)[0]


def share(visitor: Visitor, conversation: str, **terms: Any) -> str:
    path: str = visitor.stage.backstage.run(_SHARE, pk=conversation, terms=terms)
    return path


def go(visitor: Visitor, path: str) -> None:
    visitor.page.goto(visitor.stage.url + path)


def dialog_of(visitor: Visitor) -> Locator:
    dialog = visitor.page.get_by_role("dialog", name="Share")
    expect(dialog).to_be_visible()
    return dialog


def test_by_keyboard_from_the_topbar_to_the_shared_page(new_visitor: NewVisitor) -> None:
    owner, stranger = new_visitor(DESKTOP), new_visitor(DESKTOP, cookie=False)
    owner.open(f"/conversations/{talk(owner)}/")
    button, keyboard = owner.page.get_by_role("link", name="Share", exact=True), owner.page.keyboard
    button.focus()
    keyboard.press("Enter")
    dialog = dialog_of(owner)
    dialog.get_by_label("People who can sign in here").focus()
    keyboard.press("ArrowDown")
    expect(dialog.get_by_label("Anyone who has the link")).to_be_checked()
    dialog.get_by_label("Password, if it shall have one").focus()
    keyboard.type("lake")
    keyboard.press("Enter")
    field = dialog.locator(".share__made").get_by_role("textbox", name="Address")
    expect(field).to_be_focused()
    examine(owner, "dialog with a link")
    address = field.input_value()
    keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    stranger.page.goto(address)
    expect(stranger.page.get_by_label("Password")).to_be_focused()
    stranger.page.keyboard.type("lake")
    stranger.page.keyboard.press("Enter")
    expect(stranger.page.get_by_role("heading", name="A walk")).to_be_visible()
    expect(stranger.page.locator(".message--answer strong")).to_have_text("lake")


def test_from_the_row_s_menu_with_errors_and_revoking(visitor: Visitor) -> None:
    visitor.open(f"/conversations/{talk(visitor)}/").open_sidebar()
    visitor.press(visitor.menu("A walk").get_by_role("menuitem", name="Share"))
    dialog = dialog_of(visitor)
    examine(visitor, "dialog")
    dialog.get_by_label("Ends after").select_option("date")
    visitor.watch.expect("status (of )?400")
    visitor.press(dialog.get_by_role("button", name="Make the link"))
    expect(dialog.get_by_label("Last day")).to_be_focused()
    expect(dialog).to_contain_text("Choose the day.")
    dialog.get_by_label("Ends after").select_option("never")
    expect(dialog.get_by_label("Last day")).to_be_visible()  # what it complained about stays until it is sent again
    visitor.press(dialog.get_by_role("button", name="Make the link"))
    expect(dialog.locator(".share__made")).to_contain_text("opens until you revoke it")
    expect(dialog.get_by_label("Last day")).to_be_hidden()
    assert visitor.overflow() == []
    visitor.press(dialog.get_by_role("button", name="Revoke"))
    expect(dialog.locator(".shared-link")).to_have_count(0)


def test_an_address_is_copied(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    path = share(visitor, talk(visitor))
    go(visitor, "/shares/")
    visitor.page.get_by_role("button", name="Copy the address").click()
    expect(visitor.page.locator("#announcer")).to_have_text("The address is copied.")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == visitor.stage.url + path


def test_a_colleague_signs_in_reads_and_continues_in_a_copy(new_visitor: NewVisitor, device: Device) -> None:
    owner, colleague = new_visitor(DESKTOP), new_visitor(device)
    go(colleague, share(owner, talk(owner)))
    expect(colleague.page.get_by_text("shared by")).to_contain_text(owner.person.name)
    examine(colleague, "shared page")
    assert colleague.overflow() == []
    colleague.press(colleague.page.get_by_role("button", name="Continue as my own copy"))
    colleague.page.wait_for_url("**/conversations/**")
    colleague.connected()
    expect(colleague.questions).to_have_count(1)
    expect(colleague.body).to_have_text("To the lake.")
    colleague.ask("And then?")
    assert len(colleague.stage.messages(colleague.conversation)) == 4


def test_who_is_not_signed_in_comes_back_after_it(new_visitor: NewVisitor) -> None:
    owner, colleague = new_visitor(DESKTOP), new_visitor(DESKTOP, cookie=False)
    go(colleague, share(owner, talk(owner)))
    colleague.page.get_by_label("Name", exact=True).fill(owner.person.name)
    colleague.page.get_by_label("Password", exact=True).fill("correct horse battery")
    colleague.page.keyboard.press("Enter")
    expect(colleague.page.get_by_role("heading", name="A walk")).to_be_visible()


def test_password_page_and_nothing_are_plain_for_all(new_visitor: NewVisitor, device: Device) -> None:
    owner, stranger = new_visitor(DESKTOP), new_visitor(device, cookie=False)
    go(stranger, share(owner, talk(owner), audience="anyone", password="lake"))
    examine(stranger, "password page")
    stranger.watch.expect("status (of )?40[04]")
    stranger.page.get_by_label("Password").fill("sea")
    stranger.press(stranger.page.get_by_role("button", name="Open"))
    expect(stranger.page.get_by_text("The password is wrong.")).to_be_visible()
    assert "sea" not in stranger.page.url
    go(stranger, "/s/any.nothing/")
    expect(stranger.page.get_by_role("heading")).to_have_text("This link doesn’t open")
    examine(stranger, "nothing")


def test_untrusted_texts_stay_text_on_the_shared_page(new_visitor: NewVisitor, device: Device) -> None:
    owner, stranger = new_visitor(DESKTOP), new_visitor(device, cookie=False)
    title = PAYLOADS[18].replace("\n", " ")[:200]
    conversation, messages = owner.stage.talk(owner.person, [ALL, ALL], title=title)
    owner.stage.backstage.run(_TOOLS, pk=messages[1], text=ALL)
    go(stranger, share(owner, conversation, audience="anyone", with_reasoning=True))
    expect(stranger.page.get_by_role("heading", level=1).first).to_have_text(title)
    written = stranger.page.locator(".message--person .message__body")
    assert written.evaluate("body => body.textContent") == ALL
    stranger.press(stranger.page.locator(".thought summary"))
    assert stranger.page.evaluate("executed") == []
    assert stranger.page.locator("[onerror], [onload], iframe, object, script").count() == 0
    assert stranger.overflow() == []


def test_the_list_of_links(visitor: Visitor) -> None:
    conversation = talk(visitor)
    for terms in ({}, {"audience": "anyone", "password": "lake"}, {"with_names": False}):
        share(visitor, conversation, **terms)
    visitor.open().open_sidebar()
    visitor.press(visitor.page.locator(".sidebar__person"))
    visitor.press(visitor.page.get_by_role("menuitem", name="Shared links"))
    expect(visitor.page.locator(".shared-link")).to_have_count(3)
    examine(visitor, "list of links")
    assert visitor.overflow() == []
    visitor.press(visitor.page.get_by_role("button", name="Revoke", exact=True).first)
    expect(visitor.page.locator(".shared-link")).to_have_count(2)
    visitor.press(visitor.page.get_by_text("Revoke all links"))
    visitor.press(visitor.page.get_by_role("button", name="Revoke all my links"))
    expect(visitor.page.get_by_text("Nothing is shared")).to_be_visible()
    visitor.press(visitor.page.get_by_role("link", name="Ended"))
    expect(visitor.page.locator(".shared-link")).to_have_count(3)
    examine(visitor, "list of ended links")


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=lambda device: device.name)
def test_everything_works_without_a_script(new_visitor: NewVisitor, device: Device) -> None:
    visitor = without_script(new_visitor, device)
    conversation = talk(visitor)
    go(visitor, f"/conversations/{conversation}/share/")
    visitor.press(visitor.page.get_by_label("Anyone who has the link"))
    visitor.press(visitor.page.get_by_role("button", name="Make the link"))
    address = visitor.page.get_by_role("textbox", name="Address").input_value()
    visitor.page.goto(address)
    visitor.press(visitor.page.get_by_role("button", name="Continue as my own copy"))
    expect(visitor.body).to_have_text("To the lake.")
    go(visitor, f"/conversations/{conversation}/share/")
    visitor.press(visitor.page.get_by_role("button", name="Revoke"))
    expect(visitor.page.locator(".shared-link")).to_have_count(0)
    visitor.watch.expect("status (of )?404")
    visitor.page.goto(address)
    expect(visitor.page.get_by_role("heading")).to_have_text("This link doesn’t open")
