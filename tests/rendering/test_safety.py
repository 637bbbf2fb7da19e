"""Untrusted text, whole and at every moment of a stream, gives nothing but the allowed elements and attributes."""

import re
from html.parser import HTMLParser

import pytest

from conversations.rendering.incremental import IncrementalRenderer
from conversations.rendering.links import is_allowed
from conversations.rendering.markdown import render
from conversations.rendering.sanitising import MATHS_CLASSES, sanitise

_TAG_NAMES = (
    "p br hr em strong s blockquote ul ol li h1 h2 h3 h4 h5 h6 figure figcaption pre code span div table thead tbody "
    "tr th td a input math mi mn mo mtext mspace mrow mfrac msqrt mroot msub msup msubsup munder mover munderover "
    "mmultiscripts mprescripts mtable mtr mtd mpadded mphantom menclose mstyle"
)
TAGS = set(_TAG_NAMES.split())
_CLASS_NAMES = (
    "external-image k s m n c tex code code__bar scroller plain task tasks align-left align-right align-center"
)
CLASSES = MATHS_CLASSES | set(_CLASS_NAMES.split())
FORBIDDEN = re.compile(r"on\w+|style|id|name|data-.*|hx-.*|x-.*|role|aria-.*|form|target|src.*|action|xmlns.*|xlink.*")

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>\n\n<base href=//evil.example>",
    "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](&#106;avascript:alert(1))",
    "[a](java\tscript:alert(1)) [b](<java\nscript:x>) [c](\x01javascript:x) [d](javascript&colon;x)",
    "[a](data:text/html;base64,PHNjcmlwdD4=) [b](vbscript:x) [c](file:///etc/passwd) [d](//evil.example)",
    "[a](\u200bjavascript:x) [b](blob:x) [c](http:evil) [d](/\\evil.example) [e](https:/\\evil.example)",
    '<javascript:alert(1)> <data:text/html,x> <http://a.example/"onmouseover=x>',
    "[a]: javascript:alert(1) 'x\" onclick=\"y'\n\n[a] ![a]\n",
    '[a](http://a.example \'" onmouseover="alert(1)\') [b](http://a.example/?"><script>)',
    '![x](http://tracker.example/a.png) ![](http://t.example) ![](data:image/svg+xml,<svg>) ![x"><script>](/y)',
    "[![b](http://t.example/b.png)](http://a.example) ![a ![b](http://c.example)](http://d.example)",
    '```"><script>alert(1)</script>\n</code></pre><script>alert(2)</script>\n```\n',
    "```python onload=x\n'''</code>\n<script>\n'''\n```\n",
    "````html\n<script>alert(1)</script>\n````\n\n~~~a&quot;b\nx\n~~~\n",
    "`</code><script>alert(1)</script>`",
    "$\\text{<script>alert(1)</script>}$ $$\\href{javascript:x}{y}$$ \\(\\style{x}{y}\\)",
    '$$\\begin{align}a\\label{"><script>}\\end{align}$$ $\\color{red;}x$ $\\color{#123456}{x}$',
    "$</math><script>alert(1)</script>$ $\\unicode{x}$ $\\class{a}{b}$ $\\id{a}{b}$ $\\url{javascript:x}$",
    "$\\hspace{-99em}x$ $\\raisebox{50em}{y}$ $\\kern-500px$ $\\large\\Huge x$ $\\boxed{x}\\cancel{y}$",
    '| <script> | "onclick=x |\n|:--|--:|\n| <img src=x onerror=y> | `<b>` |\n',
    "- [x] <input autofocus onfocus=alert(1)>\n- [ ] <form action=//evil.example>\n",
    "<!-- a\n\n--> <![CDATA[ <?php ?> <!DOCTYPE html>\n\n</div></main></body>",
    "a\u202eb\u2066c <b dir=rtl>\n\n&lt;script&gt;alert(1)&lt;/script&gt; &#x3c;script&#x3e;",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt> \ud800<b> \ufdd0\uffff",
    "<div hx-get=/x x-data=y style=position:fixed id=a name=b role=alert aria-live=assertive>",
]


class Checker(HTMLParser):
    """Fails on anything not allowed, and on elements left open."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert (tag, name) == ("input", "aria-label") or not FORBIDDEN.fullmatch(name), (tag, name)
            self.check_value(tag, name, value or "")
        if tag == "a" and "href" in dict(attrs):
            assert dict(attrs)["rel"] == "noopener noreferrer nofollow"
        if tag == "input":
            constant = {"aria-label": "Task", "disabled": "", "type": "checkbox"}
            assert dict(attrs) | {"checked": ""} == constant | {"checked": ""}
        if tag not in ("br", "hr", "input"):
            self.stack.append(tag)

    def check_value(self, tag: str, name: str, value: str) -> None:
        if name == "class":
            words = value.split()
            assert all(
                word in CLASSES or (tag == "code" and re.fullmatch(r"language-[\w+#.-]+", word)) for word in words
            )
        if name == "href":
            assert tag == "a"
            assert is_allowed(value)
        if name in ("width", "height", "lspace", "voffset"):
            assert abs(float(re.sub(r"[a-z]+$", "", value) or 0)) < 20

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def check(html: str) -> None:
    checker = Checker()
    checker.feed(html)
    checker.close()
    assert checker.stack == []
    assert sanitise(html) == html, "cleaning it again changes it"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_is_harmless_at_every_prefix(payload: str) -> None:
    for end in range(len(payload) + 1):
        check(render(payload[:end]))


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("before", ["", "**b** [", "> - ", "$", "```\n"])
def test_a_payload_is_harmless_at_every_moment_of_a_stream(payload: str, before: str) -> None:
    renderer = IncrementalRenderer()
    for character in before + payload + "\n\nafter\n":
        renderer.feed(character)
        renderer.tick()
        blocks, tail = renderer.snapshot()
        check("".join(blocks[-2:]) + tail)
    renderer.finish()
    check(renderer.html)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_is_loaded(payload: str) -> None:
    assert not re.search(r"<(?:img|link|video|audio|source|object|embed|iframe|svg|style)\b", render(payload))


def test_text_of_raw_html_is_shown() -> None:
    assert render("<b>x</b>") == "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"


@pytest.mark.parametrize("html", ['<p onclick="x">a</p>', '<p style="x">a</p>', '<p id="x" class="message">a</p>'])
def test_the_last_wall_holds_without_the_first(html: str) -> None:
    assert sanitise(html) == "<p>a</p>"


def test_the_last_wall_keeps_text_of_unknown_elements() -> None:
    assert sanitise("<script>a</script><svg>b</svg><x-y>c</x-y><form>d</form>") == "abcd"


@pytest.mark.parametrize("value", ["9999em", "-50em", "1000px", "100%", "calc(1em)"])
def test_maths_cannot_be_moved_over_other_things(value: str) -> None:
    assert value not in sanitise(f'<math><mspace width="{value}"></mspace></math>')
