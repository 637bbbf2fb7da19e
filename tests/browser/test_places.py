"""Going to a message: by its link, by the contents, by the map; far above what is loaded and on other branches."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import examine
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

_FORKED = """
from conversations.models import Conversation, Message
conversation = Conversation.objects.create(owner_id=user_id, title="Forked")
def grow(parent, texts):
    rows = []
    for text in texts:
        role = "assistant" if parent and parent.role == "user" else "user"
        name = "Somebody" if role == "assistant" else ""
        parent = Message(conversation=conversation, parent=parent, role=role, text=text, model_name=name)
        rows.append(parent)
    Message.objects.bulk_create(rows)
    return rows
first = grow(None, ["Question", "Answer"])
old = grow(first[-1], [f"Old {number}" for number in range(80)])
new = grow(first[-1], [f"New {number}" for number in range(80)])
Conversation.objects.filter(pk=conversation.pk).update(selected_leaf=new[-1])
result = [str(conversation.pk), *([str(row.pk) for row in rows] for rows in (first, old, new))]
"""


def article(visitor: Visitor, message: str) -> Locator:
    return visitor.page.locator(f"#message-{message}")


def selected(visitor: Visitor, conversation: str) -> str:
    code = (
        "from conversations.models import Conversation\nresult = str(Conversation.objects.get(pk=pk).selected_leaf_id)"
    )
    leaf: str = visitor.stage.backstage.run(code, pk=conversation)
    return leaf


def at_top(visitor: Visitor, message: str) -> None:
    """The message stands at the top of the view, highlighted, and stays there."""
    expect(article(visitor, message)).to_be_in_viewport()
    visitor.page.wait_for_function(
        """id => {
            const [article, log] = [document.getElementById(id), document.querySelector(".log")];
            return Math.abs(article.getBoundingClientRect().top - log.getBoundingClientRect().top) < 40;
        }""",
        arg=f"message-{message}",
    )
    assert visitor.page.evaluate("document.querySelector(':target')?.id") == f"message-{message}"


def open_tab(visitor: Visitor, name: str) -> Locator:
    """One of the inspector's tabs; its panel."""
    if not visitor.page.locator(".inspector").is_visible():
        visitor.press(visitor.page.get_by_role("link", name="Inspector", exact=True))
    visitor.press(visitor.page.get_by_role("tab", name=name))
    panel = visitor.page.get_by_role("tabpanel", name=name)
    expect(panel.locator("[data-message]").first).to_be_visible()
    return panel


def test_a_link_far_above_opens_there_with_messages_on_both_sides(visitor: Visitor) -> None:
    conversation, ids = visitor.stage.talk(visitor.person, [f"Message {number}" for number in range(400)])
    visitor.open(f"/conversations/{conversation}/?message={ids[100]}#message-{ids[100]}")
    at_top(visitor, ids[100])
    assert "message=" not in visitor.page.url
    log = visitor.page.locator(".log")
    for _ in range(3):
        log.evaluate("log => { log.scrollTop = log.scrollHeight; }")
        count = visitor.page.locator("article.message").count()
        visitor.page.wait_for_function(
            "count => document.querySelectorAll('article.message').length > count", arg=count
        )
    shown = visitor.page.locator(".log__column > article").evaluate_all("all => all.map(each => each.dataset.message)")
    start = ids.index(shown[0])
    assert shown == ids[start : start + len(shown)]
    assert len(shown) >= 200


def test_newest_leads_to_the_end_from_far_above_and_a_message_goes_there(visitor: Visitor) -> None:
    conversation, ids = visitor.stage.talk(visitor.person, [f"Message {number}" for number in range(300)])
    visitor.open(f"/conversations/{conversation}/?message={ids[50]}#message-{ids[50]}")
    at_top(visitor, ids[50])
    visitor.press(visitor.page.get_by_role("button", name="Newest"))
    expect(article(visitor, ids[-1])).to_be_in_viewport()
    visitor.open(f"/conversations/{conversation}/?message={ids[50]}#message-{ids[50]}")
    at_top(visitor, ids[50])
    visitor.send("From far above")
    expect(visitor.said.last).to_have_text("From far above")
    expect(visitor.questions.last).to_have_attribute("data-message", re.compile("."))
    visitor.wait_for("complete")
    rows = visitor.stage.messages(conversation)
    assert [row["text"] for row in rows][-2] == "From far above"
    expect(article(visitor, ids[-1])).to_be_attached()
    visitor.reload()
    expect(visitor.said.last).to_have_text("From far above")


