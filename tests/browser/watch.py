"""What a page must not do while a test looks at it: break the CSP, throw, fail a request, or talk to anybody else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError, WebSocket

_REPORT = """
document.addEventListener("securitypolicyviolation", event =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
window.executed = [];
window.alert = window.prompt = window.confirm = text => console.error(`EXECUTED: ${text}`);
"""
_NETWORK_IS_GONE = r"ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|WebSocket connection"
_LEFT_THE_PAGE = "ERR_ABORTED"  # a request that its own page broke off


class Watch:
    """Collects complaints about one browser context; ``expect`` names those that belong to a test."""

    def __init__(self, context: BrowserContext, site_url: str) -> None:
        self._host = urlsplit(site_url).netloc
        self._complaints: list[str] = []
        self._expected = [_LEFT_THE_PAGE]
        context.add_init_script(_REPORT)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)
        context.on("page", self._page)

    def expect(self, pattern: str) -> None:
        """Complaints that match this regular expression are part of the test."""
        self._expected.append(pattern)

    def expect_network_loss(self) -> None:
        self.expect(_NETWORK_IS_GONE)

    @contextmanager
    def looking_away(self) -> Iterator[None]:
        """For tools that a test brings into the page: what they do is not the page's doing."""
        count = len(self._complaints)
        yield
        del self._complaints[count:]

    @property
    def complaints(self) -> list[str]:
        return [text for text in self._complaints if not any(re.search(each, text) for each in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self._complaints.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def _error(self, error: WebError) -> None:
        self._complaints.append(f"uncaught: {error.error}")

    def _check_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != self._host:
            self._complaints.append(f"foreign request: {url}")

    def _request(self, request: Request) -> None:
        self._check_host(request.url)

    def _failed(self, request: Request) -> None:
        self._complaints.append(f"failed: {request.method} {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._complaints.append(f"status {response.status}: {response.request.method} {response.url}")

    def _page(self, page: Page) -> None:
        page.on("websocket", self._socket)

    def _socket(self, socket: WebSocket) -> None:
        self._check_host(socket.url)
