"""What the page does when frames are lost, late, doubled or not what the server has; and without animation frames."""

import json
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.scripts import MODEL as SCRIPTED
from tests.browser.scripts import gated
from tests.browser.visitor import PATIENCE, Visitor
from tests.upstream.texts import expected_text
from tests.upstream.tools import one_call

pytestmark = pytest.mark.browser

MODEL = "words-400-100"
REFRESH = "document.querySelector('chat-conversation').refresh()"
LAST_WORDS = expected_text(MODEL)[-15:]


def relay(
    visitor: Visitor,
    change: Callable[[str], list[str]],
    answer: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda _order: None,
) -> list[WebSocketRoute]:
    """Let every frame to the page go through ``change``, which gives the frames to hand over instead.

    What ``answer`` makes of an order of the page answers it in the server's place. The routes are the page's sockets,
    the newest last: what was held back can be sent through it later.
    """
    sockets: list[WebSocketRoute] = []

    def connect(page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()
        sockets.append(page_side)

        def hand_over(frame: str | bytes) -> None:
            for each in change(str(frame)):
                page_side.send(each)

        def pass_on(frame: str | bytes) -> None:
            order = json.loads(frame)
            reply = answer(order)
            if reply is None:
                server_side.send(frame)
            else:
                page_side.send(json.dumps({"id": order["id"], **reply}))

        page_side.on_message(pass_on)
        server_side.on_message(hand_over)

    visitor.page.route_web_socket("**/ws/", connect)
    return sockets


def is_delta(frame: str) -> bool:
    return bool(json.loads(frame)["type"] == "generation.delta")


def same(frame: str) -> list[str]:
    return [frame]


def type_of(frame: str) -> str:
    return str(json.loads(frame)["type"])


def wait_until(visitor: Visitor, is_so: Callable[[], bool]) -> None:
    """While it waits, the page's events come in."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not is_so():
        assert time.monotonic() < deadline
        visitor.page.wait_for_timeout(50)


def requests_of(visitor: Visitor, part: str) -> list[str]:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url) if part in request.url else None)
    return asked


def wait_until_it_stands_as_a_reload_shows_it(visitor: Visitor) -> None:
    """What the page finds wrong at the end of an answer it fetches: that takes a moment."""
    truth = visitor.second_tab().html()
    assert len(truth) > 1000
    visitor.to_front()
    wait_until(visitor, lambda: visitor.html() == truth)


def test_lost_and_doubled_pieces_leave_no_trace(desktop: Visitor) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    relay(desktop, lambda frame: [frame] * chance.choice((0, 1, 1, 2)) if is_delta(frame) else [frame])
    desktop.open(model=MODEL).ask()
    wait_until_it_stands_as_a_reload_shows_it(desktop)


def test_an_answer_whose_last_pieces_were_lost_is_fetched(desktop: Visitor) -> None:
    seen: list[str] = []

    def change(frame: str) -> list[str]:
        seen.append(frame)
        return [] if is_delta(frame) and len(seen) > 20 else [frame]

    relay(desktop, change)
    fetched = requests_of(desktop, "/log/")
    desktop.open(model=MODEL).ask()
    expect(desktop.body).to_contain_text(LAST_WORDS)
    assert fetched
    wait_until_it_stands_as_a_reload_shows_it(desktop)


def test_an_end_that_was_fetched_is_not_put_there_again(desktop: Visitor) -> None:
    held: list[str] = []

    def change(frame: str) -> list[str]:
        if type_of(frame) not in {"generation.delta", "generation.finished"}:
            return [frame]
        held.append(frame)
        return []

    sockets = relay(desktop, change)
    desktop.stage.upstream.script(SCRIPTED, one_call())
    desktop.open(model=SCRIPTED).send("What is the weather?")
    wait_until(desktop, lambda: type_of(held[-1] if held else '{"type": ""}') == "generation.finished")
    desktop.page.evaluate(REFRESH)
    desktop.wait_for("complete")
    field = desktop.page.get_by_role("textbox", name="Result of get_weather")
    field.focus()
    desktop.page.keyboard.type("ra")
    fetched = requests_of(desktop, "/log/")
    for frame in held:
        sockets[-1].send(frame)
    desktop.page.keyboard.type("in")
    expect(field).to_be_focused()
    expect(field).to_have_value("rain")
    assert fetched == []


def test_whoever_writes_in_the_log_goes_on_when_it_is_fetched(desktop: Visitor) -> None:
    desktop.stage.upstream.script(SCRIPTED, one_call())
    desktop.open(model=SCRIPTED).ask("What is the weather?")
    keyboard = desktop.page.keyboard
    field = desktop.page.get_by_role("textbox", name="Result of get_weather")
    field.focus()
    keyboard.type("rain")
    desktop.page.wait_for_function("Object.values(sessionStorage).includes('rain')")
    keyboard.press("Home")
    desktop.page.evaluate(REFRESH)
    expect(field).to_be_focused()
    expect(field).to_have_value("rain")
    keyboard.type("no ")
    expect(field).to_have_value("no rain")
    desktop.questions.last.focus()
    desktop.page.evaluate(REFRESH)
    expect(desktop.questions.last).to_be_focused()
    desktop.act(desktop.questions.last, "Edit")
    keyboard.type(" And now")
    desktop.page.evaluate(REFRESH)
    keyboard.type("?")
    expect(desktop.page.get_by_label("Your message")).to_have_value("What is the weather? And now?")
    keyboard.press("Enter")
    expect(desktop.said).to_have_text(["What is the weather? And now?"])


def test_an_answer_with_a_wrong_hash_is_fetched(desktop: Visitor) -> None:
    relay(desktop, lambda frame: [frame.replace("river", "liver") if is_delta(frame) else frame])
    desktop.open(model=MODEL).ask()
    desktop.page.wait_for_function("() => !document.querySelectorAll('.message__body')[1].innerText.includes('liver')")
    wait_until_it_stands_as_a_reload_shows_it(desktop)


def test_an_answer_that_came_whole_is_not_fetched(desktop: Visitor) -> None:
    fetched = requests_of(desktop, "/log/")
    desktop.open(model=MODEL).ask()
    wait_until_it_stands_as_a_reload_shows_it(desktop)
    assert fetched == []


def test_a_tab_that_draws_no_frames_follows_the_answer(desktop: Visitor) -> None:
    desktop.page.add_init_script("window.requestAnimationFrame = () => 1")
    desktop.open(model=MODEL).ask()
    wait_until_it_stands_as_a_reload_shows_it(desktop)


def test_a_selection_survives_the_rest_of_the_answer(desktop: Visitor) -> None:
    desktop.open(model=MODEL).send("Go on")
    desktop.page.wait_for_function("() => document.querySelectorAll('.message__body')[1]?.children.length > 2")
    selected = desktop.body.evaluate(
        "body => { getSelection().selectAllChildren(body.firstElementChild); return getSelection().toString(); }"
    )
    desktop.wait_for("complete")
    assert selected
    assert desktop.page.evaluate("getSelection().toString()") == selected


def test_a_page_that_stays_behind_fetches_the_log_again(desktop: Visitor) -> None:
    conversation, _ = desktop.stage.talk(desktop.person, ["Question", "Answer"])
    opened: list[dict[str, Any]] = []

    def answer(order: dict[str, Any]) -> dict[str, Any] | None:
        if order["type"] != "conversation.open" or len(opened) == 2:
            return None
        opened.append(order)
        return {"type": "reply", "ok": True, "revision": 1000, "leaf": None}

    relay(desktop, same, answer)
    fetched = requests_of(desktop, "/log/")
    desktop.open(f"/conversations/{conversation}/")
    wait_until(desktop, lambda: len(fetched) >= 2)
    desktop.ask("More")
    other = desktop.second_tab()
    other.act(other.answer, "Regenerate")
    expect(desktop.answer.locator(".siblings__place")).to_have_text("2/2")


def test_a_conversation_that_could_not_be_opened_is_opened_later(desktop: Visitor) -> None:
    conversation, _ = desktop.stage.talk(desktop.person, ["Question", "Answer"])
    refused: list[dict[str, Any]] = []

    def answer(order: dict[str, Any]) -> dict[str, Any] | None:
        if order["type"] != "conversation.open" or len(refused) == 2:
            return None
        refused.append(order)
        return {"type": "error", "code": "unavailable", "message": "Not now.", "retryable": True}

    relay(desktop, same, answer)
    other = desktop.open(f"/conversations/{conversation}/").second_tab()
    other.ask("More")
    expect(desktop.said).to_have_text(["Question", "More"])
    desktop.wait_for("complete")
    assert len(refused) == 2


def test_what_was_lost_is_fetched_when_the_server_says_so(desktop: Visitor) -> None:
    conversation, _ = desktop.stage.talk(desktop.person, ["Question", "Answer"])
    relay(desktop, lambda frame: ['{"type": "resync"}'] if type_of(frame) == "message.added" else [frame])
    other = desktop.open(f"/conversations/{conversation}/").second_tab()
    other.ask("More")
    expect(desktop.said).to_have_text(["Question", "More"])
    desktop.wait_for("complete")


def test_frames_that_come_late_do_not_revive_an_answer(desktop: Visitor) -> None:
    seen: list[str] = []

    def change(frame: str) -> list[str]:
        if not type_of(frame).startswith("generation."):
            return [frame]
        seen.append(frame)
        return [frame, *seen[:-1]] if type_of(frame) == "generation.finished" else [frame]

    relay(desktop, change)
    desktop.open(model=MODEL).ask()
    seen.clear()
    desktop.ask("Again")
    wait_until_it_stands_as_a_reload_shows_it(desktop)


def test_pieces_of_an_answer_that_is_not_shown_are_acknowledged(desktop: Visitor) -> None:
    received: dict[str, int] = {}
    acknowledged: dict[str, int] = {}

    def change(frame: str) -> list[str]:
        piece = json.loads(frame)
        if piece["type"] in {"generation.delta", "generation.snapshot"}:
            received[piece["generation"]] = piece["seq"]
        return [frame]

    def listen(order: dict[str, Any]) -> None:
        if order["type"] == "ack":
            acknowledged[order["generation"]] = order["seq"]

    relay(desktop, change, listen)
    desktop.stage.upstream.script(SCRIPTED, gated(["Begun"], [" and", " done."], "first"), times=1)
    desktop.stage.upstream.script(SCRIPTED, gated(["Anew"], [" and done."], "second"))
    desktop.open(model=SCRIPTED).send("Go on")
    expect(desktop.body).to_have_text("Begun")
    hidden = desktop.answer.get_attribute("data-generation") or ""
    desktop.act(desktop.questions.last, "Edit")
    desktop.page.get_by_label("Your message").fill("Go on differently")
    desktop.page.get_by_label("Your message").press("Enter")
    expect(desktop.body).to_have_text("Anew")
    before = received.get(hidden, 0)
    desktop.stage.upstream.open("first")
    wait_until(desktop, lambda: received.get(hidden, 0) > before)
    wait_until(desktop, lambda: acknowledged.get(hidden, 0) == received[hidden])
    desktop.stage.upstream.open("second")
    desktop.wait_for("complete")