def test_a_link_to_another_branch_selects_it_in_all_tabs(desktop: Visitor) -> None:
    conversation, _first, old, new = desktop.stage.backstage.run(_FORKED, user_id=desktop.person.user_id)
    desktop.open(f"/conversations/{conversation}/")
    expect(article(desktop, new[-1])).to_be_in_viewport()
    other = desktop.second_tab(f"/conversations/{conversation}/?message={old[10]}#message-{old[10]}")
    at_top(other, old[10])
    expect(desktop.page.locator("chat-conversation")).to_have_attribute("data-leaf", old[-1])
    assert selected(desktop, conversation) == old[-1]
    desktop.to_front()
    expect(article(desktop, old[-1])).to_be_attached()


def test_a_link_to_what_was_deleted_says_so(desktop: Visitor) -> None:
    conversation, ids = desktop.stage.talk(desktop.person, ["Question", "Answer"])
    desktop.open(f"/conversations/{conversation}/?message={conversation}")
    expect(desktop.page.locator(".toast")).to_contain_text("isn't there any more")
    expect(article(desktop, ids[-1])).to_be_in_viewport()


def test_the_contents_lead_to_a_question_that_is_not_loaded(visitor: Visitor) -> None:
    texts = [f"{'Question' if number % 2 == 0 else 'Answer'} {number}\n\nMore." for number in range(200)]
    conversation, ids = visitor.stage.talk(visitor.person, texts)
    visitor.open(f"/conversations/{conversation}/")
    panel = open_tab(visitor, "Contents")
    entries = panel.locator(".contents__entry")
    expect(entries).to_have_count(100)
    expect(panel.locator("[aria-current]")).to_have_count(1)
    visitor.press(entries.nth(10))
    at_top(visitor, ids[20])
    if not visitor.device.is_phone:
        expect(entries.nth(10)).to_have_attribute("aria-current", "true")
        panel.get_by_label("Filter the questions").fill("question 198")
        expect(panel.locator(".contents__list > li:visible")).to_have_count(1)
        entries.nth(99).press("Enter")
        expect(article(visitor, ids[198])).to_be_in_viewport()


def test_the_map_shows_where_one_is_and_leads_to_another_branch(visitor: Visitor) -> None:
    conversation, _first, old, new = visitor.stage.backstage.run(_FORKED, user_id=visitor.person.user_id)
    visitor.open(f"/conversations/{conversation}/")
    panel = open_tab(visitor, "Branches")
    expect(panel.locator('[aria-selected="true"]')).to_have_attribute("data-message", new[-1])
    visitor.press(panel.locator(f'[data-message="{old[-1]}"]'))
    at_bottom = article(visitor, old[-1])
    expect(at_bottom).to_be_in_viewport()
    assert selected(visitor, conversation) == old[-1]
    if not visitor.device.is_phone:
        expect(panel.locator('[aria-selected="true"]')).to_have_attribute("data-message", old[-1])


def test_the_map_is_walked_by_arrows(desktop: Visitor) -> None:
    conversation, first, old, new = desktop.stage.backstage.run(_FORKED, user_id=desktop.person.user_id)
    desktop.open(f"/conversations/{conversation}/")
    panel = open_tab(desktop, "Branches")
    here = panel.locator('[role="treeitem"][tabindex="0"]')
    expect(here).to_have_attribute("data-message", new[-1])
    here.focus()
    focused = desktop.page.locator(":focus")
    desktop.page.keyboard.press("Home")
    expect(focused).to_have_attribute("data-message", first[0])
    desktop.page.keyboard.press("ArrowDown")
    desktop.page.keyboard.press("ArrowRight")
    expect(focused).to_have_attribute("data-message", old[0])
    desktop.page.keyboard.press("ArrowLeft")
    expect(focused).to_have_attribute("data-message", first[1])
    desktop.page.keyboard.press("ArrowRight")
    desktop.page.keyboard.press("Enter")
    at_top(desktop, old[0])


