"""Answers as they arrive: what is shown is what was sent, in every tab, over reloads, until somebody stops it."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.axe import examine
from tests.browser.scripts import MODEL, answer, broken, gated
from tests.browser.visitor import Visitor
from tests.upstream.steps import answer as reply
from tests.upstream.steps import error

pytestmark = pytest.mark.browser

COUNTDOWN = re.compile(r"Trying again in \d+ s\.")
FIRST = ["The river ", "is long", " and\n\n", "- one\n", "- tw"]
REST = ["o\n", "- three\n\n", "It ", "ends **here**."]
WHOLE = "The river is long and\none\ntwo\nthree\nIt ends here."


def test_an_answer_stands_as_a_reload_shows_it(visitor: Visitor) -> None:
    visitor.open(model="words-400-400")
    visitor.ask("Show me all you have.")
    streamed = visitor.html()
    assert "<table" in streamed
    assert "<figure" in streamed
    visitor.reload()
    assert visitor.html() == streamed
    assert visitor.overflow() == []


def test_the_tour_of_the_demonstration_stands_as_a_reload_shows_it(desktop: Visitor) -> None:
    desktop.open(model="demo")
    desktop.ask("Show me everything an answer can contain")
    streamed = desktop.html()
    assert "<math" in streamed
    desktop.reload()
    assert desktop.html() == streamed
    examine(desktop, "tour")


def test_a_reload_in_the_middle_leaves_no_gap(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, gated(FIRST, REST))
    visitor.open(model=MODEL).send("Go on")
    expect(visitor.body).to_contain_text("tw")
    visitor.reload()
    expect(visitor.body).to_contain_text("tw")
    visitor.stage.upstream.open("go")
    visitor.wait_for("complete")
    assert visitor.body.inner_text().split() == WHOLE.split()
    streamed = visitor.html()
    visitor.reload()
    assert visitor.html() == streamed


def test_reloads_again_and_again_leave_no_gap(desktop: Visitor) -> None:
    desktop.open(model="words-400-100").send("Go on")
    expect(desktop.body).not_to_be_empty()
    for _ in range(4):
        desktop.reload()
    desktop.wait_for("complete")
    streamed = desktop.html()
    desktop.reload()
    assert desktop.html() == streamed


def test_a_second_tab_shows_the_same(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, gated(FIRST, REST))
    desktop.open(model=MODEL).send("Go on")
    expect(desktop.body).to_contain_text("tw")
    other = desktop.second_tab()
    expect(other.body).to_contain_text("tw")
    desktop.stage.upstream.open("go")
    for tab in (desktop, other):
        tab.wait_for("complete")
    assert other.html() == desktop.html()


def test_what_is_sent_in_one_tab_appears_in_the_other(desktop: Visitor) -> None:
    desktop.open()
    desktop.ask("First")
    other = desktop.second_tab()
    desktop.ask("Second")
    expect(other.said).to_have_text(["First", "Second"])
    other.wait_for("complete")
    assert other.html() == desktop.html()


def test_stop_keeps_what_came(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, gated(FIRST, REST))
    visitor.open(model=MODEL).send("Go on")
    expect(visitor.body).to_contain_text("tw")
    visitor.press(visitor.page.get_by_role("button", name="Stop", exact=True))
    visitor.wait_for("stopped")
    assert visitor.stage.upstream.outcome() == "closed by client"
    expect(visitor.answer).to_contain_text("Stopped here.")
    expect(visitor.body).to_contain_text("The river is long")
    expect(visitor.page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def test_escape_stops(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, gated(FIRST, REST))
    desktop.open(model=MODEL).send("Go on")
    expect(desktop.body).to_contain_text("tw")
    desktop.page.keyboard.press("Escape")
    desktop.wait_for("stopped")


def test_the_other_tab_stops_too(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, gated(FIRST, REST))
    desktop.open(model=MODEL).send("Go on")
    expect(desktop.body).to_contain_text("tw")
    other = desktop.second_tab()
    start = time.monotonic()
    other.page.get_by_role("button", name="Stop", exact=True).click()
    desktop.wait_for("stopped")
    assert desktop.stage.upstream.outcome() == "closed by client"
    print(f"stopped from the other tab after {time.monotonic() - start:.2f} s")
    assert time.monotonic() - start < 5
    other.wait_for("stopped")
    assert other.html() == desktop.html()


def test_an_answer_that_broke_off_goes_on(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, broken("The first half"), times=1)
    visitor.stage.upstream.script(MODEL, answer(" and the second."))
    visitor.open(model=MODEL).send("Go on")
    expect(visitor.answer.locator(".notice")).to_contain_text("The answer broke off.")
    expect(visitor.body).to_have_text("The first half")
    visitor.press(visitor.answer.get_by_role("button", name="Continue"))
    visitor.wait_for("complete")
    expect(visitor.body).to_have_text("The first half and the second.")
    streamed = visitor.html()
    visitor.reload()
    assert visitor.html() == streamed


def test_a_failed_answer_says_why_and_can_be_tried_again(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, [reply(401, error("Incorrect API key provided.", code="bad"))], times=1)
    visitor.stage.upstream.script(MODEL, answer("Now it works."))
    visitor.open(model=MODEL).send("Hello")
    visitor.wait_for("failed")
    notice = visitor.answer.get_by_role("alert")
    expect(notice).to_contain_text("The provider refused the site's key. Ask an admin to check it.")
    visitor.press(notice.get_by_role("button", name="Try again"))
    visitor.wait_for("complete")
    expect(visitor.body).to_have_text("Now it works.")
    expect(visitor.answers).to_have_count(1)


def test_the_fifth_answer_at_once_waits_and_says_so(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, gated(["Begun"], [" and done."]))
    tabs = [desktop.open(model=MODEL), *(desktop.second_tab("/") for _ in range(5))]
    for number, tab in enumerate(tabs):
        tab.page.goto(f"{tab.stage.url}/?model={tab.stage.models[MODEL]}")
        tab.connected()
        tab.send("Go on")
        expect(tab.answer).to_contain_text("Begun" if number < 4 else ("Next in line…", "Waiting for one")[number - 4])
    expect(tabs[5].answer).to_contain_text("Waiting for one other answer to end…")
    tabs[5].reload()
    expect(tabs[5].answer).to_contain_text("Waiting for one other answer to end…")
    desktop.stage.upstream.open("go")
    for tab in tabs:
        tab.wait_for("complete")
        expect(tab.body).to_have_text("Begun and done.")


def test_a_provider_that_asks_for_patience_is_waited_for_in_every_tab(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, [reply(429, error("Slow down."), headers={"retry-after": "12"})], times=1)
    desktop.stage.upstream.script(MODEL, answer("At last."))
    desktop.open(model=MODEL).send("Go on")
    expect(desktop.answer).to_contain_text(COUNTDOWN)
    for tab in (desktop.second_tab(), desktop):
        tab.reload()
        expect(tab.answer).to_contain_text(COUNTDOWN)
    desktop.wait_for("complete")
    expect(desktop.body).to_have_text("At last.")


def test_reasoning_stands_in_a_closed_disclosure(desktop: Visitor) -> None:
    desktop.open(model="demo").send("/reason Why?")
    thought = desktop.answer.locator("details.thought")
    expect(thought.locator("summary")).to_have_text("Thinking…")
    desktop.wait_for("complete")
    expect(thought.locator("summary")).to_contain_text("Thought for")
    expect(thought.locator(".thought__text")).not_to_be_visible()
    desktop.press(thought.locator("summary"))
    expect(thought.locator(".thought__text")).to_be_visible()
