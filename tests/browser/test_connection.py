"""When the network goes and comes back: nothing is lost, nothing goes out twice."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser.scripts import MODEL, gated
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

BACK_WITHIN = 5.0  # two seconds by design, on a machine with nothing else to do
OUTAGES = [pytest.param(2.5, id="short"), pytest.param(30, id="long", marks=pytest.mark.faults)]


@contextmanager
def offline(visitor: Visitor) -> Iterator[None]:
    """No byte goes through, and the browser knows."""
    visitor.watch.expect_network_loss()
    visitor.stage.network.hold()
    visitor.context.set_offline(True)
    expect(visitor.page.locator(".status")).to_contain_text("Offline. What you send goes out on return.")
    yield
    visitor.stage.network.release()
    visitor.context.set_offline(False)


@pytest.mark.parametrize("seconds", OUTAGES)
def test_an_answer_goes_on_after_an_outage(visitor: Visitor, seconds: float) -> None:
    visitor.stage.upstream.script(MODEL, gated(["Before the gap"], [" and after it.", "\n\nEnd."]))
    visitor.open(model=MODEL).send("Go on")
    expect(visitor.body).to_have_text("Before the gap")
    with offline(visitor):
        visitor.stage.upstream.open("go")
        assert visitor.stage.upstream.outcome() == "done"
        visitor.page.wait_for_timeout(seconds * 1000)
        expect(visitor.body).to_have_text("Before the gap")
    start = time.monotonic()
    expect(visitor.body).to_have_text("Before the gap and after it. End.", use_inner_text=True)
    back = time.monotonic() - start
    print(f"whole again {back:.2f} s after the network came back (aim: 2 s)")
    assert back < BACK_WITHIN
    visitor.wait_for("complete")
    expect(visitor.page.locator(".status")).to_be_hidden()


def test_an_answer_that_still_runs_goes_on_after_an_outage(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, gated(["Before", " and"], [" after."]))
    desktop.open(model=MODEL).send("Go on")
    expect(desktop.body).to_have_text("Before and")
    with offline(desktop):
        pass
    desktop.connected()
    desktop.stage.upstream.open("go")
    desktop.wait_for("complete")
    expect(desktop.body).to_have_text("Before and after.")


def test_a_broken_connection_alone_is_not_even_mentioned(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, gated(["Before", " and"], [" after."]))
    desktop.open(model=MODEL).send("Go on")
    expect(desktop.body).to_have_text("Before and")
    desktop.stage.network.cut()
    desktop.stage.upstream.open("go")
    desktop.wait_for("complete")
    expect(desktop.body).to_have_text("Before and after.")


def test_what_is_sent_while_offline_goes_out_once(visitor: Visitor) -> None:
    visitor.open().ask("Before")
    with offline(visitor):
        visitor.send("Written without a network")
        expect(visitor.answer).to_contain_text("Waits for the connection. It goes out once, on return.")
    visitor.wait_for("complete")
    visitor.reload()
    expect(visitor.said).to_have_text(["Before", "Written without a network"])
    texts = [row["text"] for row in visitor.stage.messages(visitor.conversation) if row["role"] == "user"]
    assert texts == ["Before", "Written without a network"]


def test_a_first_message_sent_while_offline_begins_one_conversation(desktop: Visitor) -> None:
    desktop.open()
    with offline(desktop):
        desktop.send("Begin without a network")
    desktop.wait_for("complete")
    expect(desktop.page.locator(".row")).to_have_count(1)
    expect(desktop.row("Begin without a network")).to_be_visible()


def test_a_message_whose_receipt_was_lost_is_there_once(desktop: Visitor) -> None:
    desktop.watch.expect_network_loss()
    desktop.open().ask("Before")
    asked = len(desktop.stage.upstream.requests())
    desktop.stage.network.hold(up=False)
    desktop.send("Did this arrive?")
    desktop.page.wait_for_timeout(0)
    while len(desktop.stage.upstream.requests()) == asked:
        desktop.page.wait_for_timeout(50)
    desktop.stage.network.cut()
    desktop.stage.network.release()
    desktop.wait_for("complete")
    expect(desktop.answers).to_have_count(2)
    assert len(desktop.stage.messages(desktop.conversation)) == 4
    assert len(desktop.stage.upstream.requests()) == asked + 1


def test_what_was_sent_before_the_tab_was_closed_goes_out_when_it_is_opened(desktop: Visitor) -> None:
    desktop.open().ask("Before")
    path = desktop.path
    with offline(desktop):
        desktop.send("Sent, then closed")
        desktop.page.close()
        desktop.page = desktop.context.new_page()
    desktop.open(path)
    expect(desktop.said).to_have_text(["Before", "Sent, then closed"])
    desktop.wait_for("complete")
    assert len(desktop.stage.messages(desktop.conversation)) == 4
    desktop.reload()
    expect(desktop.questions).to_have_count(2)


def test_all_that_was_sent_before_the_tab_was_closed_goes_out(desktop: Visitor) -> None:
    desktop.open().ask("Before")
    path = desktop.path
    with offline(desktop):
        desktop.send("Sent, then closed")
        desktop.act(desktop.questions.first, "Edit")
        desktop.page.get_by_label("Your message").fill("Before, said differently")
        desktop.page.get_by_label("Your message").press("Enter")
        expect(desktop.said).to_have_text(["Before, said differently"])
        desktop.page.close()
        desktop.page = desktop.context.new_page()
    desktop.open(path)
    expect(desktop.said).to_have_text(["Before, said differently"])
    desktop.wait_for("complete")
    texts = [row["text"] for row in desktop.stage.messages(desktop.conversation) if row["role"] == "user"]
    assert sorted(texts) == ["Before", "Before, said differently", "Sent, then closed"]


def test_stop_pressed_while_offline_stops_on_return(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, gated(["Before"], [" after."]))
    desktop.open(model=MODEL).send("Go on")
    expect(desktop.body).to_have_text("Before")
    with offline(desktop):
        desktop.page.keyboard.press("Escape")
        expect(desktop.answer).to_contain_text("Stopping…")
    desktop.wait_for("stopped")
