"""A person at a browser: what the tests do and see, in the words of the interface."""

import re
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.chromium import Device
from tests.browser.stage import Stage
from tests.browser.watch import Watch
from tests.site import Person

PATIENCE = 30_000  # ms; the machine may be busy


@dataclass
class Visitor:
    """One tab. ``second_tab()`` is another one of the same person in the same browser."""

    page: Page
    context: BrowserContext
    stage: Stage
    person: Person
    device: Device
    watch: Watch

    def open(self, path: str = "/", *, model: str = "") -> "Visitor":
        """Go there and wait for the connection; ``model`` is a wire name."""
        self.page.goto(self.stage.url + path + (f"?model={self.stage.models[model]}" if model else ""))
        self.connected()
        return self

    def connected(self) -> None:
        """The page's script has come and its socket is open."""
        self.page.evaluate(
            """async () => { const { socket } = await import("socket");
            while (socket.state !== "open") await new Promise(resolve => setTimeout(resolve, 20)); }"""
        )

    def second_tab(self, path: str = "") -> "Visitor":
        """Another tab, at the same page unless told. It stands in front: see ``to_front``."""
        page = self.context.new_page()
        tab = Visitor(page, self.context, self.stage, self.person, self.device, self.watch)
        return tab.open(path or self.path)

    def to_front(self) -> None:
        """Look at this tab again. The ones behind it draw rarely: to click in one takes seconds."""
        self.page.bring_to_front()

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.stage.url)

    @property
    def conversation(self) -> str:
        """Id of the open conversation; waits until there is one."""
        found = self.page.locator("chat-conversation")
        expect(found).to_have_attribute("data-conversation", re.compile("."))
        return found.get_attribute("data-conversation") or ""

    @property
    def field(self) -> Locator:
        return self.page.locator("#composer-text")

    @property
    def answers(self) -> Locator:
        return self.page.locator("article.message--answer")

    @property
    def questions(self) -> Locator:
        return self.page.locator("article.message--person")

    @property
    def said(self) -> Locator:
        """The texts of the person's messages."""
        return self.questions.locator(".message__body")

    @property
    def answer(self) -> Locator:
        """The last one."""
        return self.answers.last

    @property
    def body(self) -> Locator:
        return self.answer.locator(".message__body")

    def send(self, text: str) -> None:
        self.field.fill(text)
        self.press_send()

    def press_send(self) -> None:
        if self.device.is_phone:
            self.page.get_by_role("button", name="Send", exact=True).tap()
        else:
            self.field.press("Enter")

    def ask(self, text: str = "Hello") -> None:
        """Send, and wait for the whole answer."""
        count = self.answers.count()
        self.send(text)
        expect(self.answers).to_have_count(count + 1)
        self.wait_for("complete")

    def wait_for(self, status: str) -> None:
        """Wait until the last answer has this status."""
        expect(self.answer).to_have_attribute("data-status", status, timeout=2 * PATIENCE)

    def html(self) -> str:
        """Of the last answer's body, as the page has it."""
        html: str = self.body.evaluate("body => body.innerHTML")
        return html

    def reload(self) -> None:
        self.page.reload()
        self.connected()

    def press(self, target: Locator) -> None:
        """Click, or tap where there is no mouse."""
        if self.device.is_phone:
            target.tap()
        else:
            target.click()

    def act(self, article: Locator, name: str) -> None:
        """Press a button in the foot of a message, which a mouse has to point at first."""
        if not self.device.is_phone:
            article.hover()
        self.press(article.get_by_role("button", name=name, exact=True))

    def open_sidebar(self) -> Locator:
        """The sidebar, slid in where it is not there already."""
        sidebar = self.page.locator("#sidebar")
        if self.device.is_phone and not sidebar.is_visible():
            self.page.get_by_role("button", name="Conversations", exact=True).tap()
        expect(sidebar).to_be_visible()
        return sidebar

    def row(self, title: str) -> Locator:
        return self.page.locator(".row").filter(has_text=title)

    def menu(self, of: str | Locator) -> Locator:
        """The menu of a conversation in the sidebar, opened; named by its title or its row."""
        row = self.row(of) if isinstance(of, str) else of
        if not self.device.is_phone:
            row.hover()
        self.press(row.locator(".row__menu"))
        menu = row.locator(".menu")
        expect(menu).to_be_visible()
        return menu

    def overflow(self) -> list[str]:
        """What makes the page scroll sideways; empty if it does not."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll(".log, html, body, main")]
                .every(e => e.scrollWidth <= Math.min(e.clientWidth, innerWidth) + 1) ? [] :
              [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                .map(e => `${e.nodeName}.${e.className}`).slice(0, 10).concat("overflows")"""
        )
        return found
