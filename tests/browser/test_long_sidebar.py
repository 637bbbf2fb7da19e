"""A long list of conversations: few in the document at once, all of them in order, wherever one scrolls to."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

COUNT = 1500
MOST_ROWS = 300
FILL = """
from datetime import timedelta
from django.utils import timezone
from conversations.models import Conversation
now = timezone.now()
times = [now - timedelta(minutes=47 * number + 1) for number in range(count)]
rows = [Conversation(owner_id=user_id, title=f"Number {n}", active_at=at, created_at=at) for n, at in enumerate(times)]
Conversation.objects.bulk_create(rows, batch_size=1000)
"""
LOOK = """() => {
  const list = document.querySelector(".sidebar__list"), box = list.getBoundingClientRect();
  const rows = [...list.querySelectorAll(":scope > section .row")];
  const seen = rows.filter(row => {
    const {top, bottom} = row.getBoundingClientRect();
    return bottom > box.top && top < box.bottom;
  });
  const numbers = each => each.map(row => Number(row.textContent.match(/Number (\\d+)/)[1]));
  return {rows: rows.length, numbers: numbers(rows), seen: numbers(seen), nodes: list.querySelectorAll("*").length};
}"""


def look(visitor: Visitor) -> dict[str, Any]:
    found: dict[str, Any] = visitor.page.evaluate(LOOK)
    return found


FILLED = """() => {
  const list = document.querySelector(".sidebar__list"), box = list.getBoundingClientRect();
  const rows = [...list.querySelectorAll(":scope > section .row")].map(row => row.getBoundingClientRect());
  const isAtTop = !list.dataset.from;
  return rows.at(-1).bottom > box.bottom + 400 && (isAtTop || rows[0].top < box.top - 400);
}"""


def scroll(visitor: Visitor, pixels: int) -> None:
    """By so much, and wait until there are rows all around what is seen."""
    visitor.page.evaluate("by => document.querySelector('.sidebar__list').scrollBy(0, by)", pixels)
    visitor.page.wait_for_function(FILLED)


def is_whole(found: dict[str, Any]) -> bool:
    """The rows in the document follow each other without gap or double."""
    numbers = found["numbers"]
    return bool(numbers == list(range(numbers[0], numbers[0] + len(numbers))))


def test_few_rows_are_in_the_document_wherever_one_scrolls_to(desktop: Visitor) -> None:
    desktop.stage.backstage.run(FILL, user_id=desktop.person.user_id, count=COUNT)
    desktop.open()
    deepest = 0
    for _ in range(24):
        scroll(desktop, 1800)
        found = look(desktop)
        assert found["rows"] <= MOST_ROWS
        assert is_whole(found), found["numbers"]
        deepest = max(deepest, found["seen"][-1])
    assert deepest > MOST_ROWS
    before = look(desktop)["seen"]
    scroll(desktop, -1800)
    scroll(desktop, 1800)
    assert abs(look(desktop)["seen"][0] - before[0]) <= 2
    scroll(desktop, -10_000_000)
    found = look(desktop)
    assert found["seen"][0] == 0
    assert is_whole(found)
    assert found["rows"] <= MOST_ROWS


def test_a_long_list_stays_live(desktop: Visitor) -> None:
    desktop.stage.backstage.run(FILL, user_id=desktop.person.user_id, count=COUNT)
    desktop.open()
    for _ in range(16):
        scroll(desktop, 1800)
    number = look(desktop)["seen"][3]
    menu = desktop.menu(
        desktop.page.locator(".row").filter(has=desktop.page.get_by_text(f"Number {number}", exact=True))
    )
    menu.get_by_role("menuitem", name="Delete").click()
    expect(desktop.page.get_by_text(f"Number {number}", exact=True)).to_have_count(0)
    desktop.page.get_by_role("button", name="Undo").click()
    expect(desktop.page.get_by_text(f"Number {number}", exact=True)).to_be_visible()
    assert is_whole(look(desktop))
    desktop.stage.conversations(desktop.person, ["Number -1"])
    pinned = look(desktop)["seen"][5]
    row = desktop.page.locator(".row").filter(has=desktop.page.get_by_text(f"Number {pinned}", exact=True))
    desktop.menu(row).get_by_role("menuitem", name="Pin").click()
    expect(desktop.page.locator('[data-group="pinned"] .row')).to_have_count(1)
