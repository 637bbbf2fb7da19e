"""What the page does when frames are lost, come twice or are not what the server has; and without animation frames."""

import json
import random
from collections.abc import Callable

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.visitor import Visitor
from tests.upstream.texts import expected_text

pytestmark = pytest.mark.browser

MODEL = "words-400-100"
LAST_WORDS = expected_text(MODEL)[-15:]


def relay(visitor: Visitor, change: Callable[[str], list[str]]) -> None:
    """Let every frame to the page go through ``change``, which gives the frames to hand over instead."""

    def connect(page_side: WebSocketRoute) -> None:
        def hand_over(frame: str | bytes) -> None:
            for each in change(str(frame)):
                page_side.send(each)

        page_side.connect_to_server().on_message(hand_over)

    visitor.page.route_web_socket("**/ws/", connect)


def is_delta(frame: str) -> bool:
    return bool(json.loads(frame)["type"] == "generation.delta")


def requests_of(visitor: Visitor, part: str) -> list[str]:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url) if part in request.url else None)
    return asked


def stands_as_a_reload_shows_it(visitor: Visitor) -> bool:
    shown = visitor.html()
    visitor.reload()
    return len(shown) > 1000 and visitor.html() == shown


def test_lost_and_doubled_pieces_leave_no_trace(desktop: Visitor) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    relay(desktop, lambda frame: [frame] * chance.choice((0, 1, 1, 2)) if is_delta(frame) else [frame])
    desktop.open(model=MODEL).ask()
    assert stands_as_a_reload_shows_it(desktop)


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
    assert stands_as_a_reload_shows_it(desktop)


def test_an_answer_with_a_wrong_hash_is_fetched(desktop: Visitor) -> None:
    relay(desktop, lambda frame: [frame.replace("river", "liver") if is_delta(frame) else frame])
    desktop.open(model=MODEL).ask()
    desktop.page.wait_for_function("() => !document.querySelectorAll('.message__body')[1].innerText.includes('liver')")
    assert stands_as_a_reload_shows_it(desktop)


def test_an_answer_that_came_whole_is_not_fetched(desktop: Visitor) -> None:
    fetched = requests_of(desktop, "/log/")
    desktop.open(model=MODEL).ask()
    assert stands_as_a_reload_shows_it(desktop)
    assert fetched == []


def test_a_tab_that_draws_no_frames_follows_the_answer(desktop: Visitor) -> None:
    desktop.page.add_init_script("window.requestAnimationFrame = () => 1")
    desktop.open(model=MODEL).ask()
    assert stands_as_a_reload_shows_it(desktop)


def test_a_selection_survives_the_rest_of_the_answer(desktop: Visitor) -> None:
    desktop.open(model=MODEL).send("Go on")
    desktop.page.wait_for_function("() => document.querySelectorAll('.message__body')[1]?.children.length > 2")
    selected = desktop.body.evaluate(
        "body => { getSelection().selectAllChildren(body.firstElementChild); return getSelection().toString(); }"
    )
    desktop.wait_for("complete")
    assert selected
    assert desktop.page.evaluate("getSelection().toString()") == selected
