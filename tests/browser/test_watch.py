"""The watch sees what it is there to see: else a clean suite would say nothing."""

import pytest

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

pytestmark = pytest.mark.browser

SINS = {
    "console error: CSP": "document.body.setAttribute('onclick', 'x()')",
    "CSP: img-src": "new Image().src = 'http://foreign.invalid/pixel.png'",
    "uncaught": "setTimeout(() => { throw new Error('mine') })",
    "status 404": "fetch('/nothing/')",
    "console warning": "console.warn('careful')",
}


@pytest.mark.parametrize("complaint", SINS)
def test_a_sin_is_seen(new_visitor: NewVisitor, complaint: str) -> None:
    visitor = new_visitor()
    visitor.open()
    watch = Watch(visitor.context, visitor.stage.url)
    with visitor.watch.looking_away():
        visitor.page.evaluate(f"() => {{ {SINS[complaint]} }}")
        seen(visitor, watch, complaint)


def seen(visitor: Visitor, watch: Watch, complaint: str) -> None:
    for _ in range(100):
        if any(complaint in each for each in watch.complaints):
            return
        visitor.page.wait_for_timeout(50)
    pytest.fail(f"not seen: {complaint}; seen: {watch.complaints}")


def test_a_page_that_scrolls_sideways_is_seen(desktop: Visitor) -> None:
    conversation, _ = desktop.stage.talk(desktop.person, ["Question", "Answer"])
    desktop.open(f"/conversations/{conversation}/")
    assert desktop.overflow() == []
    desktop.body.evaluate("body => { body.style.minWidth = '4000px' }")
    assert desktop.overflow() != []
