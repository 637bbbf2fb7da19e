"""The conventions of the output that style sheets and scripts rely on."""

import pytest

from conversations.rendering.markdown import VERSION, render

REL = 'rel="noopener noreferrer nofollow"'


def test_the_version_is_a_number() -> None:
    assert VERSION >= 1


def test_a_code_block_is_a_figure_with_its_language() -> None:
    assert render("```python\npass\n```") == (
        '<figure class="code"><figcaption class="code__bar"><span>python</span></figcaption>'
        '<pre tabindex="0"><code class="language-python"><span class="k">pass</span>\n</code></pre></figure>\n'
    )


def test_indented_code_is_a_figure_of_text() -> None:
    assert '<span>text</span></figcaption><pre tabindex="0"><code>&lt;b&gt;\n</code>' in render("    <b>")


def test_an_unknown_language_is_plain() -> None:
    assert '<code class="language-klingon">if x\n</code>' in render("```klingon\nif x\n```")


def test_a_table_scrolls_and_aligns_by_classes() -> None:
    html = render("|a|b|c|d|\n|:-|-:|:-:|-|\n|1|2|3|4|")
    assert html.startswith('<div class="scroller" tabindex="0"><table>\n')
    assert '<td>1</td>\n<td class="align-right">2</td>\n<td class="align-center">3</td>\n<td>4</td>' in html


def test_tasks_have_disabled_boxes() -> None:
    html = render("- [x] a\n- [ ] b\n- c")
    assert html == (
        '<ul class="tasks">\n<li class="task"><input aria-label="Task" checked="" disabled="" type="checkbox"> a</li>\n'
        '<li class="task"><input aria-label="Task" disabled="" type="checkbox"> b</li>\n<li>c</li>\n</ul>\n'
    )


def test_links_carry_rel_and_title() -> None:
    assert render("[a](https://a.example 't')") == f'<p><a href="https://a.example" title="t" {REL}>a</a></p>\n'


@pytest.mark.parametrize("address", ["/path", "javascript:x", "ftp://a.example", "//a.example", "http:a", "#a", ""])
def test_other_addresses_are_text(address: str) -> None:
    assert render(f"[a](<{address}>)") == "<p>a</p>\n"


def test_an_image_is_a_link_with_its_description_or_host() -> None:
    html = render("![a *b*](http://i.example/x.png 't') ![](http://i.example/x.png) ![c](/d)![](/e)")
    assert html == (
        f'<p><a href="http://i.example/x.png" class="external-image" title="t" {REL}>a b</a> '
        f'<a href="http://i.example/x.png" class="external-image" {REL}>i.example</a> '
        '<span class="external-image">c</span></p>\n'
    )


def test_an_image_in_a_link_is_its_description() -> None:
    html = render("[![a](http://i.example/x.png)](http://a.example) ![b](http://i.example)")
    assert html.startswith(f'<p><a href="http://a.example" {REL}><span class="external-image">a</span></a> <a href=')


def test_an_image_in_a_link_to_nowhere_is_a_link() -> None:
    assert render("[![a](http://i.example)](/b)").count("<a ") == 1


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/b_(c)).", "https://a.example/b_(c)"),
        ("**http://a.example**", "http://a.example"),
        ("\u89c1https://a.example/\u3002", "https://a.example/"),
        ("HTTP://a.example/?q=1&b=2, and", "HTTP://a.example/?q=1&amp;b=2"),
    ],
)
def test_bare_addresses_are_links(text: str, address: str) -> None:
    assert f">{address}</a>" in render(text)


@pytest.mark.parametrize(
    "text", ["xhttp://a.example", "www.a.example", "a@b.example", "setup.py", "http://", "a://b", "http:// a"]
)
def test_these_are_no_links(text: str) -> None:
    assert "<a " not in render(text)


def test_no_link_in_a_link() -> None:
    assert render("[https://a.example](https://b.example)").count("<a ") == 1


def test_lists_keep_their_number_and_nest() -> None:
    assert render("3. a\n   - b\n     > c") == (
        '<ol start="3">\n<li>a\n<ul>\n<li>b\n<blockquote>\n<p>c</p>\n</blockquote>\n</li>\n</ul>\n</li>\n</ol>\n'
    )


def test_an_empty_text_is_nothing() -> None:
    assert render("") == ""


def test_escapes_and_strikes() -> None:
    assert render("\\*a\\* ~~b~~") == "<p>*a* <s>b</s></p>\n"
