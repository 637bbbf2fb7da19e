"""The bin in the browser: choosing, bringing back, removing for good after a question."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import examine
from tests.browser.conftest import NewVisitor
from tests.browser.test_without_script import without_script
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

_DELETE = """
from conversations.actions.conversations import delete_conversation
from conversations.models import Conversation
for row in Conversation.objects.filter(owner_id=user_id):
    delete_conversation(row)
"""


def deleted(visitor: Visitor, titles: list[str]) -> None:
    visitor.stage.conversations(visitor.person, titles)
    visitor.stage.backstage.run(_DELETE, user_id=visitor.person.user_id)
    visitor.page.goto(f"{visitor.stage.url}/bin/")


def test_some_come_back_and_others_go_for_good(visitor: Visitor) -> None:
    deleted(visitor, ["First", "Second", "Third"])
    page = visitor.page
    expect(page.get_by_role("toolbar")).to_be_hidden()
    visitor.press(page.get_by_label("Select “Second”"))
    expect(page.get_by_text("1 selected")).to_be_visible()
    examine(visitor, "the bin")
    assert visitor.overflow() == []
    visitor.press(page.get_by_role("button", name="Restore"))
    expect(page.get_by_text("1 conversation back in your list.")).to_be_visible()
    assert visitor.stage.titles(visitor.person) == ["Second"]
    for title in ("First", "Third"):
        visitor.press(page.get_by_label(f"Select “{title}”"))
    visitor.press(page.get_by_role("button", name="Remove…"))
    expect(page.get_by_role("heading", name="Remove 2 conversations for good?")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="First")).to_be_visible()
    examine(visitor, "the question")
    visitor.press(page.get_by_role("button", name="Remove for good"))
    expect(page.get_by_text("The bin is empty.")).to_be_visible()
    examine(visitor, "an empty bin")


def test_by_keyboard_one_can_think_better_of_it(desktop: Visitor) -> None:
    deleted(desktop, ["First", "Second"])
    keyboard = desktop.page.keyboard
    desktop.page.get_by_role("button", name="Empty the bin").focus()
    keyboard.press("Enter")
    expect(desktop.page.get_by_role("heading", name="Remove 2 conversations for good?")).to_be_visible()
    desktop.page.get_by_role("link", name="Keep").focus()
    keyboard.press("Enter")
    expect(desktop.page.get_by_label("Select “First”")).to_be_visible()


def test_without_a_script_too(new_visitor: NewVisitor) -> None:
    visitor = without_script(new_visitor)
    deleted(visitor, ["First", "Second"])
    visitor.page.get_by_label("Select “First”").check()
    visitor.page.get_by_role("button", name="Restore").click()
    expect(visitor.page.get_by_text("1 conversation back in your list.")).to_be_visible()
    visitor.page.get_by_role("button", name="Empty the bin").click()
    visitor.page.get_by_role("button", name="Remove for good").click()
    expect(visitor.page.get_by_text("The bin is empty.")).to_be_visible()
