"""Calls of tools as people see them: written before one's eyes, answered, looked at again."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import examine
from tests.browser.chromium import Device
from tests.browser.conftest import NewVisitor
from tests.browser.scripts import MODEL, answer
from tests.browser.visitor import Visitor
from tests.providers.recorded.responses_shapes import begins, ends, message, searched
from tests.upstream.steps import event, gate, head
from tests.upstream.tools import CLOCK, WEATHER, halted, one_call, two_calls

pytestmark = pytest.mark.browser

PREFER = """
from conversations.actions.parameters import save_own_defaults
from conversations.models import LanguageModel, User
save_own_defaults(User.objects.get(pk=user_id), LanguageModel.objects.get(pk=model), values)
"""


def prefer(visitor: Visitor, **values: Any) -> None:
    """Make these the person's own defaults for the scripted model."""
    model = visitor.stage.models[MODEL]
    visitor.stage.backstage.run(PREFER, user_id=visitor.person.user_id, model=model, values=values)


def result_field(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("textbox", name="Result of get_weather")


def ask_for_tools(visitor: Visitor) -> None:
    prefer(visitor, tools=[WEATHER, CLOCK])
    visitor.open(model=MODEL)
    visitor.send("What is the weather?")


def test_a_call_grows_survives_a_reload_and_becomes_a_tree(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, halted(), times=1)
    ask_for_tools(visitor)
    live = visitor.answer.locator(".call__live")
    expect(live).to_have_text('{"city": "Zü')
    expect(visitor.answer.locator(".message__state")).to_be_hidden()
    examine(visitor, "call that is written")
    visitor.reload()
    expect(live).to_have_text('{"city": "Zü')
    expect(visitor.answer.locator(".call__name")).to_have_text("get_weather")
    visitor.stage.upstream.open("go")
    visitor.wait_for("complete")
    expect(live).to_have_count(0)
    expect(visitor.answer.locator(".tree")).to_have_text("city Zürich")
    assert visitor.overflow() == []


def test_a_result_is_typed_formatted_and_sent_and_the_run_goes_on(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, one_call(), times=1)
    visitor.stage.upstream.script(MODEL, answer("It is **sunny**."))
    ask_for_tools(visitor)
    visitor.wait_for("complete")
    field = result_field(visitor)
    field.fill('{"sky":"sunny"')
    visitor.press(visitor.page.get_by_role("button", name="Format JSON"))
    expect(visitor.answer.locator(".call__said")).to_contain_text("Not JSON")
    field.fill('{"sky":"sunny"}')
    visitor.press(visitor.page.get_by_role("button", name="Format JSON"))
    expect(field).to_have_value('{\n  "sky": "sunny"\n}')
    examine(visitor, "form for a result")
    visitor.press(visitor.page.get_by_role("button", name="Send result"))
    expect(visitor.body).to_have_text("It is sunny.")
    visitor.wait_for("complete")
    expect(field).to_be_hidden()
    drafts = "Object.keys(sessionStorage).filter(key => key.includes(':result:'))"
    assert visitor.page.evaluate(drafts) == [], "what was sent is no draft any more"
    result = visitor.page.get_by_role("article", name="Result of get_weather")
    visitor.press(result.locator(".result > summary"))
    expect(result.locator(".tree")).to_have_text("sky sunny")
    examine(visitor, "result of a tool")
    sent = visitor.stage.upstream.requests()[-1]["body"]["messages"][-1]
    assert (sent["role"], json.loads(sent["content"])) == ("tool", {"sky": "sunny"})
    assert visitor.overflow() == []


def test_two_results_by_keyboard_alone(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, two_calls(), times=1)
    desktop.stage.upstream.script(MODEL, answer("Rain at noon."))
    ask_for_tools(desktop)
    desktop.wait_for("complete")
    result_field(desktop).focus()
    keyboard = desktop.page.keyboard
    keyboard.type("rain")
    desktop.page.wait_for_function("Object.values(sessionStorage).includes('rain')")
    keyboard.press("Control+Enter")
    assert len(desktop.stage.upstream.requests()) == 1, "the second one is missing"
    expect(desktop.page.get_by_role("textbox", name="Result of get_time")).to_be_focused()
    keyboard.type("noon")
    keyboard.press("Control+Enter")
    expect(desktop.body).to_have_text("Rain at noon.")
    desktop.wait_for("complete")
    desktop.reload()
    desktop.answers.first.focus()
    names = []
    for _ in range(3):
        keyboard.press("j")
        names.append(desktop.page.evaluate("document.activeElement.ariaLabel"))
    assert names == ["Result of get_weather", "Result of get_time", MODEL]


def test_what_was_typed_survives_a_reload(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, one_call(), times=1)
    ask_for_tools(desktop)
    desktop.wait_for("complete")
    field = result_field(desktop)
    field.fill("half a result")
    desktop.page.wait_for_function("Object.values(sessionStorage).includes('half a result')")
    desktop.reload()
    expect(field).to_have_value("half a result")


def test_other_results_make_another_version(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, one_call(), times=1)
    visitor.stage.upstream.script(MODEL, answer("Sunny."), times=1)
    visitor.stage.upstream.script(MODEL, answer("Rainy."))
    ask_for_tools(visitor)
    visitor.wait_for("complete")
    field = result_field(visitor)
    field.fill("sun")
    visitor.press(visitor.page.get_by_role("button", name="Send result"))
    expect(visitor.body).to_have_text("Sunny.")
    visitor.wait_for("complete")
    visitor.act(visitor.answers.first, "Give another result")
    expect(field).to_have_value("sun")
    field.fill("rain")
    visitor.press(visitor.page.get_by_role("button", name="Send result"))
    expect(visitor.body).to_have_text("Rainy.")
    visitor.wait_for("complete")
    result = visitor.page.get_by_role("article", name="Result of get_weather")
    expect(result.locator(".siblings__place")).to_have_text("2/2")
    visitor.act(result, "Previous version")
    expect(visitor.body).to_have_text("Sunny.")


def test_writing_on_leaves_the_calls_behind(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, one_call(), times=1)
    desktop.stage.upstream.script(MODEL, answer("Fine."))
    ask_for_tools(desktop)
    desktop.wait_for("complete")
    desktop.ask("Never mind.")
    expect(desktop.page.get_by_role("button", name="Send result")).to_be_hidden()
    expect(desktop.body).to_have_text("Fine.")
    assert [each["role"] for each in desktop.stage.upstream.requests()[-1]["body"]["messages"]] == ["user", "user"]


def test_a_second_tab_and_one_that_was_away_see_the_same(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, one_call(), times=1)
    desktop.stage.upstream.script(MODEL, answer("Sunny."))
    ask_for_tools(desktop)
    desktop.wait_for("complete")
    other = desktop.second_tab()
    desktop.to_front()
    result_field(desktop).fill("sun")
    desktop.page.get_by_role("button", name="Send result").click()
    expect(other.body).to_have_text("Sunny.")
    expect(other.page.get_by_role("article", name="Result of get_weather")).to_have_count(1)


def test_what_the_provider_searches_for_is_said_and_its_sources_are_links(visitor: Visitor) -> None:
    code = """
from conversations.models import LanguageModel
LanguageModel.objects.filter(pk=model).update(request_format=to)
"""
    model, url = visitor.stage.models["other"], "https://example.org/a"
    visitor.stage.backstage.run(code, model=model, to="responses")
    link = {"type": "url_citation", "start_index": 0, "end_index": 5, "title": "<i>Rain</i>", "url": url}
    events = (*begins(), *searched(0), ends(message("Rain.", annotations=[link])))
    steps = [event(each, name=each["type"]) for each in events]
    visitor.stage.upstream.script("other", [head(), *steps[:4], gate("searched"), *steps[4:]])
    visitor.open(model="other").send("Search")
    expect(visitor.answer.locator(".message__words")).to_have_text("Searching the web …")
    visitor.stage.upstream.open("searched")
    visitor.wait_for("complete")
    source = visitor.answer.get_by_role("link", name="<i>Rain</i>")
    expect(source).to_have_attribute("href", "https://example.org/a")
    expect(source).to_have_attribute("rel", re.compile("noopener noreferrer"))
    examine(visitor, "sources")
    visitor.stage.backstage.run(code, model=model, to="chat_completions")


def test_results_can_be_sent_without_a_script(new_visitor: NewVisitor, device: Device) -> None:
    visitor = new_visitor(device, java_script_enabled=False)
    visitor.watch.expect(r"\.js csp$")
    prefer(visitor, tools=[WEATHER])
    visitor.stage.upstream.script(MODEL, one_call(), times=1)
    visitor.stage.upstream.script(MODEL, answer("Sunny."))
    visitor.page.goto(f"{visitor.stage.url}/?model={visitor.stage.models[MODEL]}")
    visitor.field.fill("Weather?")
    visitor.press(visitor.page.get_by_role("button", name="Send", exact=True))
    result_field(visitor).fill("sun")
    visitor.press(visitor.page.get_by_role("button", name="Send result"))
    expect(visitor.body).to_have_text("Sunny.")
