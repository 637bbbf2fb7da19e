"""``python -m tests.browser.screenshots FOLDER``: pictures to look at, light and dark, 1280 and 390 px wide."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import scenes, scenes_history
from tests.browser.chromium import DESKTOP, HOW_TO_GET, PHONE, Device, find_chromium, launch
from tests.browser.scripts import MODEL, broken, gated
from tests.browser.stage import Stage, set_stage
from tests.browser.visitor import PATIENCE, Visitor
from tests.browser.watch import Watch
from tests.site import Person
from tests.upstream.fixtures import running_upstream
from tests.upstream.steps import answer as reply
from tests.upstream.steps import error

SCHEMES = ("light", "dark")
TITLES = [
    "Plan for the autumn workshop",
    "Why does this query scan the whole table?",
    "A letter to the neighbours about the bicycle shed",
    "Übersetzung des Vertrags, zweiter Teil",
    "Regular expression for house numbers",
]
FIRST = [
    "Three things decide it.\n\n",
    "1. **The index** has to begin with the column that is compared.\n2. The types have to match.\n",
    "3. The table has to be large enough.\n\n```sql\nSELECT id, title\nFROM conversation\nWHERE owner_id = 4",
]
ADMIN = {
    "admin": "/admin/",
    "admin-providers": "/admin/conversations/provider/",
    "admin-provider": "/admin/conversations/provider/add/",
    "admin-models": "/admin/conversations/languagemodel/",
    "admin-model": "/admin/conversations/languagemodel/add/",
    "admin-catalogue": "/admin/conversations/languagemodel/catalogue/",
    "admin-parameters": "/admin/conversations/parameterrule/",
    "admin-usage": "/admin/conversations/usage/totals/",
    "admin-people": "/admin/conversations/user/",
}


@dataclass
class Camera:
    browser: Browser
    stage: Stage
    folder: Path

    @contextmanager
    def visitor(self, device: Device, scheme: str, person: Person | None) -> Iterator[Visitor]:
        wanted: dict[str, Any] = {"color_scheme": scheme}
        context = self.browser.new_context(**device.options, **wanted)
        context.set_default_timeout(PATIENCE)
        if person:
            context.add_cookies([{"name": "session", "value": person.session, "url": self.stage.url}])
        watch = Watch(context, self.stage.url)
        someone = person or Person("nobody", 0, "")
        try:
            yield Visitor(context.new_page(), context, self.stage, someone, device, watch)
        finally:
            context.close()

    def take(self, visitor: Visitor, name: str, scheme: str) -> None:
        path = self.folder / f"{name}-{visitor.device.name}-{scheme}.png"
        visitor.page.screenshot(path=path, scale="css")
        print(path, flush=True)


def sign_in(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.stage.url}/sign-in/")


def empty_chat(visitor: Visitor) -> None:
    visitor.open(model="demo")


def running(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, gated(FIRST, [";\n```\n"]))
    visitor.open(model=MODEL).send("Why does this query not use the index?")
    expect(visitor.body).to_contain_text("owner_id = 4")


def reconnecting(visitor: Visitor) -> None:
    running(visitor)
    visitor.stage.network.hold()
    visitor.stage.network.cut()
    expect(visitor.page.locator(".status")).to_contain_text("Reconnecting")


def offline(visitor: Visitor) -> None:
    visitor.open().ask("Before the train enters the tunnel")
    visitor.context.set_offline(True)
    visitor.send("Written in the tunnel")
    expect(visitor.page.locator(".status")).to_contain_text("Offline")


def failed(visitor: Visitor) -> None:
    upstream = visitor.stage.upstream
    upstream.script(MODEL, broken("The first half of an answer, before the connection"), times=1)
    upstream.script(MODEL, [reply(401, error("Incorrect API key provided: sk-…", code="invalid_api_key"))], times=1)
    visitor.open(model=MODEL).send("Begin")
    visitor.wait_for("interrupted")
    visitor.send("And now?")
    expect(visitor.answers).to_have_count(2)
    visitor.wait_for("failed")


def sidebar(visitor: Visitor) -> None:
    titles = [f"{TITLES[number % len(TITLES)]} {number + 1}" for number in range(60)]
    first = visitor.stage.conversations(visitor.person, titles)[0]
    visitor.open(f"/conversations/{first}/").open_sidebar()


def sidebar_menu(visitor: Visitor) -> None:
    sidebar(visitor)
    visitor.menu(visitor.page.locator(".row").nth(2))


def picker(visitor: Visitor) -> None:
    visitor.open()
    visitor.press(visitor.page.locator("#picker-button"))


def nothing(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.stage.url}/conversations/nothing/")


SCENES: dict[str, Callable[[Visitor], None]] = {
    "sign-in": sign_in,
    "empty": empty_chat,
    "running": running,
    "failed": failed,
    "reconnecting": reconnecting,
    "offline": offline,
    "sidebar": sidebar,
    "sidebar-menu": sidebar_menu,
    "picker": picker,
    "nothing": nothing,
    **scenes.SCENES,
    **scenes_history.SCENES,
}


def tour(camera: Camera, device: Device, scheme: str) -> None:
    """A finished long answer, from its beginning to its end."""
    with camera.visitor(device, scheme, camera.stage.person()) as visitor:
        visitor.open(model="demo").ask("Show me everything an answer can contain")
        log = visitor.page.locator(".log")
        for number in range(6):
            log.evaluate("(log, part) => { log.scrollTop = part * log.clientHeight * 0.9 }", number)
            camera.take(visitor, f"answer-{number}", scheme)


def shoot(camera: Camera, device: Device, scheme: str, wanted: set[str]) -> None:
    for name, scene in SCENES.items():
        if wanted and name not in wanted:
            continue
        camera.stage.upstream.reset()
        person = None if name == "sign-in" else camera.stage.person()
        with camera.visitor(device, scheme, person) as visitor:
            scene(visitor)
            visitor.page.wait_for_timeout(400)  # what slides or fades has arrived
            camera.take(visitor, name, scheme)
        camera.stage.network.release()
    if not wanted or "answer" in wanted:
        tour(camera, device, scheme)
    if not wanted or "admin" in wanted:
        with camera.visitor(device, scheme, camera.stage.person(is_admin=True)) as visitor:
            for name, path in ADMIN.items():
                visitor.page.goto(camera.stage.url + path)
                camera.take(visitor, name, scheme)


def main(folder: Path, wanted: set[str]) -> None:
    program = find_chromium()
    if not program:
        sys.exit(HOW_TO_GET)
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with ExitStack() as stack:
        upstream = stack.enter_context(running_upstream())
        stage = stack.enter_context(set_stage(upstream))
        browser = launch(stack.enter_context(sync_playwright()), program)
        for device in (DESKTOP, PHONE):
            for scheme in SCHEMES:
                shoot(Camera(browser, stage, folder), device, scheme, wanted)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"{__doc__}\nNames after the folder choose some: {', '.join([*SCENES, 'answer', 'admin'])}")
    main(Path(sys.argv[1]), set(sys.argv[2:]))
