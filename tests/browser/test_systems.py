"""The five systems of the model notes (§1), from the page to the wire: every example kind, in every request format.

The fake upstream plays each system strictly: a path, header or field the real one would refuse is answered by 400, and
the answer on the page would have failed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.site import new_name

pytestmark = pytest.mark.browser

CLOUDFLARE = "/cloudflare/client/v4/accounts/acc/ai/v1"
_IMPORT = """
from conversations.actions.catalogue import import_entries
from conversations.models import Provider, User
provider = Provider(name=name, kind=kind, base_url=url)
provider.set_key("sk-systems")
provider.save()
row = import_entries(User.objects.filter(is_superuser=True).first(), provider, [f"{kind}/{wire_name}"])[0]
row.shutdown_on = None  # what it takes is tested on every day
row.save()
result = str(row.pk)
"""


@dataclass(frozen=True)
class System:
    """A model as a kind of provider serves it, in one of its formats, and where its wire format keeps things."""

    kind: str
    prefix: str
    wire_name: str
    format: str
    path: str

    def __str__(self) -> str:
        return f"{self.kind}-{self.wire_name.rpartition('/')[2]}-{self.format}"

    @property
    def system_name(self) -> str:
        return "instructions" if self.format == "responses" else "system_prompt"

    @property
    def length_name(self) -> str:
        return "max_output_tokens" if self.format == "responses" else "max_completion_tokens"

    def turns(self, body: dict[str, Any]) -> list[tuple[str, str]]:
        """Role and text of what was sent, without the system text."""
        if self.format == "form":
            return [("user", body["prompt"])]
        items = body["input" if self.format == "responses" else "messages"]
        return [(item["role"], item["content"]) for item in items if item["role"] not in {"system", "developer"}]

    def system_text(self, body: dict[str, Any]) -> str | None:
        if self.format != "chat_completions":
            found: str | None = body.get(self.system_name)
            return found
        return next((m["content"] for m in body["messages"] if m["role"] in {"system", "developer"}), None)


def _both(kind: str, prefix: str, wire_name: str) -> list[System]:
    return [
        System(kind, prefix, wire_name, "chat_completions", f"{prefix}/chat/completions"),
        System(kind, prefix, wire_name, "responses", f"{prefix}/responses"),
    ]


SYSTEMS = [
    *_both("cloudflare", CLOUDFLARE, "openai/gpt-4.1"),
    *_both("cloudflare", CLOUDFLARE, "openai/gpt-4.1-mini"),
    *_both("cloudflare", CLOUDFLARE, "openai/gpt-4.1-nano"),
    *_both("cloudflare", CLOUDFLARE, "openai/gpt-5.4"),
    System("aggregator", "/aggregator/v1", "gpt-4.1", "form", "/aggregator/v1/chat/completions"),
    *_both("openai", "/openai/v1", "gpt-4.1"),
    *_both("openai", "/openai/v1", "gpt-4.1-mini"),
    *_both("openai", "/openai/v1", "gpt-4.1-nano"),
    *_both("openai", "/openai/v1", "gpt-5.4"),
]
Begin = Callable[[], Visitor]


@pytest.fixture(params=SYSTEMS, ids=str)
def system(request: pytest.FixtureRequest) -> System:
    chosen: System = request.param
    return chosen


@pytest.fixture
def begin(desktop: Visitor, system: System) -> Begin:
    """Opens a new conversation with the system's model, the inspector beside it, in the system's format."""
    stage = desktop.stage
    values = {"kind": system.kind, "wire_name": system.wire_name, "name": new_name("system")}
    model = stage.backstage.run(_IMPORT, url=stage.upstream.at(system.prefix), **values)

    def open_new() -> Visitor:
        desktop.open(f"/?model={model}")
        if not desktop.stage.upstream.requests():  # later the page remembers that it is open
            desktop.page.keyboard.press("Control+i")
        inner = desktop.page.locator(".inspector__inner")
        expect(inner).to_be_visible()
        wanted = inner.locator(f'input[name="format"][value="{system.format}"][type="radio"]')
        if wanted.count() and not wanted.is_checked():
            wanted.check(force=True)  # the label covers it
        expect(desktop.page.locator(f'.inspector__inner[data-format="{system.format}"]')).to_be_visible()
        return desktop

    return open_new


def _set(tab: Visitor, name: str, value: str) -> None:
    field = tab.page.locator(f'[data-name="{name}"] :is(textarea, input[type="text"])').first
    if not field.is_visible():
        tab.page.locator(".inspector summary", has_text="More").click()
    field.fill(value)


def _body(tab: Visitor, system: System) -> dict[str, Any]:
    """Of the newest request, which went where the system listens."""
    request = tab.stage.upstream.requests()[-1]
    assert request["path"] == system.path
    body: dict[str, Any] = request["body"]
    assert body.get("model", "gpt-4.1") == system.wire_name
    return body


def test_the_five_kinds_of_examples(begin: Begin, system: System) -> None:
    tab = begin()
    tab.ask("What is a tide?")  # plain, and streaming with usage
    body = _body(tab, system)
    assert system.turns(body) == [("user", "What is a tide?")]
    assert system.system_text(body) is None
    assert body["stream"] is True
    if system.format == "chat_completions":
        assert body["stream_options"] == {"include_usage": True}
    meta = tab.answer.locator(".message__meta").inner_text()
    assert "tokens" in meta
    assert "≈" not in meta, "the provider's own count is shown"

    tab.ask("And a spring tide?")  # multi-turn
    turns = system.turns(_body(tab, system))
    if system.format == "form":
        assert "What is a tide?" in turns[0][1]
        assert turns[0][1].rstrip().endswith("And a spring tide?")
    else:
        assert [role for role, _ in turns] == ["user", "assistant", "user"]

    tab = begin()
    _set(tab, system.system_name, "Answer like a sailor.")  # with system message
    _set(tab, system.length_name, "2048")
    tab.ask("Write a long story about the sea.")  # creative writing
    body = _body(tab, system)
    assert system.system_text(body) == "Answer like a sailor."
    assert body[system.length_name] == 2048
    assert system.turns(body) == [("user", "Write a long story about the sea.")]
