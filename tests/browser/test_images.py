"""Pictures in messages: pasted, dropped, chosen, linked; described, taken out again; shown, opened, edited."""

import base64
import json
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, expect

from tests.browser.axe import examine
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor
from tests.media.pictures import DISGUISED, animation, drawing, photo

pytestmark = pytest.mark.browser

_BRING = """
([type, text, files]) => {
  const data = new DataTransfer();
  for (const [name, kind, base64] of files) {
    const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: kind }));
  }
  if (text) data.setData("text/plain", text);
  const field = document.getElementById("composer-text");
  const options = { bubbles: true, cancelable: true };
  if (type === "paste") field.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: data }));
  else for (const each of ["dragover", "drop"]) {
    document.querySelector(".log").dispatchEvent(new DragEvent(each, { ...options, dataTransfer: data }));
  }
}
"""
Brought = tuple[str, str, bytes]
RED: Brought = ("red.png", "image/png", drawing(200, 100))
HOLIDAY: Brought = ("holiday.jpg", "image/jpeg", photo(640, 480))


def bring(visitor: Visitor, way: str, *files: Brought, text: str = "") -> None:
    if way == "choose":
        given: Any = [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
        visitor.press(visitor.page.get_by_role("button", name="Add pictures"))
        visitor.page.locator('#attach input[type="file"]').set_input_files(given)
        return
    coded = [[name, kind, base64.b64encode(data).decode()] for name, kind, data in files]
    visitor.page.evaluate(_BRING, [way, text, coded])


def listed(visitor: Visitor) -> Locator:
    return visitor.page.locator(".attachment")


def there(visitor: Visitor, count: int) -> None:
    expect(visitor.page.locator('.attachment[data-state="there"]')).to_have_count(count)


def link(visitor: Visitor, address: str) -> None:
    visitor.press(visitor.page.get_by_role("button", name="Add pictures"))
    visitor.page.get_by_label("Or link one by its address").fill(address)
    visitor.press(visitor.page.get_by_role("button", name="Add", exact=True))


def images_sent(visitor: Visitor) -> list[tuple[str, str]]:
    """Start of the address and detail of the pictures in the last request with some."""
    bodies = [request["body"] for request in visitor.stage.upstream.requests()]
    content = [body["messages"][-1]["content"] for body in bodies if isinstance(body["messages"][-1]["content"], list)]
    parts = [part["image_url"] for part in content[-1] if part["type"] == "image_url"]
    return [(part["url"].partition(",")[0], part["detail"]) for part in parts]


@pytest.mark.parametrize("way", ["paste", "drop", "choose"])
def test_pictures_are_added_and_sent(visitor: Visitor, way: str) -> None:
    visitor.open()
    bring(visitor, way, RED, HOLIDAY)
    there(visitor, 2)
    visitor.ask("What is this?")
    expect(listed(visitor)).to_have_count(0)
    expect(visitor.questions.locator(".picture img")).to_have_count(2)
    kinds = {address for address, _ in images_sent(visitor)}
    assert kinds == {"data:image/png;base64", "data:image/jpeg;base64"}
    visitor.reload()
    shown = visitor.questions.locator(".picture img")
    expect(shown).to_have_count(2)
    shown.first.evaluate("image => image.decode()")
    assert visitor.overflow() == []


def test_axe_finds_nothing_where_pictures_are(visitor: Visitor) -> None:
    visitor.watch.expect("status (of )?400")
    visitor.open()
    visitor.press(visitor.page.get_by_role("button", name="Add pictures"))
    examine(visitor, "panel")
    visitor.page.keyboard.press("Escape")
    bring(visitor, "paste", RED, HOLIDAY, ("page.png", "image/png", DISGUISED["html"]))
    expect(visitor.page.locator('.attachment[data-state="failed"]')).to_have_count(1)
    there(visitor, 2)
    examine(visitor, "list")
    visitor.press(visitor.page.get_by_role("button", name="Description and detail of red.png"))
    examine(visitor, "description")
    visitor.page.keyboard.press("Escape")
    visitor.press(visitor.page.get_by_role("button", name="Remove page.png"))
    link(visitor, "https://example.org/cat.jpg")
    visitor.ask("Look")
    examine(visitor, "log")
    visitor.press(visitor.page.locator(".picture__link").first)
    expect(visitor.page.locator("dialog.viewer")).to_be_visible()
    examine(visitor, "picture opened")
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator("dialog.viewer")).to_have_count(0)
    visitor.act(visitor.questions.last, "Edit")
    examine(visitor, "edited message")


