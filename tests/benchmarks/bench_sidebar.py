"""The sidebar of somebody with 10,000 conversations among 50,000: time of the server, how it scrolls, and the palette.

``python -m tests.benchmarks.bench_sidebar``. Server times are of whole answers over loopback, one after the other;
frame times are those between two animation frames while the list scrolls at 3,000 px a second for ten seconds. What
the palette is timed for is each keypress up to the painted list of its hits.
"""

import statistics
import time
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.bench_page import CHROMIUM, FLAGS, line, visitor
from tests.site import Person, Site, running_site

ROUNDS = 60
PAGES = 100
FILL = """
from datetime import timedelta
from django.utils import timezone
from conversations import search
from conversations.actions.folders import create_folder
from conversations.models import Conversation, User
now = timezone.now()
user = User.objects.get(pk=user_id)
folders = [create_folder(user, f"Folder {number}") for number in range(20)]
others = [User.objects.create(username=f"other-{number}") for number in range(49)]

def fill(owner, count, title, **values):
    times = [now - timedelta(minutes=47 * number + 1) for number in range(count)]
    rows = [Conversation(owner=owner, title=f"{title} {n}", active_at=at, **values) for n, at in enumerate(times)]
    Conversation.objects.bulk_create(rows, batch_size=1000)
    search.index_conversations([row.pk for row in rows])

fill(user, 8000, "A conversation about something")
for folder in folders:
    fill(user, 90, "Filed", folder=folder)
fill(user, 20, "Pinned", pinned_at=now)
fill(user, 180, "Archived", archived_at=now)
for owner in others:
    fill(owner, 816, "Of somebody else")
result = [folder.pk.hex[-12:] for folder in folders[:5]]
"""
SCROLL = """seconds => new Promise(resolve => {
  const list = document.querySelector(".sidebar__list"), times = [];
  let most = 0, start = 0, before = 0, longest = 0;
  new PerformanceObserver(seen => { for (const e of seen.getEntries()) longest = Math.max(longest, e.duration); })
    .observe({type: "longtask"});
  requestAnimationFrame(function frame(now) {
    start ||= now;
    if (before) times.push(now - before);
    before = now;
    list.scrollTop += 50;
    most = Math.max(most, list.querySelectorAll(".row").length);
    if (now - start < 1000 * seconds) requestAnimationFrame(frame);
    else resolve({times, most, longest, nodes: list.querySelectorAll("*").length, top: list.scrollTop});
  });
})"""

WORDS = "a conversation about"
KEYPRESS_TO_LIST = """() => {
  const field = document.querySelector(".palette__field"), list = document.querySelector(".palette__list");
  let begun = 0;
  window.keypresses = [];
  field.addEventListener("input", () => { begun = performance.now(); });
  new MutationObserver(() => {
    if (list.ariaBusy !== "false" || !begun) return;
    const at = begun; begun = 0;
    requestAnimationFrame(() => setTimeout(() => window.keypresses.push(performance.now() - at)));
  }).observe(list, { attributes: true, attributeFilter: ["aria-busy"] });
}"""


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def server_times(site: Site, person: Person, cookies: dict[str, str]) -> None:
    with httpx.Client(base_url=site.url, cookies=person.cookies | cookies, trust_env=False) as client:
        places = [client.get("/conversations/").headers["X-Next"]]
        while len(places) < PAGES - 1:
            places.append(client.get(places[-1]).headers["X-Next"])
        wanted = {
            "page 1, five folders open": "/conversations/",
            "page 2": places[0],
            "page 100": places[-1],
            "what stands above the days": "/conversations/?part=top",
            "all conversations": "/archive/",
            "all conversations, by title": "/archive/?q=something",
        }
        for name, url in wanted.items():
            times = [_milliseconds(client, url) for _ in range(ROUNDS)]
            line(f"{name}, p95 of {ROUNDS} (median {statistics.median(times):.1f})", percentile(times, 0.95), 30, "ms")


def _milliseconds(client: httpx.Client, url: str) -> float:
    start = time.perf_counter()
    assert client.get(url).status_code == 200
    return 1000 * (time.perf_counter() - start)


def scrolling(browser: Browser, site: Site, person: Person) -> None:
    with visitor(browser, site, person) as page:
        page.goto(site.url, wait_until="networkidle")
        _report("scrolling down", page)
        page.evaluate("document.querySelector('.sidebar__list').scrollTop = 0")
        page.wait_for_load_state("networkidle")
        _report("and again, over what was fetched before", page)


def palette(browser: Browser, site: Site, person: Person) -> None:
    with visitor(browser, site, person) as page:
        page.goto(site.url, wait_until="networkidle")
        page.keyboard.press("Control+k")
        page.get_by_role("dialog").wait_for()
        page.evaluate(KEYPRESS_TO_LIST)
        for count, letter in enumerate(WORDS, start=1):
            page.keyboard.type(letter)
            page.wait_for_function("count => keypresses.length >= count", arg=count)
        times: list[float] = page.evaluate("keypresses")
        name = f"keypress to painted list, latest of {len(times)} (median {statistics.median(times):.0f})"
        line(name, max(times), 100, "ms")


def _report(what: str, page: Page) -> None:
    seen: dict[str, Any] = page.evaluate(SCROLL, 10)
    times: list[float] = seen["times"]
    late = sum(each > 25 for each in times)
    print(f"{what}: {seen['top']:.0f} px, {len(times)} frames, {late} later than 25 ms, {seen['nodes']} elements")
    line(f"{what}: frame time, median", statistics.median(times), 17, "ms")
    line(f"{what}: frame time, p99", percentile(times, 0.99), 34, "ms")
    line(f"{what}: longest task", seen["longest"], 50, "ms")
    line(f"{what}: most rows in the document", seen["most"], 300, "")


def main() -> None:
    with running_site() as site, sync_playwright() as playwright:
        person = site.add_person("alice")
        cookies = {"folders": ".".join(site.run(FILL, user_id=person.user_id))}
        server_times(site, person, cookies)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        scrolling(browser, site, person)
        palette(browser, site, person)
        browser.close()


if __name__ == "__main__":
    main()
