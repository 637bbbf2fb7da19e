"""The inspector in the browser: every control, by keyboard and thumb, live; providers are asked for answers alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import examine
from tests.browser.chromium import DESKTOP
from tests.browser.conftest import NewVisitor
from tests.browser.stage import Stage
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

_SYSTEMS = """
from conversations.models import LanguageModel, Provider
from conversations.schemas.catalogue import entry
provider, is_new = Provider.objects.get_or_create(name="OpenAI", defaults={"kind": "openai", "base_url": url})
provider.base_url = url
provider.set_key("sk-secret-of-the-site")
provider.save()
result = {}
for name in ("gpt-4.1", "gpt-5.4"):
    found = entry(f"openai/{name}")
    row = {key: value for key, value in found.row().items() if value is not None}
    row |= {"catalogue_key": found.key}
    model, _ = LanguageModel.objects.get_or_create(provider=provider, wire_name=name, defaults=row)
    result[name] = str(model.pk)
"""
_RULES = """
from conversations.models import LanguageModel, ParameterRule, Provider
provider = Provider.objects.get(name="OpenAI")
model, _ = LanguageModel.objects.get_or_create(provider=provider, wire_name="gpt-4.1-mini", defaults={"name": "Ruled"})
ParameterRule.objects.get_or_create(model=model, name="temperature", defaults={"mode": "fixed", "value": 0.2})
ParameterRule.objects.get_or_create(model=model, name="seed", defaults={"mode": "hidden", "value": 7})
result = str(model.pk)
"""
_CHOSEN = """
from conversations.models import Conversation
result = Conversation.objects.get(pk=pk).parameters
"""


@pytest.fixture(autouse=True)
def _systems(stage: Stage) -> None:
    stage.models |= stage.backstage.run(_SYSTEMS, url=stage.upstream.at("/openai/v1"))
    stage.models["ruled"] = stage.backstage.run(_RULES)


def opened(visitor: Visitor, model: str = "gpt-4.1", path: str = "/") -> Locator:
    """The inspector of a page, once its form is there."""
    visitor.open(path, model=model)
    visitor.press(visitor.page.get_by_role("link", name="Inspector"))
    inspector = visitor.page.get_by_role("complementary", name="Inspector")
    expect(inspector.locator("form")).to_be_visible()
    return inspector


def row(inspector: Locator, name: str) -> Locator:
    return inspector.locator(f'.param[data-name="{name}"]')


def show_all(inspector: Locator) -> None:
    inspector.locator("summary", has_text="More").click()


def chosen(visitor: Visitor) -> dict[str, Any]:
    """What the conversation has, in the database."""
    found: dict[str, Any] = visitor.stage.backstage.run(_CHOSEN, pk=visitor.conversation)
    return found


def set_every_control(inspector: Locator) -> None:
    show_all(inspector)
    row(inspector, "system_prompt").get_by_role("textbox").fill("You are terse.")
    slider = row(inspector, "temperature").get_by_role("slider")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowRight")
    row(inspector, "max_completion_tokens").get_by_role("textbox").fill("300")
    row(inspector, "stream").get_by_role("radio", name="Off").check()
    row(inspector, "service_tier").get_by_role("combobox").select_option(label="flex")
    row(inspector, "stop").get_by_role("textbox").first.fill(r"END\n")
    row(inspector, "stop").get_by_role("textbox").nth(1).fill("STOP")
    row(inspector, "metadata").get_by_role("textbox", name="Metadata: name 1").fill("team")
    row(inspector, "metadata").get_by_role("textbox", name="Metadata: text 1").fill("blue")
    row(inspector, "response_format").get_by_label("kind").select_option("json_schema")
    row(inspector, "response_format").get_by_label("Start from a template").select_option(index=1)
    row(inspector, "tools").get_by_label("Add a tool from a template").select_option(index=1)
    row(inspector, "parallel_tool_calls").get_by_role("radio", name="Off").check()
    row(inspector, "tool_choice").get_by_role("combobox").select_option(label="none")
    row(inspector, "seed").get_by_role("textbox").fill("11")


def test_every_kind_of_control_arrives_upstream_under_its_name_with_its_type(visitor: Visitor) -> None:
    inspector = opened(visitor)
    set_every_control(inspector)
    expect(inspector.locator(".param__error")).to_have_count(0)
    expect(row(inspector, "seed")).to_contain_text("This conversation")
    if visitor.device.is_phone:
        visitor.page.get_by_role("button", name="Close inspector").tap()
    visitor.send("Hello")
    visitor.wait_for("complete")
    body = visitor.stage.upstream.requests()[-1]["body"]
    assert body["messages"][0] == {"role": "system", "content": "You are terse."}
    wanted = {
        "temperature": 1.2, "max_completion_tokens": 300, "stream": False, "service_tier": "flex",
        "stop": ["END\n", "STOP"], "metadata": {"team": "blue"}, "parallel_tool_calls": False, "tool_choice": "none",
        "seed": 11,
    }  # fmt: skip
    assert {name: body.get(name) for name in wanted} == wanted
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["tools"][0]["function"]["name"] == "get_weather"
    kept = chosen(visitor)
    assert {name: kept.get(name) for name in wanted} == wanted


def test_what_is_changed_is_kept_with_the_conversation_at_once(desktop: Visitor) -> None:
    desktop.open(model="gpt-4.1").ask("Hello")
    desktop.page.keyboard.press("Control+i")
    inspector = desktop.page.get_by_role("complementary", name="Inspector")
    field = row(inspector, "temperature").get_by_role("textbox")
    field.fill("0.4")
    expect(row(inspector, "temperature")).to_contain_text("This conversation")
    assert chosen(desktop) == {"temperature": 0.4}
    row(inspector, "temperature").get_by_role("button", name="Reset Temperature").click()
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    expect(row(inspector, "temperature")).to_contain_text("The model's default")
    assert chosen(desktop) == {}
    assert len(desktop.stage.upstream.requests()) == 1


def test_what_is_written_in_a_field_is_never_taken_away(desktop: Visitor) -> None:
    inspector = opened(desktop)
    field = row(inspector, "temperature").get_by_role("textbox")
    field.press_sequentially("0.50", delay=150)
    expect(row(inspector, "temperature")).to_contain_text("This conversation")
    expect(field).to_have_value("0.50")
    expect(field).to_be_focused()


def test_a_refused_value_keeps_the_draft_and_leads_to_its_field(desktop: Visitor) -> None:
    inspector = opened(desktop)
    field = row(inspector, "temperature").get_by_role("textbox")
    field.fill("9")
    expect(row(inspector, "temperature").get_by_text("Temperature must be between 0 and 2.")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    desktop.send("Don't lose this")
    expect(desktop.page.locator(".composer__error")).to_have_text("Temperature must be between 0 and 2.")
    expect(desktop.field).to_have_value("Don't lose this")
    expect(field).to_be_focused()
    assert desktop.stage.upstream.requests() == []
    field.fill("0.9")
    expect(row(inspector, "temperature").locator(".param__error")).to_have_count(0)
    desktop.press_send()
    desktop.wait_for("complete")
    assert desktop.stage.upstream.requests()[-1]["body"]["temperature"] == 0.9


def test_locked_values_say_why_and_hidden_ones_are_not_there(desktop: Visitor) -> None:
    inspector = opened(desktop, "ruled")
    expect(row(inspector, "temperature")).to_contain_text("Temperature is set by your admin to 0.2.")
    expect(row(inspector, "temperature").get_by_role("textbox")).to_have_count(0)
    expect(row(inspector, "seed")).to_have_count(0)


def choose(visitor: Visitor, name: str) -> None:
    visitor.page.locator("#picker-button").click()
    visitor.page.get_by_role("option").filter(has_text=name).first.click()


def test_another_model_changes_form_and_request_in_one_round_trip_and_asks_nobody(desktop: Visitor) -> None:
    inspector = opened(desktop)
    show_all(inspector)
    row(inspector, "stop").get_by_role("textbox").first.fill("END")
    row(inspector, "max_completion_tokens").get_by_role("textbox").fill("77")
    expect(row(inspector, "max_completion_tokens")).to_contain_text("This conversation")
    inspector.get_by_role("tab", name="Request").click()
    expect(inspector.locator("chat-request")).to_contain_text('"model": "gpt-4.1"')
    asked: list[str] = []
    desktop.page.on("request", lambda request: asked.append(request.url) if "/static/" not in request.url else None)
    choose(desktop, "GPT-5.4")
    expect(inspector.locator("chat-request")).to_contain_text('"model": "gpt-5.4"')
    expect(inspector.locator("chat-request")).to_contain_text('"max_completion_tokens": 77')
    assert len(asked) == 1, asked
    inspector.get_by_role("tab", name="Parameters").click()
    expect(inspector.locator(".left-out")).to_contain_text("This model does not take Stop at.")
    expect(row(inspector, "reasoning_effort")).to_be_visible()
    expect(row(inspector, "stop")).to_have_count(0)
    assert desktop.stage.upstream.requests() == []


def test_values_come_along_though_the_inspector_is_closed(desktop: Visitor) -> None:
    inspector = opened(desktop)
    show_all(inspector)
    row(inspector, "stop").get_by_role("textbox").first.fill("END")
    desktop.ask("Hello")
    desktop.page.keyboard.press("Control+i")
    expect(inspector).to_be_hidden()
    desktop.reload()
    choose(desktop, "GPT-5.4")
    expect(desktop.page.locator(".toast")).to_contain_text("This model does not take Stop at.")
    desktop.ask("And now?")
    assert "stop" not in desktop.stage.upstream.requests()[-1]["body"]


def test_another_format_changes_the_form(desktop: Visitor) -> None:
    inspector = opened(desktop, "gpt-5.4")
    row(inspector, "reasoning_effort").get_by_role("combobox").select_option(label="low")
    expect(row(inspector, "temperature")).to_be_visible()
    inspector.get_by_role("radio", name="Responses").check()
    expect(row(inspector, "reasoning.effort").get_by_role("combobox")).to_have_value('"low"')
    desktop.ask("Hello")
    request = desktop.stage.upstream.requests()[-1]
    assert request["path"].endswith("/responses")
    assert request["body"]["reasoning"]["effort"] == "low"


def test_the_request_follows_the_composer_and_is_copied_whole(desktop: Visitor) -> None:
    desktop.context.grant_permissions(["clipboard-read", "clipboard-write"])
    inspector = opened(desktop)
    inspector.get_by_role("tab", name="Request").click()
    code = inspector.locator("chat-request")
    expect(code).to_contain_text("What can you do for me?")
    desktop.field.fill("Why is the sky blue? " + "x" * 2000)
    expect(code).to_contain_text("Why is the sky blue?")
    expect(code).to_contain_text("more characters")
    code.get_by_label("Language").select_option(label="Python (openai)")
    expect(code).to_contain_text("client.chat.completions.create")
    code.get_by_role("button", name="Copy").click()
    expect(desktop.page.locator("#announcer")).to_have_text("Copied.")
    copied = desktop.page.evaluate("navigator.clipboard.readText()")
    assert "x" * 2000 in copied
    assert "sk-secret-of-the-site" not in copied + code.inner_text()
    assert desktop.stage.upstream.requests() == []


def test_it_stays_open_from_page_to_page_and_moves_nothing(desktop: Visitor) -> None:
    opened(desktop)
    desktop.page.add_init_script(
        """window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(e => {
            if (!e.hadRecentInput) window.shift += e.value; })).observe({type: "layout-shift", buffered: true})"""
    )
    desktop.reload()
    inspector = desktop.page.get_by_role("complementary", name="Inspector")
    expect(inspector.locator("form")).to_be_visible()
    assert desktop.page.evaluate("shift") <= 0.02
    desktop.page.get_by_role("button", name="Close inspector").click()
    expect(inspector).to_be_hidden()
    desktop.reload()
    expect(desktop.page.locator("#inspector")).to_be_hidden()
    assert desktop.page.locator("link[data-inspector]").count() == 0


def test_it_is_used_with_the_keyboard_alone(desktop: Visitor) -> None:
    keyboard, page = desktop.page.keyboard, desktop.open(model="gpt-4.1").page
    keyboard.press("Control+i")
    expect(page.get_by_role("tab", name="Parameters")).to_be_focused()
    keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Model")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Model")).to_be_visible()
    keyboard.press("ArrowLeft")
    for _ in range(60):
        keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('name')") == "p.temperature":
            break
    keyboard.type("0.6")
    expect(row(page.locator("#inspector"), "temperature")).to_contain_text("This conversation")
    keyboard.press("Control+i")
    expect(page.locator("#inspector")).to_be_hidden()
    expect(page.get_by_role("link", name="Inspector")).to_be_focused()
    page.locator("#composer-text").focus()
    keyboard.type("Hello")
    keyboard.press("Enter")
    desktop.wait_for("complete")
    assert desktop.stage.upstream.requests()[-1]["body"]["temperature"] == 0.6


def test_on_a_phone_it_slides_over_and_closes_with_escape(phone: Visitor) -> None:
    inspector = opened(phone)
    box = inspector.bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert phone.overflow() == []
    small = phone.page.evaluate(
        """() => [...document.querySelectorAll("#inspector :is(button, a, input, select, summary)")]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert [each for each in small if "checkbox" not in each and 'type="radio"' not in each] == []
    phone.page.keyboard.press("Escape")
    expect(phone.page.locator("#inspector")).to_be_hidden()


