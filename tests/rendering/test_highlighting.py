"""Code in five classes, line by line, character by character what it was."""

import re
from html import unescape

import pytest

from conversations.rendering import highlighting
from conversations.rendering.highlighting import figure, highlight

JAVA = (
    "@Test\nclass Foo extends Bar { /* a\n* b */ int x = 0x1F; "
    'char c = \'\\n\'; var t = """a "b"\n"""; // end\n class { f(true); }'
)


@pytest.mark.parametrize(
    "language", sorted(highlighting._LANGUAGES | highlighting._CURLY | set(highlighting._OTHER_NAMES))
)
def test_the_text_of_the_code_is_unchanged(language: str) -> None:
    for code in (
        JAVA,
        "if x == 'a<b' && \"c\":\n\treturn 1.5 # no\n\n\n",
        "\n\n a\n",
        "<a href='b'>&amp;</a>",
        "`~!@$%^\x0c\u2028é😀",
    ):
        html = highlight(language, code)
        assert unescape(re.sub(r"</?span[^>]*>", "", html)) == code
        assert set(re.findall(r'class="(.*?)"', html)) <= set("ksmnc")


def test_a_span_never_crosses_a_line() -> None:
    html = highlight("python", 'x = """a\n\nb"""\n')
    assert html == 'x = <span class="s">&quot;&quot;&quot;a</span>\n\n<span class="s">b&quot;&quot;&quot;</span>\n'


def test_the_five_classes() -> None:
    html = highlight("python", "class A:  # c\n    return 'x' + 1 + None")
    assert re.findall(r'class="(.)">([^<]*)<', html) == [
        ("k", "class"),
        ("n", "A"),
        ("c", "# c"),
        ("k", "return"),
        ("s", "&#x27;x&#x27;"),
        ("m", "1"),
        ("m", "None"),
    ]


def test_java_has_the_five_classes() -> None:
    html = highlight("java", JAVA)
    assert set(re.findall(r'class="(.)"', html)) == set("ksmnc")
    assert '<span class="n">Foo</span>' in html


@pytest.mark.parametrize("code", ["x" * 400, "a" + "\n" * 300 + "b", "x = 1\n" * 10_000])
def test_code_that_would_take_long_is_plain(code: str) -> None:
    assert "<span" not in highlight("python", code)


@pytest.mark.parametrize(
    ("info", "label"),
    [
        ("", "text"),
        ("python title=x", "python"),
        ("c++", "c++"),
        ("js{1,2}", "js"),
        ("{.x}", "text"),
        ("&lt;b", "&lt;b"),
    ],
)
def test_the_label_is_the_first_word(info: str, label: str) -> None:
    assert f"<span>{label}</span></figcaption>" in figure(info, "")