def test_detail_and_description_go_along(visitor: Visitor) -> None:
    visitor.open()
    bring(visitor, "paste", RED)
    visitor.press(visitor.page.get_by_role("button", name="Description and detail of red.png"))
    settings = visitor.page.locator(".attachment__settings:popover-open")
    settings.get_by_label("Description").fill("A red square")
    settings.get_by_label("Detail").select_option("low")
    visitor.page.keyboard.press("Escape")
    visitor.ask("")
    assert images_sent(visitor) == [("data:image/png;base64", "low")]
    expect(visitor.questions.get_by_role("img", name="A red square")).to_be_visible()
    expect(visitor.said).to_be_hidden()


def test_what_can_not_be_used_says_why_and_holds_the_message_back(visitor: Visitor) -> None:
    visitor.watch.expect("status (of )?400")
    visitor.open()
    bring(visitor, "paste", ("page.png", "image/png", DISGUISED["html"]), ("a.bmp", "image/bmp", DISGUISED["bmp"]))
    expect(listed(visitor).get_by_text("This is no picture that can be used")).to_have_count(2)
    visitor.send("Look")
    expect(visitor.page.locator(".composer__error")).to_contain_text("Remove the picture")
    expect(visitor.field).to_have_value("Look")
    for name in ("page.png", "a.bmp"):
        visitor.press(visitor.page.get_by_role("button", name=f"Remove {name}"))
    visitor.press_send()
    visitor.wait_for("complete")
    expect(visitor.said).to_have_text(["Look"])


def test_of_an_animation_the_first_picture_is_sent_and_that_is_said(desktop: Visitor) -> None:
    desktop.open()
    bring(desktop, "paste", ("moving.gif", "image/gif", animation()))
    expect(listed(desktop)).to_contain_text("Of the animation, the first picture is sent.")


def test_a_draft_keeps_its_pictures(visitor: Visitor) -> None:
    visitor.open()
    bring(visitor, "paste", RED)
    there(visitor, 1)
    link(visitor, "https://example.org/cat.jpg")
    there(visitor, 2)
    visitor.field.fill("Two things")
    visitor.reload()
    there(visitor, 2)
    expect(visitor.field).to_have_value("Two things")
    visitor.press_send()
    visitor.wait_for("complete")
    assert len(images_sent(visitor)) == 2
    visitor.reload()
    expect(listed(visitor)).to_have_count(0)


def test_pasted_words_stay_words(desktop: Visitor) -> None:
    desktop.open()
    bring(desktop, "paste", RED, text="A table, and a picture of it")
    bring(desktop, "paste", HOLIDAY)
    there(desktop, 1)
    expect(listed(desktop)).to_contain_text("holiday.jpg")


def test_a_model_without_eyes_takes_none_and_says_so(visitor: Visitor) -> None:
    blind = visitor.stage.add_model("Blind")
    visitor.stage.backstage.run(
        "from conversations.models import *; LanguageModel.objects.filter(pk=pk).update(abilities=['tools'])", pk=blind
    )
    visitor.open()
    bring(visitor, "paste", RED)
    there(visitor, 1)
    visitor.press(visitor.page.locator("#picker-button"))
    visitor.press(visitor.page.locator(f"#option-{blind}"))
    visitor.send("Look")
    expect(visitor.page.locator(".composer__error")).to_contain_text("Blind can't see pictures.")
    visitor.press(visitor.page.get_by_role("button", name="Remove red.png"))
    bring(visitor, "paste", HOLIDAY)
    expect(visitor.page.locator(".composer__error")).to_contain_text("Blind can't see pictures.")
    expect(listed(visitor)).to_have_count(0)
    visitor.press(visitor.page.get_by_role("button", name="Add pictures"))
    expect(visitor.page.locator("#attach")).to_contain_text("Blind can't see pictures.")
    expect(visitor.page.get_by_label("Or link one by its address")).to_be_disabled()