def test_contents_and_map_have_nothing_for_axe(visitor: Visitor) -> None:
    conversation, _first, old, new = visitor.stage.backstage.run(_FORKED, user_id=visitor.person.user_id)
    visitor.open(f"/conversations/{conversation}/")
    for tab in ("Contents", "Branches"):
        open_tab(visitor, tab)
        examine(visitor, tab)
    for page in ("branches/", f"compare/?left={old[-1]}&right={new[-1]}"):
        visitor.page.goto(f"{visitor.stage.url}/conversations/{conversation}/{page}")
        examine(visitor, page)
        assert visitor.overflow() == []


def test_a_branch_is_named_in_the_map_and_beside_its_versions(desktop: Visitor) -> None:
    conversation, _first, _old, new = desktop.stage.backstage.run(_FORKED, user_id=desktop.person.user_id)
    desktop.open(f"/conversations/{conversation}/?message={new[0]}#message-{new[0]}")
    panel = open_tab(desktop, "Branches")
    panel.get_by_label("Name of this branch").fill("Second try")
    panel.get_by_role("button", name="Save").click()
    expect(panel.locator(".map__tree .branch-name")).to_have_text("Second try")
    expect(article(desktop, new[0]).locator(".branch-name")).to_have_text("“Second try”")


def menu(visitor: Visitor, message: str, item: str) -> None:
    target = article(visitor, message)
    if not visitor.device.is_phone:
        target.hover()
    visitor.press(target.get_by_role("link", name="More"))
    visitor.press(visitor.page.get_by_role("menu", name="More").get_by_role("menuitem", name=re.compile(item)))


def test_a_message_is_deleted_and_brought_back(visitor: Visitor) -> None:
    conversation, ids = visitor.stage.talk(visitor.person, ["One", "1", "Two", "2", "Three", "3"])
    visitor.open(f"/conversations/{conversation}/")
    menu(visitor, ids[2], "Delete with the 3 below")
    expect(visitor.page.locator("article.message")).to_have_count(2)
    visitor.press(visitor.page.locator(".toast").get_by_role("button", name="Undo"))
    expect(visitor.page.locator("article.message")).to_have_count(6)
    menu(visitor, ids[3], "Delete this message alone")
    expect(visitor.page.locator("article.message .message__body")).to_have_text(["One", "1", "Two", "Three", "3"])


def test_the_menu_of_a_message_works_by_keyboard_and_has_nothing_for_axe(desktop: Visitor) -> None:
    conversation, ids = desktop.stage.talk(desktop.person, ["One", "1"])
    desktop.open(f"/conversations/{conversation}/")
    article(desktop, ids[1]).get_by_role("link", name="More").press("Enter")
    expect(desktop.page.locator(":focus")).to_have_text("Copy link")
    examine(desktop, "the menu of a message")
    desktop.page.keyboard.press("ArrowDown")
    desktop.page.keyboard.press("ArrowDown")
    desktop.page.keyboard.press("Enter")
    field = desktop.page.get_by_label("Name of the branch")
    expect(field).to_be_focused()
    examine(desktop, "the name of a branch")
    field.fill("Mine")
    field.press("Enter")
    expect(article(desktop, ids[1]).locator(".branch-name")).to_have_text("“Mine”")


def test_a_copy_up_to_a_message_is_a_conversation_of_its_own(visitor: Visitor) -> None:
    conversation, ids = visitor.stage.talk(visitor.person, ["One", "1", "Two", "2"], title="Source")
    visitor.open(f"/conversations/{conversation}/")
    menu(visitor, ids[1], "Copy to a new conversation")
    expect(visitor.page).not_to_have_url(re.compile(conversation))
    expect(visitor.page.locator("article.message .message__body")).to_have_text(["One", "1"])
    expect(visitor.page.locator(".topbar__title")).to_have_text("Source (copy)")
    expect(visitor.page.locator(".toast")).to_contain_text("This is your copy")
