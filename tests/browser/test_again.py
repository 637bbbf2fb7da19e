"""Asking again with changes, what failed answers offer, and two answers side by side."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import examine
from tests.browser.chromium import Device
from tests.browser.conftest import NewVisitor
from tests.browser.scripts import MODEL, answer
from tests.browser.visitor import Visitor
from tests.upstream.steps import answer as reply
from tests.upstream.steps import error

pytestmark = pytest.mark.browser

_BEGIN = """
from conversations.models import Conversation, LanguageModel
model = LanguageModel.objects.get(pk=model)
row = Conversation.objects.create(owner_id=user_id, title="Warm", model=model, parameters={"temperature": 0.7})
result = str(row.pk)
"""


def begin_warm(visitor: Visitor) -> None:
    """Open a conversation in which a temperature was chosen."""
    model = visitor.stage.models[MODEL]
    pk = visitor.stage.backstage.run(_BEGIN, user_id=visitor.person.user_id, model=model)
    visitor.open(f"/conversations/{pk}/")


def open_dialog(visitor: Visitor) -> Locator:
    visitor.act(visitor.answer, "Regenerate with another model or parameters")
    visitor.press(visitor.page.get_by_role("menuitem", name="With changed parameters"))
    dialog = visitor.page.get_by_role("dialog", name="Ask again with changes")
    expect(dialog).to_be_visible()
    return dialog


def temperatures(visitor: Visitor) -> list[object]:
    return [request["body"].get("temperature") for request in visitor.stage.upstream.requests()]


def test_another_temperature_for_one_answer(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, answer("Said."), times=3)
    begin_warm(visitor)
    visitor.ask("Say something")
    dialog = open_dialog(visitor)
    field = dialog.get_by_label("Temperature", exact=True)
    expect(field).to_have_value("0.7")
    examine(visitor, "dialog")
    field.fill("0.2")
    visitor.press(dialog.get_by_role("button", name="Ask again"))
    expect(dialog).to_be_hidden()
    expect(visitor.answer.locator(".siblings__place")).to_have_text("2/2")
    visitor.wait_for("complete")
    expect(visitor.answer.locator(".message__meta")).to_contain_text("temperature 0.2")
    visitor.ask("And now as before")
    assert temperatures(visitor) == [0.7, 0.2, 0.7]


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_asked(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, answer("Said."))
    begin_warm(visitor)
    visitor.ask("Say something")
    dialog = open_dialog(visitor)
    dialog.get_by_label("Temperature", exact=True).fill("9")
    visitor.watch.expect("status (of )?400")
    visitor.press(dialog.get_by_role("button", name="Ask again"))
    field = dialog.get_by_label("Temperature", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(dialog.locator(".param__error")).to_be_visible()
    assert len(visitor.stage.upstream.requests()) == 1


def test_the_dialog_by_keyboard_alone(desktop: Visitor) -> None:
    desktop.stage.upstream.script(MODEL, answer("Said."), times=2)
    begin_warm(desktop)
    desktop.ask("Say something")
    desktop.answer.get_by_role("button", name="Regenerate with another model or parameters").focus()
    desktop.page.keyboard.press("Enter")
    expect(desktop.page.get_by_role("menuitem", name="Again, same model")).to_be_focused()
    desktop.page.keyboard.press("ArrowDown")
    desktop.page.keyboard.press("Enter")
    dialog = desktop.page.get_by_role("dialog", name="Ask again with changes")
    expect(dialog.get_by_label("Model", exact=True)).to_be_focused()
    desktop.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(desktop.answer).to_be_focused()


def test_another_model_is_chosen_in_the_dialog(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, answer("Said."))
    begin_warm(visitor)
    visitor.ask("Say something")
    dialog = open_dialog(visitor)
    dialog.get_by_label("Model", exact=True).select_option(label="other")
    expect(dialog.locator('[name="before_model"]')).to_have_value(visitor.stage.models["other"])
    expect(dialog.get_by_label("Temperature", exact=True)).to_have_value("0.7")
    visitor.press(dialog.get_by_role("button", name="Ask again"))
    expect(visitor.answer.locator(".message__by")).to_have_text("other")
    visitor.wait_for("complete")
    assert temperatures(visitor) == [0.7, 0.7]


def test_a_refused_setting_is_left_out_at_a_press(visitor: Visitor) -> None:
    refusal = error("Unsupported parameter: 'temperature'.", code="unsupported_parameter", param="temperature")
    visitor.stage.upstream.script(MODEL, [reply(400, refusal)], times=1)
    visitor.stage.upstream.script(MODEL, answer("Better."), times=2)
    begin_warm(visitor)
    visitor.send("Say something")
    visitor.wait_for("failed")
    examine(visitor, "refused setting")
    visitor.press(visitor.page.get_by_role("button", name="Try again without temperature"))
    expect(visitor.body).to_have_text("Better.")
    visitor.wait_for("complete")
    visitor.ask("And on")
    assert temperatures(visitor) == [0.7, None, None]


def test_two_answers_side_by_side(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, answer("A red fox."), times=1)
    visitor.stage.upstream.script(MODEL, answer("A blue fox."), times=1)
    visitor.open(model=MODEL).ask("Which fox?")
    visitor.act(visitor.answer, "Regenerate")
    expect(visitor.body).to_have_text("A blue fox.")
    visitor.wait_for("complete")
    visitor.press(visitor.answer.get_by_role("link", name="Compare versions"))
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("2 answers to one message")
    examine(visitor, "side by side")
    visitor.press(visitor.page.get_by_role("button", name="Words that differ"))
    expect(visitor.page.locator("mark")).to_have_text(["red", "blue"])
    examine(visitor, "words that differ")
    assert visitor.overflow() == []


def test_without_a_script_a_page_asks_again(new_visitor: NewVisitor, device: Device) -> None:
    visitor = new_visitor(device, java_script_enabled=False)
    visitor.watch.expect(r"\.js csp$")  # so Chromium names scripts that are switched off
    visitor.stage.upstream.script(MODEL, answer("Said."), times=2)
    visitor.page.goto(f"{visitor.stage.url}/?model={visitor.stage.models[MODEL]}")
    visitor.field.fill("Say something")
    visitor.press(visitor.page.get_by_role("button", name="Send", exact=True))
    visitor.wait_for("complete")
    visitor.press(visitor.page.get_by_role("link", name="With changes"))
    visitor.page.get_by_label("Temperature", exact=True).fill("0.2")
    visitor.press(visitor.page.get_by_role("button", name="Ask again"))
    expect(visitor.page.locator(".siblings__place")).to_have_text("2/2")
    visitor.wait_for("complete")
    assert temperatures(visitor) == [None, 0.2]
    assert visitor.overflow() == []
