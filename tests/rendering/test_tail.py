"""What is shown while the text arrives: no flash of marks, nothing hidden that is plain text."""

import pytest

from conversations.rendering.incremental import IncrementalRenderer, RawText, Tail
from conversations.rendering.markdown import render


def tail(text: str) -> str:
    renderer = IncrementalRenderer()
    renderer.feed(text)
    renderer.tick()
    return renderer.snapshot()[1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a **b", "a <strong>b</strong>"),
        ("a **b*", "a <strong>b</strong>"),
        ("a **", "a"),
        ("***b** c", "<em><strong>b</strong> c</em>"),
        ("*a **b", "<em>a <strong>b</strong></em>"),
        ("*a* b", "<em>a</em> b"),
        ("a * b", "a * b"),
        ("snake_case_na", "snake_case_na"),
        ("~~a", "<s>a</s>"),
        ("a `b", "a <code>b</code>"),
        ("a ``b`", "a <code>b</code>"),
        ("a `b` c", "a <code>b</code> c"),
        ("a `", "a"),
        ("a [b", "a b"),
        ("a [b]", "a b"),
        ("a [b](http://c.ex", "a b"),
        ("a [b](http://c.example/(d)) **e", None),
        ("a ![b](http://c.ex", "a b"),
        ("a [b] c", "a [b] c"),
        ("a] b", "a] b"),
        ("a <https://b.ex", None),
        ("a &am", "a"),
        ("a \\", "a"),
        ("a $x + y", "a"),
        ("a $5 and", "a $5 and"),
        ("a $x$ b", None),
        ("a \\(x", "a"),
        ("a \\*b", "a *b"),
        ("a \\beta b", "a \\beta b"),
        ("a \\begin{align} x", "a"),
        ("a\n$$\nx\n=", "a"),
        ("a\n\\[\n- x\n# y", "a"),
        ("a $$x$$\n$$y", None),
        ("a\n-", "a"),
        ("a\n==", "a"),
        ("a\n```pyth", "a"),
        ("a\n1", "a"),
        ("a\n| b | c |", "a"),
        ("a\n| b | c |\n|--", "a"),
    ],
)
def test_an_open_end_is_closed_or_held_back(text: str, shown: str | None) -> None:
    html = tail(text)
    if shown is None:
        assert html.startswith("<p>")
    else:
        assert html == f"<p>{shown}</p>\n"


@pytest.mark.parametrize(
    "text", ["#", "- ", "- [", "> ", "1.", "```", "$$", "$$\nx", "| a", "[a]: http://b", "\n", "**"]
)
def test_marks_alone_show_no_words(text: str) -> None:
    assert tail(text) in ("", "<ul>\n<li></li>\n</ul>\n", "<blockquote></blockquote>\n")


def test_three_lines_with_bars_are_shown() -> None:
    assert "| c |" in tail("| a |\n| b |\n| c |")


def test_a_heading_item_and_cell_are_closed_too() -> None:
    assert "<strong>b</strong></h2>" in tail("## a **b")
    assert "<strong>b</strong></li>" in tail("- a **b")
    assert "<strong>b</strong></td>" in tail("| a |\n|---|\n| **b")


def test_code_in_a_list_is_not_closed() -> None:
    assert "**b" in tail("- ```\n  **b")
    assert "$$" in tail("- ```\n  $$\n  x")


def test_provisional_definitions_do_not_stay() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("[a]: http://wrong.example\n")
    renderer.tick()
    renderer.feed("b\n\n[a]\n")
    renderer.tick()
    renderer.finish()
    assert renderer.html == render("[a]: http://wrong.example\nb\n\n[a]\n")


def test_a_fence_shows_code_and_holds_back_what_may_close_it() -> None:
    renderer = IncrementalRenderer()
    for part in ("```\n", "abc\nabc\nabc\n", "``"):
        renderer.feed(part)
        ops = renderer.tick()
    assert ops == []
    renderer.feed("x\n")
    assert renderer.tick() == [RawText("``x\n")]


def test_an_indented_fence_loses_its_indentation() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("  ```\n  abcdefgh\n  abcdefgh\n")
    renderer.tick()
    renderer.feed(" a\n")
    assert renderer.tick() == [RawText("a\n")]
    renderer.feed("   b")
    assert renderer.tick() == [RawText(" b")]
    renderer.feed("  c\n")
    assert renderer.tick() == [RawText("  c\n")]


def test_an_open_fence_is_highlighted_anew_when_it_has_grown_by_half() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("```python\n" + "x = 1\n" * 10)
    renderer.tick()
    kinds = []
    for _ in range(6):
        renderer.feed("x = 1\n")
        kinds += [type(op) for op in renderer.tick()]
    assert kinds == [RawText] * 5 + [Tail]