def test_an_example_fills_the_composer(visitor: Visitor) -> None:
    inspector = opened(visitor)
    visitor.press(inspector.get_by_role("tab", name="Model"))
    visitor.press(inspector.get_by_role("button", name=re.compile("A plain question")))
    expect(visitor.field).to_have_value(re.compile("ice float"))
    expect(visitor.field).to_be_focused()


def test_axe_finds_nothing_in_any_tab(visitor: Visitor) -> None:
    inspector = opened(visitor, "ruled")
    show_all(inspector)
    row(inspector, "top_p").get_by_role("textbox").fill("9")
    expect(inspector.locator(".param__error")).to_have_count(1)
    examine(visitor, "parameters with a lock and an error")
    for tab in ("Model", "Request"):
        visitor.press(inspector.get_by_role("tab", name=tab))
        expect(inspector.get_by_role("tabpanel", name=tab)).to_be_visible()
        examine(visitor, tab)


def test_the_picker_says_what_models_can_and_until_when(desktop: Visitor) -> None:
    code = """
from conversations.models import LanguageModel
LanguageModel.objects.filter(wire_name="gpt-4.1-mini").update(deprecated_on="2026-01-01", shutdown_on="2026-02-01")
"""
    desktop.stage.backstage.run(code)
    try:
        page = desktop.open().page
        page.locator("#picker-button").click()
        expect(page.get_by_role("option").filter(has_text="GPT-4.1").first).to_contain_text("Images")
        gone = page.get_by_role("option").filter(has_text="Ruled")
        expect(gone).to_contain_text("Shut down since 1 February 2026")
        gone.click(force=True)
        expect(page.locator("#picker")).to_be_visible()
        examine(desktop, "the picker")
    finally:
        desktop.stage.backstage.run(code.replace('"2026-01-01"', "None").replace('"2026-02-01"', "None"))


