"""Temporary conversations in the browser: marked, in no list of any tab, kept when wanted, gone with a word."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import examine
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

_AGE = """
from datetime import timedelta
from django.utils import timezone
from conversations.models import Conversation
rows = Conversation.objects.filter(owner_id=user_id)
rows.update(active_at=timezone.now() - timedelta(hours=25))
rows.filter(title="Old").update(deleted_at=timezone.now())
"""


def begun(visitor: Visitor, text: str = "Nobody shall know") -> None:
    visitor.open("/")
    visitor.press(visitor.page.get_by_role("switch", name="Temporary conversation"))
    expect(visitor.page.get_by_text("A temporary conversation.")).to_be_visible()
    visitor.connected()
    visitor.ask(text)


def test_it_is_marked_and_in_no_list_until_it_is_kept(visitor: Visitor) -> None:
    other = visitor.open("/").second_tab("/")
    begun(visitor)
    expect(visitor.page.locator(".topbar__title")).to_contain_text("Nobody shall know")
    expect(visitor.page.get_by_text("Temporary: in no list and no search")).to_be_visible()
    expect(visitor.page.get_by_role("switch", name="Temporary conversation")).to_have_count(0)
    examine(visitor, "a temporary conversation")
    assert visitor.overflow() == []
    other.ask("Something for everybody")  # what was told before it has come
    expect(other.row("Something for everybody")).to_have_count(1)
    expect(other.row("Nobody shall know")).to_have_count(0)
    expect(visitor.row("Nobody shall know")).to_have_count(0)
    visitor.press(visitor.page.get_by_role("button", name="Keep it"))
    expect(visitor.page.get_by_text("Temporary: in no list")).to_have_count(0)
    for tab in (visitor, other):
        expect(tab.row("Nobody shall know")).to_have_count(1)


def test_who_has_it_open_is_told_when_it_goes(desktop: Visitor) -> None:
    begun(desktop)
    desktop.stage.conversations(desktop.person, ["Old"])
    desktop.stage.backstage.run(_AGE, user_id=desktop.person.user_id)
    page = desktop.context.new_page()
    page.goto(f"{desktop.stage.url}/bin/")
    page.get_by_role("button", name="Empty the bin").click()
    page.get_by_role("button", name="Remove for good").click()  # and the site tidies up at once
    expect(page.get_by_text("The bin is empty.")).to_be_visible()
    desktop.page.bring_to_front()
    expect(desktop.page.get_by_text("This temporary conversation is gone")).to_be_visible()
