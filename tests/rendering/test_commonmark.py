"""The whole render against the HTML of the specification, modulo the conventions of our dialect."""

import re
from html import unescape

from conversations.rendering.links import is_allowed
from conversations.rendering.markdown import render
from tests.rendering.conftest import Example

_OTHER_TAG = re.compile(r"<(?!/?(?:p|em|strong|a|code|blockquote|ul|ol|li|h[1-6]|hr|br)\b)")
DIFFERENT = {
    **dict.fromkeys((21, 31, 162, 344, 476, 477, 616, 631, 642, 643), "raw HTML is text, here an anchor"),
    **dict.fromkeys((602, 608, 611), "a bare address is a link"),
}


def test_examples_give_the_html_of_the_specification(examples: list[Example]) -> None:
    checked = [example for example in examples if _is_comparable(example)]
    assert len(checked) > 520
    wrong = [e.number for e in checked if _normal(render(e.markdown)) != _normal(_ours(e.html))]
    assert wrong == []


def test_each_listed_difference_is_one(examples: list[Example]) -> None:
    same = [
        number
        for number in DIFFERENT
        if _normal(render((e := examples[number - 1]).markdown)) == _normal(_ours(e.html))
    ]
    assert same == []


def _is_comparable(example: Example) -> bool:
    without_code = re.sub(r"<pre>.*?</pre>", "", example.html, flags=re.DOTALL)
    return not _OTHER_TAG.search(without_code) and example.number not in DIFFERENT


def _ours(html: str) -> str:
    """The specification's HTML with our conventions: figures around code, links only where they may be followed."""
    html = re.sub(r'<pre><code(?: class="language-([^"]*)")?>', _figure, html)
    html = html.replace("</code></pre>", "</code></pre></figure>")
    return re.sub(r'<a href="([^"]*)"([^>]*)>(.*?)</a>', _link, html, flags=re.DOTALL)


def _figure(match: re.Match[str]) -> str:
    label = re.split(r"[,{]", unescape(match[1] or ""))[0][:40]
    known = f' class="language-{label}"' if re.fullmatch(r"[A-Za-z0-9_+#.-]+", label) else ""
    bar = f'<figcaption class="code__bar"><span>{label or "text"}</span></figcaption>'
    return f'<figure class="code">{bar}<pre tabindex="0"><code{known}>'


def _link(match: re.Match[str]) -> str:
    if not is_allowed(unescape(match[1])):
        return match[3]
    return f'<a href="{match[1]}"{match[2]} rel="noopener noreferrer nofollow">{match[3]}</a>'


def _normal(html: str) -> str:
    html = re.sub(r'</?span(?: class="[ksmnc]")?>', "", html)
    html = html.replace(" />", ">").replace("<blockquote>\n</blockquote>", "<blockquote></blockquote>")
    return unescape(re.sub(r"\s*\n\s*", "\n", html)).strip()