def test_a_linked_picture_is_not_loaded_by_showing_it(visitor: Visitor) -> None:
    visitor.open()  # a request to anybody else fails every test
    link(visitor, "nowhere")
    expect(visitor.page.locator(".composer__error")).to_contain_text("begins with https://")
    visitor.page.keyboard.press("Escape")
    link(visitor, "https://example.org/cat.jpg?a=1")
    visitor.ask("Look")
    assert images_sent(visitor) == [("https://example.org/cat.jpg?a=1", "auto")]
    visitor.reload()
    expect(visitor.questions.get_by_role("link", name="example.org")).to_have_attribute(
        "rel", "noopener noreferrer nofollow"
    )


def test_a_picture_opens_large_and_closes_again(visitor: Visitor) -> None:
    visitor.open()
    bring(visitor, "paste", HOLIDAY)
    there(visitor, 1)
    visitor.ask("Look")
    visitor.press(visitor.questions.get_by_role("link", name="holiday.jpg"))
    large = visitor.page.locator("dialog.viewer")
    expect(large.get_by_role("img", name="holiday.jpg")).to_be_visible()
    large.locator("img").evaluate("image => image.decode()")
    box = large.locator("img").bounding_box()
    assert box is not None
    assert box["width"] <= visitor.page.viewport_size["width"]  # type: ignore[index]  # it was set
    visitor.press(large.get_by_role("button", name="Close"))
    expect(large).to_have_count(0)


def test_an_edited_message_can_leave_pictures_out(visitor: Visitor) -> None:
    visitor.open()
    bring(visitor, "paste", RED, HOLIDAY)
    there(visitor, 2)
    visitor.ask("Look")
    visitor.act(visitor.questions.last, "Edit")
    visitor.press(visitor.questions.last.get_by_role("button", name="Leave out").first)
    visitor.press(visitor.questions.last.get_by_role("button", name="Send"))
    expect(visitor.questions.locator(".picture")).to_have_count(1)
    visitor.wait_for("complete")
    assert len(images_sent(visitor)) == 1
    visitor.act(visitor.questions.last, "Edit")
    visitor.page.get_by_label("Your message").fill("Look again")
    visitor.press(visitor.questions.last.get_by_role("button", name="Send"))
    expect(visitor.said).to_have_text(["Look again"])
    visitor.wait_for("complete")
    assert len(images_sent(visitor)) == 1


def test_a_refused_message_comes_back_with_its_pictures(desktop: Visitor) -> None:
    model = desktop.stage.add_model("Soon gone")
    desktop.open(f"/?model={model}")
    bring(desktop, "paste", RED)
    there(desktop, 1)
    desktop.stage.disable_model(model)
    desktop.send("Look")
    expect(desktop.page.locator(".composer__error")).to_be_visible()
    there(desktop, 1)
    expect(desktop.field).to_have_value("Look")


def test_a_picture_that_is_gone_says_so(desktop: Visitor) -> None:
    desktop.watch.expect("404")
    desktop.open()
    draft = [{"file": "00000000-0000-0000-0000-000000000000", "name": "old.png", "detail": "auto", "description": ""}]
    desktop.page.evaluate(
        "draft => localStorage.setItem(`${document.body.dataset.user}:pictures:new`, draft)", json.dumps(draft)
    )
    desktop.reload()
    expect(listed(desktop)).to_contain_text("It isn't on the server any more. Add it again.")


def test_without_script_pictures_go_with_the_form(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(java_script_enabled=False)
    visitor.watch.expect(r"\.js csp$")
    visitor.page.goto(visitor.stage.url)
    visitor.page.get_by_role("button", name="Add pictures").click()
    red: FilePayload = {"name": "red.png", "mimeType": "image/png", "buffer": RED[2]}
    visitor.page.locator('#attach input[type="file"]').set_input_files([red])
    visitor.page.keyboard.press("Escape")
    visitor.field.fill("Look")
    visitor.page.get_by_role("button", name="Send", exact=True).click()
    expect(visitor.questions.locator(".picture img")).to_have_count(1)
    visitor.wait_for("complete")
