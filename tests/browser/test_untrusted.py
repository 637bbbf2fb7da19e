"""Text from anybody stays text, in every place it is shown and at every moment of a stream."""

import pytest
from playwright.sync_api import expect

from tests.browser.payloads import ALL, PAYLOADS
from tests.browser.scripts import MODEL, answer
from tests.browser.visitor import Visitor
from tests.upstream.steps import answer as reply
from tests.upstream.steps import chunk, done, error, event, head

pytestmark = pytest.mark.browser

PREFIXES = """
from conversations.rendering import markdown
result = [markdown.render(text[:end]) for text in texts for end in range(1, len(text) + 1)]
"""
ASSIGN = """
htmls => {
  const place = document.querySelector(".log__column").appendChild(document.createElement("div"));
  const allowed = new RegExp("^(p|em|strong|del|s|a|ul|ol|li|blockquote|h[1-6]|hr|br|pre|code|span|table|thead|tbody|tr"
    + "|th|td|div|input|figure|figcaption|section|sup|math|semantics|annotation|m[a-z]+)$");
  const bad = [];
  for (const html of htmls) {
    place.innerHTML = html;
    const once = place.innerHTML;
    place.innerHTML = once;
    if (place.innerHTML !== once) bad.push(["unstable", html]);
    for (const element of place.querySelectorAll("*")) {
      if (!allowed.test(element.localName)) bad.push([element.localName, html]);
      for (const { name, value } of element.attributes) {
        if (/^(on|style$|id$|name$|data-|form|target|src|srcset)/.test(name)) bad.push([name, html]);
        if (name === "href" && !/^(https?:|mailto:)/.test(value)) bad.push([value, html]);
      }
    }
  }
  place.remove();
  return bad.slice(0, 10);
}
"""


def check(visitor: Visitor) -> None:
    """Nothing ran; that nothing was fetched or tried is for the visitor's watch to say."""
    assert visitor.page.evaluate("executed") == []
    assert visitor.overflow() == []
    expect(visitor.page.locator("#composer-text")).to_be_visible()


def test_what_a_person_writes_stays_text(visitor: Visitor) -> None:
    visitor.open()
    visitor.ask(ALL)
    written = visitor.said.last
    assert written.evaluate("body => body.childElementCount") == 0
    assert written.evaluate("body => body.textContent") == ALL
    visitor.reload()
    assert written.evaluate("body => body.textContent") == ALL
    check(visitor)


def test_what_a_model_streams_stays_text(visitor: Visitor) -> None:
    visitor.stage.upstream.script(MODEL, answer(*(ALL[i : i + 7] for i in range(0, len(ALL), 7))))
    visitor.open(model=MODEL)
    visitor.ask("Try")
    streamed = visitor.html()
    check(visitor)
    visitor.reload()
    assert visitor.html() == streamed
    check(visitor)


def test_every_prefix_is_harmless_and_stable_when_assigned_twice(desktop: Visitor) -> None:
    htmls = desktop.stage.backstage.run(PREFIXES, texts=PAYLOADS)
    assert len(htmls) > 1000
    assert desktop.open().page.evaluate(ASSIGN, htmls) == []
    check(desktop)


def test_reasoning_and_errors_of_a_provider_stay_text(visitor: Visitor) -> None:
    upstream = visitor.stage.upstream
    thoughts = [event(chunk({"reasoning_content": text})) for text in PAYLOADS]
    upstream.script(MODEL, [head(), *thoughts, event(chunk({"content": "Done."})), *done()], times=1)
    upstream.script(MODEL, [reply(400, error(ALL[:1500], code=PAYLOADS[0]))], times=1)
    visitor.open(model=MODEL)
    visitor.ask("Think")
    visitor.press(visitor.answer.locator("summary").first)
    assert "executed.push(2)" in visitor.answer.locator(".thought__text").inner_text()
    visitor.send("Fail")
    expect(visitor.answers).to_have_count(2)
    visitor.wait_for("failed")
    visitor.press(visitor.answer.locator(".notice summary"))
    check(visitor)
    visitor.reload()
    check(visitor)


def test_titles_stay_text(visitor: Visitor) -> None:
    titles = [payload.replace("\n", " ")[:200] for payload in PAYLOADS]
    visitor.stage.conversations(visitor.person, titles)
    conversation, _ = visitor.stage.talk(visitor.person, ["Question", "Answer"], title=titles[18])
    visitor.open(f"/conversations/{conversation}/").open_sidebar()
    shown = visitor.page.locator(".entry__title").all_inner_texts()
    assert {title.split()[0] for title in titles} == {text.split()[0] for text in shown}
    expect(visitor.page.locator(".topbar__title")).to_have_text(titles[18])
    row = visitor.page.locator(f'.row[data-conversation="{conversation}"]')
    visitor.menu(row)
    visitor.press(row.get_by_role("menuitem", name="Rename"))
    visitor.page.locator(".row__rename input").fill(titles[1])
    visitor.page.locator(".row__rename input").press("Enter")
    expect(visitor.page.locator(".topbar__title")).to_have_text(titles[1])
    visitor.menu(row)
    visitor.press(row.get_by_role("menuitem", name="Delete"))
    expect(visitor.page.locator(".toast")).to_contain_text(titles[1][:20])
    check(visitor)


def test_names_of_models_stay_text(desktop: Visitor) -> None:
    models = [desktop.stage.add_model(payload.replace("\n", " ")[:100]) for payload in PAYLOADS[:8]]
    try:
        desktop.open(f"/?model={models[1]}")
        expect(desktop.page.locator("#picker-button")).to_contain_text(PAYLOADS[1])
        desktop.page.locator("#picker-button").click()
        desktop.page.get_by_role("option").filter(has_text=PAYLOADS[5]).click()
        desktop.ask("Hello")
        expect(desktop.answer.locator(".message__by")).to_have_text(PAYLOADS[5])
        desktop.reload()
        check(desktop)
    finally:
        for model in models:
            desktop.stage.disable_model(model)


def test_what_is_wide_stays_in_its_box(visitor: Visitor) -> None:
    table = "|" + " column |" * 40 + "\n|" + " - |" * 40 + "\n|" + " value |" * 40
    answer_text = "\n\n".join(
        [
            "W" * 4000,
            f"[{'link' * 300}](https://example.org/{'path' * 300})",
            table,
            f"```\n{'code ' * 400}\n```",
            "`" + "inline" * 300 + "`",
            "$$" + "x^2 + " * 200 + "y$$",
            "שלום " * 200,
            "\u202e" + "reversed " * 50,
            "# " + "H" * 500,
            "- " + "L" * 500,
            "> " * 30 + "Q" * 500,
        ]
    )
    question = "W" * 1500 + "\n" + "\u202eمرحبا " * 40
    conversation, _ = visitor.stage.talk(visitor.person, [question, answer_text], title="T" * 200)
    visitor.open(f"/conversations/{conversation}/")
    assert visitor.overflow() == []
    visitor.open_sidebar()
    assert visitor.overflow() == []
    widths = visitor.page.locator("article").evaluate_all(
        "all => all.every(a => a.getBoundingClientRect().right <= innerWidth && a.getBoundingClientRect().left >= 0)"
    )
    assert widths
