"""What an answer took, what the conversation has used, and how full the model's window is."""

import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.axe import examine
from tests.browser.visitor import Visitor
from tests.upstream.steps import Step, chunk, done, event, head, words

pytestmark = pytest.mark.browser

_ADD = """
from conversations.models import LanguageModel, Provider
row = Provider.objects.get(name="Upstream")
made = LanguageModel.objects.create(
    provider=row, wire_name=name, name="Small", context_window=1000, overflow=overflow, input_price=2, output_price=8)
result = str(made.pk)
"""


def counted(asked: int, answered: int) -> list[Step]:
    usage = {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}
    last = event({**chunk(), "choices": [], "usage": usage})
    return [head(headers={"x-request-id": "req_9"}), *words("Yes, it is."), *done()[:1], last, event("[DONE]")]


def with_small_model(visitor: Visitor, asked: int, answered: int, *, overflow: str = "refuse") -> Visitor:
    """Open a new conversation with a model that reads 1,000 tokens; the upstream counts so many."""
    name = uuid.uuid4().hex
    visitor.stage.upstream.script(name, counted(asked, answered))
    model = visitor.stage.backstage.run(_ADD, name=name, overflow=overflow)
    visitor.page.goto(f"{visitor.stage.url}/?model={model}")
    visitor.connected()
    return visitor


def test_details_say_what_it_took_and_what_it_cost(visitor: Visitor) -> None:
    with_small_model(visitor, 400, 50).ask("Is it so?")
    visitor.act(visitor.answer, "Details")
    details = visitor.page.get_by_role("dialog", name="Details of this answer")
    for part in ("Small", "400", "50", "$0.0012", "$2.00 in · $8.00 out", "req_9", "This conversation so far", "450"):
        expect(details).to_contain_text(part)
    examine(visitor, "details")
    link = details.get_by_role("link", name="Show request")
    expect(link).to_be_visible()


def test_the_gauge_comes_when_the_window_fills(visitor: Visitor) -> None:
    with_small_model(visitor, 700, 60).ask("Is it so?")
    gauge = visitor.page.locator(".gauge")
    visitor.field.fill("And now?")
    expect(gauge).to_be_hidden()
    visitor.field.fill("And now? " * 30)
    expect(gauge).to_contain_text("About 83 % of what Small can read.")
    expect(gauge).to_contain_text("Beyond that, the message is refused.")
    expect(gauge.get_by_role("meter")).to_have_attribute("aria-valuenow", "83")
    examine(visitor, "gauge")
    visitor.field.fill("And now? " * 200)
    expect(gauge).to_contain_text("As it is, the message is refused.")
    examine(visitor, "full gauge")
    assert visitor.overflow() == []


def test_the_gauge_knows_the_models_strategy_and_is_there_after_a_reload(visitor: Visitor) -> None:
    with_small_model(visitor, 850, 60, overflow="drop_oldest").ask("Is it so?")
    gauge = visitor.page.locator(".gauge")
    expect(gauge).to_contain_text("Beyond that, the oldest messages are left out.")
    visitor.reload()
    expect(gauge).to_contain_text("About 91 %")


def test_a_page_with_room_loads_no_gauge(desktop: Visitor) -> None:
    with_small_model(desktop, 100, 20).ask("Is it so?")
    desktop.reload()
    desktop.field.fill("A short text")
    loaded = desktop.page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name).join()")
    assert "gauge" not in loaded
    assert "again" not in loaded
