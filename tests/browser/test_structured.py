"""Answers asked for as JSON: code while they grow, a tree when they are whole, and what is wrong with them."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.axe import examine
from tests.browser.scripts import MODEL, answer, gated
from tests.browser.test_tools import prefer
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "tags": {"type": "array"}},
    "required": ["name", "tags"],
    "additionalProperties": False,
}
WANTED = {"type": "json_schema", "json_schema": {"name": "thing", "strict": True, "schema": SCHEMA}}
TEXT = json.dumps({"name": "*Lamp* <b>", "tags": ["_a_", {"deep": [1, 2]}]}, indent=2)


def ask_for_json(visitor: Visitor) -> None:
    prefer(visitor, response_format=WANTED)
    visitor.open(model=MODEL)
    visitor.send("A thing, please.")


def test_json_is_code_while_it_grows_and_then_a_tree_with_a_raw_view(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, gated([TEXT[:20]], [TEXT[20:]]))
    ask_for_json(visitor)
    expect(visitor.body.locator("code")).to_have_text(TEXT[:20])
    visitor.stage.upstream.open("go")
    visitor.wait_for("complete")
    for _ in range(2):
        tree = visitor.answer.locator(".structured > .tree")
        expect(tree).to_contain_text("*Lamp* <b>")
        expect(visitor.body).to_be_hidden()
        expect(visitor.answer.get_by_text("This fits the schema “thing”.")).to_be_visible()
        examine(visitor, "structured answer")
        visitor.press(visitor.answer.get_by_label("Raw"))
        expect(visitor.body.locator("code")).to_have_text(TEXT)
        expect(tree).to_be_hidden()
        visitor.reload()
    assert visitor.overflow() == []


def test_json_that_does_not_fit_says_what_is_wrong(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, answer('{"name": 7}'), times=1)
    desktop.stage.upstream.script(MODEL, answer("Sorry, ", "no JSON today."))
    ask_for_json(desktop)
    expect(desktop.answer.get_by_text("This does not fit the schema “thing”.")).to_be_visible()
    expect(desktop.answer.locator(".structured__more li")).not_to_have_count(0)
    desktop.wait_for("complete")
    desktop.ask("Again")
    expect(desktop.answer.get_by_text("This is not JSON, though JSON was asked for.")).to_be_visible()
    expect(desktop.body).to_have_text("json\nSorry, no JSON today.", use_inner_text=True)


def test_branches_of_the_tree_are_folded_by_keyboard(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, answer(TEXT))
    ask_for_json(desktop)
    desktop.wait_for("complete")
    summary = desktop.answer.locator(".tree summary").first
    inside = desktop.answer.locator(".tree details > .tree").first
    expect(inside).to_be_visible()
    summary.focus()
    desktop.page.keyboard.press("Enter")
    expect(inside).to_be_hidden()


def test_a_structured_answer_can_be_copied_as_it_was_written(desktop: Visitor) -> None:
    desktop.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desktop.stage.upstream.script(MODEL, answer(TEXT))
    ask_for_json(desktop)
    desktop.wait_for("complete")
    desktop.act(desktop.answer, "Copy")
    expect(desktop.answer.locator(".message__foot .is-done")).to_be_visible()
    assert desktop.page.evaluate("navigator.clipboard.readText()") == TEXT
