"""What is too large or too costly becomes plain text, alike in the whole render and in the stream."""

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread

import pytest

from conversations.rendering import limits
from conversations.rendering.incremental import IncrementalRenderer
from conversations.rendering.markdown import render
from tests.rendering.reader import read

PARAGRAPH = "Some words that are **quite** normal, with `code` and [a link](http://a.example) in them.\n\n"

COSTLY = {
    "brackets": "[" * 10_000,
    "links": "[a](" * 10_000,
    "images": "![" * 300 + "x" + "](u)" * 300,
    "emphasis": "*a_" * 10_000,
    "quotes": ">" * 5_000 + "a",
    "lists": "- " * 5_000 + "a",
    "nested": "\n".join("  " * depth + "- a" for depth in range(200)),
    "word": "a" * 1_000_000,
    "table": ("|a" * 200 + "|\n" + "|-" * 200 + "|\n" + "|\n" * 200 + "\n") * 5,
    "formulas": "\\[a\n" * 5_000,
    "delimiters": "$" + "(" * 60 + "$",
    "code": "```json\n" + "[" * 30_000 + "\n```",
    "blank code": "```python\n" + "\n " * 5_000 + "\n```",
    "marks": "`" * 50 + " `" * 5_000,
}


def operations(work: Callable[[], object]) -> int:
    """How many calls of Python and C functions the work takes: the same on any machine."""
    count = 0

    def count_one(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(count_one)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", COSTLY)
def test_a_costly_text_takes_bounded_work_and_loses_nothing(name: str) -> None:
    text = COSTLY[name]
    assert operations(partial(render, text)) < 60 * len(text) + 200_000
    if name not in ("links", "formulas"):
        assert read([text[: len(text) // 2], text[len(text) // 2 :]]) == render(text)


def stream(text: str) -> None:
    renderer = IncrementalRenderer()
    for begin in range(0, len(text), 12):
        renderer.feed(text[begin : begin + 12])
        renderer.tick()
    renderer.finish()


@pytest.mark.parametrize("unit", [PARAGRAPH, "# head\n" + PARAGRAPH.strip() + "\n- a\n- b\n\n"])
def test_the_cost_of_a_stream_grows_linearly(unit: str) -> None:
    small, large = (operations(partial(stream, unit * count)) for count in (10, 80))
    assert large / small < 8 * 1.15


def test_the_cost_of_a_long_fence_grows_linearly() -> None:
    small, large = (operations(partial(stream, "```python\n" + "x = f(1)\n" * count)) for count in (100, 800))
    assert large / small < 8 * 1.3


def test_the_cost_of_definitions_grows_linearly() -> None:
    def text(count: int) -> str:
        return "".join(f"see [a{number}]\n\n[a{number}]: http://{number}.example\n\n" for number in range(count))

    small, large = (operations(partial(stream, text(count))) for count in (10, 80))
    assert large / small < 8 * 1.15


def test_a_long_document_ends_in_plain_text() -> None:
    text = PARAGRAPH * (limits.DOCUMENT_CHARACTERS // len(PARAGRAPH) + 200)
    html = render(text)
    assert html.count('<div class="plain">') > 2
    assert "<strong>" not in html.partition('<div class="plain">')[2]
    assert read(text[begin : begin + 30_000] for begin in range(0, len(text), 30_000)) == html


def test_a_long_document_without_line_breaks_ends_in_plain_text() -> None:
    text = "a" * 230_000
    assert read([text[:210_000], text[210_000:]]) == render(text)


def test_a_block_that_is_too_long_is_plain_but_code_stays_code() -> None:
    assert render("a *b*\n" * 20_000).startswith('<div class="plain">a *b*\n')
    assert render("```\n" + "a\n" * 60_000).startswith('<figure class="code">')


def test_what_nests_too_deep_is_kept_as_text() -> None:
    html = render("> " * 100 + "end\n\nafter")
    assert html.count("<blockquote>") == limits.CONTAINER_DEPTH
    assert "&gt; end" in html
    assert html.endswith("<p>after</p>\n")


@pytest.mark.parametrize("text", ["> " * 19 + "- *a*", "![![![![*a*](u)](u)](u)](u)"])
def test_a_fault_of_the_parser_gives_plain_text(text: str, caplog: pytest.LogCaptureFixture) -> None:
    """A stack that is nearly used up makes the parser fail on a text it would render otherwise."""
    found: list[str] = []

    def descend(left: int) -> None:
        if left:
            descend(left - 1)
        else:
            with suppress(RecursionError):  # so little is left that nothing at all can run
                found.append(render(text))

    limit = sys.getrecursionlimit()
    for spare in range(70, 8, -1):
        thread = Thread(target=descend, args=(limit - spare,))
        thread.start()
        thread.join()
    assert any('<div class="plain">' in html for html in found)
    assert "plain text" in caplog.text
