"""What is a formula, what is not, and what the converter never sees."""

import pytest

from conversations.rendering.markdown import render
from conversations.rendering.sanitising import MATHS_CLASSES
from conversations.rendering.tex import to_mathml

X = "<math><mi>x</mi></math>"
BLOCK = '<p><math display="block"><mi>x</mi></math></p>\n'


@pytest.mark.parametrize("text", ["$x$", "\\(x\\)", "\\( x \\)"])
def test_inline_formulas(text: str) -> None:
    assert render(f"a {text} b") == f"<p>a {X} b</p>\n"


@pytest.mark.parametrize("text", ["$$x$$", "$$\nx\n$$", "\\[\nx\n\\]", "   $$ x\n$$", "$$\nx $$\n"])
def test_block_formulas(text: str) -> None:
    assert render(text) == BLOCK


def test_a_block_formula_interrupts_a_paragraph_and_keeps_its_full_stop() -> None:
    assert render("a\n$$\nx\n$$.\nb") == "<p>a</p>\n" + BLOCK.replace("</p>", ".</p>") + "<p>b</p>\n"


@pytest.mark.parametrize("text", ["- $$\n  x\n  $$", "> \\[\n> x\n> \\]", "1. a\n\n   $$x$$"])
def test_block_formulas_in_containers(text: str) -> None:
    assert '<math display="block"><mi>x</mi></math>' in render(text)


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        "$5-$6",
        "US$x$",
        "$ x$",
        "$x $",
        "$HOME",
        "$a `b$`",
        "\\$x$",
        "$$\n\nx\n$$",
        "$$\n$$",
        "$$ $$",
        "\\[ \\]",
        "$$x",
        "$$$$",
        "\\[x",
        "\\begin{align}x",
        "\\begin{matrix}x\\end{matrix}",
        "    $$x$$",
        "- $$\n  x\n\n$$",
        "- $$\nx\n# h\n$$ y",
    ],
)
def test_these_are_not_maths(text: str) -> None:
    assert "<math" not in render(text)


def test_a_formula_longer_than_the_limit_of_lines_is_text() -> None:
    assert "<math" not in render("$$\n" + "x + y + z + x + y + z\n" * 200 + "$$")
    assert "<math" in render("$$\n" + "x\n" * 190 + "$$")


def test_an_unknown_command_shows_its_source() -> None:
    assert render("$\\unknown<b$") == '<p><code class="tex">$\\unknown&lt;b$</code></p>\n'
    assert render("$$\n\\unknown\n$$") == '<p><code class="tex">$$\n\\unknown\n$$</code></p>\n'


def test_environments_have_no_numbers() -> None:
    html = render("\\begin{align}\na &= b \\label{x} \\\\ c &= d \\nonumber\n\\end{align}")
    assert "mtext" not in html
    assert html.count("<mtr>") == 2


def test_a_tag_is_shown() -> None:
    assert "(7)" in render("$$x \\tag{7}$$")


def test_split_and_aligned_are_the_same() -> None:
    body = "a &= b \\\\ c &= d"
    split, aligned = (
        to_mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True) for name in ("split", "aligned")
    )
    assert split == aligned


def test_styles_become_classes() -> None:
    html = render("$$\\begin{array}{c|c}1&2\\\\\\hline 3&4\\end{array}$$ $\\color{red}x$")
    assert " style=" not in html
    assert "maths-line-right" in html
    assert 'mathcolor="#FF0000"' in html
    assert "maths-line-top" in MATHS_CLASSES


@pytest.mark.parametrize(
    "tex",
    [
        "{" * 95 + "}" * 95,
        r"\sqrt{" * 60 + "x" + "}" * 60,
        r"\sqrt" * 95 + " x",
        r"\left(" * 95 + r"\right)" * 95,
        r"\begin{matrix}" * 95 + r"\end{matrix}" * 95,
        r"\begin{matrix}a\\" * 95 + r"\end{matrix}" * 95,
        r"\frac{a}" * 95 + "x",
        "(" * 40,
        r"\langle" * 40,
        "{[}" * 40,
        "x" * 5000,
        r"\newcommand{\a}{\a\a}\a",
        r"\def\a{b}\a",
    ],
)
def test_the_converter_is_spared_what_would_end_or_stop_it(tex: str) -> None:
    assert to_mathml(tex, display=True) is None


@pytest.mark.parametrize("tex", ["((x))[y]", r"\langle x \rangle", "[0, 1)", r"\alpha+\beta " * 20, "}x", "a)"])
def test_common_formulas_pass_the_limits(tex: str) -> None:
    assert to_mathml(tex, display=False) is not None or tex == "}x"