def test_without_a_script_it_is_a_page_with_a_form(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(DESKTOP, java_script_enabled=False)
    visitor.watch.expect(r"\.js csp$")  # so Chromium names scripts that are switched off
    conversation, _ = visitor.stage.talk(visitor.person, ["Question", "Answer"])
    model = visitor.stage.models["gpt-4.1"]
    visitor.page.goto(f"{visitor.stage.url}/conversations/{conversation}/?model={model}")
    visitor.page.get_by_role("link", name="Inspector").click()
    visitor.page.get_by_label("Maximum answer length", exact=True).fill("50")
    visitor.page.get_by_role("button", name="Save", exact=True).click()
    expect(visitor.page.get_by_label("Maximum answer length", exact=True)).to_have_value("50")
    visitor.page.get_by_role("tab", name="Request").click()
    expect(visitor.page.locator("chat-request")).to_contain_text("TypeScript")
    expect(visitor.page.locator("chat-request")).to_contain_text('"max_completion_tokens": 50')


def test_what_another_tab_has_set_is_there_when_one_comes_back(desktop: Visitor) -> None:
    inspector = opened(desktop)
    desktop.ask("Hello")
    other = desktop.second_tab()
    there = other.page.get_by_role("complementary", name="Inspector")
    row(there, "temperature").get_by_role("textbox").fill("0.4")
    expect(row(there, "temperature")).to_contain_text("This conversation")
    other.page.close()
    desktop.to_front()
    desktop.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # this browser never hides a tab
    expect(row(inspector, "temperature").get_by_role("textbox")).to_have_value("0.4")
