"""The browser, the stage, and one visitor for each test: what the page did wrong fails the test at its end."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chromium import DESKTOP, HOW_TO_GET, PHONE, Device, find_chromium, launch
from tests.browser.stage import Stage, set_stage
from tests.browser.visitor import PATIENCE, Visitor
from tests.browser.watch import Watch
from tests.site import Person
from tests.upstream.fixtures import Upstream

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium. Not for the whole run: while Playwright is there, this thread has a running event loop."""
    program = find_chromium()
    if not program:
        if os.environ.get("CI"):
            pytest.fail(HOW_TO_GET, pytrace=False)
        pytest.skip(HOW_TO_GET)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = launch(playwright, program)
        yield started
        started.close()


@pytest.fixture(scope="package")
def world(upstream_process: Upstream) -> Iterator[Stage]:
    with set_stage(upstream_process) as stage:
        yield stage


@pytest.fixture
def stage(world: Stage, upstream: Upstream) -> Iterator[Stage]:
    """The running site, with an upstream that has forgotten all scripts and requests."""
    yield world
    world.network.release()


@pytest.fixture
def new_visitor(browser: Browser, stage: Stage) -> Iterator[NewVisitor]:
    """Makes visitors. At the end of the test none may have broken a rule of ``Watch``."""
    visitors: list[Visitor] = []

    def make(
        device: Device = DESKTOP,
        *,
        person: Person | None = None,
        cookie: bool = True,
        site_url: str = "",
        **options: Any,
    ) -> Visitor:
        person = person or stage.person()
        context = browser.new_context(**device.options, **options)
        context.set_default_timeout(PATIENCE)
        if cookie:
            context.add_cookies([{"name": "session", "value": person.session, "url": stage.url}])
        watch = Watch(context, site_url or stage.url)
        visitors.append(Visitor(context.new_page(), context, stage, person, device, watch))
        return visitors[-1]

    yield make
    complaints = [complaint for visitor in visitors for complaint in visitor.watch.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert complaints == []


@pytest.fixture(params=[DESKTOP, PHONE], ids=lambda device: device.name)
def device(request: pytest.FixtureRequest) -> Device:
    chosen: Device = request.param
    return chosen


@pytest.fixture
def visitor(new_visitor: NewVisitor, device: Device) -> Visitor:
    """Somebody signed in, once at a desktop and once with a phone."""
    return new_visitor(device)


@pytest.fixture
def desktop(new_visitor: NewVisitor) -> Visitor:
    return new_visitor(DESKTOP)


@pytest.fixture
def phone(new_visitor: NewVisitor) -> Visitor:
    return new_visitor(PHONE)
