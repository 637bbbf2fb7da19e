"""The chat page in a cold Chromium against the budgets of the interface: weight, requests, first paint, shift, tasks.

``python -m tests.benchmarks.bench_page``. Times are this machine's; a line says which budget it is held against. Layout
shift is counted as Cumulative Layout Shift is: the worst window of at most 5 s with gaps below 1 s.
"""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.site import Person, Site, running_site
from tests.upstream.fixtures import running_upstream

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
COLD_LOADS = 7
OBSERVE = """
window.seen = {shift: 0, sum: 0, longest: 0, paint: 0, usable: 0};
let first = 0, last = 0, current = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) {
  if (e.startTime - last > 1000 || e.startTime - first > 5000) { first = e.startTime; current = 0; }
  last = e.startTime; current += e.value; seen.sum += e.value; seen.shift = Math.max(seen.shift, current);
} }).observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries())
  seen.longest = Math.max(seen.longest, e.duration); }).observe({type: "longtask", buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries())
  if (e.name === "first-contentful-paint") seen.paint = e.startTime; }).observe({type: "paint", buffered: true});
(function look() {
  if (document.querySelector("chat-composer:defined textarea"))
    seen.usable ||= performance.now();
  else requestAnimationFrame(look);
})();
"""
FILL = """
import datetime
from conversations.models import Conversation, Message, User
user = User.objects.get(pk=user_id)
conversation = Conversation.objects.create(owner=user, title="A thousand messages")
rows, parent = [], None
for number in range(1000):
    answer = bool(number % 2)
    text = f"Answer {number} with **bold**, `code` and\\n\\n- a list\\n- of two" if answer else f"Question {number}?"
    parent = Message(conversation=conversation, parent=parent, role="assistant" if answer else "user", text=text)
    rows.append(parent)
Message.objects.bulk_create(rows)
Conversation.objects.filter(pk=conversation.pk).update(selected_leaf=parent)
for number in range(60):
    Conversation.objects.create(owner=user, title=f"An older conversation about something, number {number}")
result = str(conversation.pk)
"""


def line(name: str, value: float, budget: float, unit: str) -> None:
    verdict = "ok" if value <= budget else "OVER"
    print(f"{name:58} {value:9.2f} {unit:4} budget {budget:g} {verdict}", flush=True)


class Wire:
    """What a page loads, as the network saw it."""

    def __init__(self, page: Page) -> None:
        self.requests, self.weights, self._kinds = 0, {"Script": 0.0, "Stylesheet": 0.0}, dict[str, str]()
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self.session.on("Network.responseReceived", self._received)
        self.session.on("Network.loadingFinished", self._finished)

    def _received(self, event: dict[str, Any]) -> None:
        self.requests += 1
        self._kinds[event["requestId"]] = event["type"]

    def _finished(self, event: dict[str, Any]) -> None:
        kind = self._kinds.get(event["requestId"], "")
        if kind in self.weights:
            self.weights[kind] += event["encodedDataLength"]


@contextmanager
def visitor(browser: Browser, site: Site, person: Person) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies([{"name": "session", "value": person.session, "url": site.url}])
    context.add_init_script(OBSERVE)
    try:
        yield context.new_page()
    finally:
        context.close()


def cold_loads(browser: Browser, site: Site, person: Person) -> None:
    paints, usables, wire, shift = [], [], None, 0.0
    for _ in range(COLD_LOADS):
        with visitor(browser, site, person) as page:
            wire = Wire(page)
            page.goto(site.url, wait_until="networkidle")
            seen = page.evaluate("seen")
            paints.append(seen["paint"])
            usables.append(seen["usable"])
            shift = max(shift, seen["shift"])
    assert wire is not None
    weight = sum(wire.weights.values()) / 1000
    line("script + style of the chat page, compressed", weight, 60, "kB")
    line("requests of the chat page", wire.requests, 15, "")
    line(f"first contentful paint (median of {COLD_LOADS})", statistics.median(paints), 300, "ms")
    line(f"composer usable (median of {COLD_LOADS})", statistics.median(usables), 400, "ms")
    line("layout shift over the load", shift, 0.02, "")


def long_stream(browser: Browser, site: Site, person: Person, model: str) -> None:
    with visitor(browser, site, person) as page:
        page.goto(f"{site.url}/?model={model}", wait_until="networkidle")
        page.locator("chat-composer textarea").fill("Write a long answer.")
        page.keyboard.press("Enter")
        page.wait_for_selector(".message--answer .message__body p", timeout=20_000)
        waits = _type_while_streaming(page)
        page.wait_for_selector('.message--answer[data-status="complete"]', timeout=120_000)
        seen = page.evaluate("seen")
        line(f"layout shift over a whole 6,000-token stream (sum {seen['sum']:.3f})", seen["shift"], 0.02, "")
        line("longest main-thread task of that stream", seen["longest"], 50, "ms")
        line(f"keypress to paint while streaming, p95 of {len(waits)}", sorted(waits)[len(waits) * 95 // 100], 50, "ms")


def _type_while_streaming(page: Page) -> list[float]:
    """Milliseconds from each keypress to the frame after it."""
    page.evaluate("""() => {
      window.waits = [];
      document.querySelector("chat-composer textarea").addEventListener("keydown", event => {
        requestAnimationFrame(() => { const c = new MessageChannel();
          c.port1.onmessage = () => waits.push(performance.now() - event.timeStamp); c.port2.postMessage(0); });
      });
    }""")
    page.locator("chat-composer textarea").focus()
    page.keyboard.type("typing while the answer streams, for a hundred keys or so, as people do" * 2, delay=60)
    waits: list[float] = page.evaluate("waits")
    return waits


def thousand(browser: Browser, site: Site, person: Person, conversation: str) -> None:
    times = []
    for _ in range(COLD_LOADS):
        with visitor(browser, site, person) as page:
            page.goto(f"{site.url}/conversations/{conversation}/", wait_until="networkidle")
            times.append(page.evaluate("seen")["usable"])
    line("opening a conversation of 1,000 messages", statistics.median(times), 400, "ms")


def main() -> None:
    with running_upstream() as upstream, running_site() as site, sync_playwright() as playwright:
        person = site.add_person("alice")
        model = site.add_models(upstream, "words-6000-100")[0]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        cold_loads(browser, site, person)
        thousand(browser, site, person, site.run(FILL, user_id=person.user_id))
        long_stream(browser, site, person, model)
        browser.close()


if __name__ == "__main__":
    main()
