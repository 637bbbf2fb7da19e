"""Tokens to HTML, by the conventions that style sheets and scripts rely on.

A link that may not be followed is shown as its text. An image is a link that shows its description, or its host: a
message never loads anything. The HTML made here is well-formed block by block, and not yet sanitised.
"""

from collections.abc import Sequence
from html import escape

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from conversations.rendering import highlighting
from conversations.rendering.cache import Cache
from conversations.rendering.links import host_of, is_allowed
from conversations.rendering.mathml import without_styles
from conversations.rendering.tex import to_mathml

_ALIGNMENTS = {"text-align:right": "align-right", "text-align:center": "align-center"}


class Output(RendererHTML):
    """Holds no state: one object serves all documents and threads."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        cache: Cache = env["cache"]
        kept = cache.figures.get((token.info, token.content))
        if kept is None:
            kept = highlighting.figure(token.info, token.content)
            cache.figures[token.info, token.content] = kept
        return kept

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return highlighting.figure("", tokens[idx].content)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<div class="scroller" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<th{_alignment(tokens[idx])}>"

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<td{_alignment(tokens[idx])}>"

    def bullet_list_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self._list_open(tokens, idx)

    def ordered_list_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self._list_open(tokens, idx)

    def _list_open(self, tokens: Sequence[Token], idx: int) -> str:
        token = tokens[idx]
        start = token.attrGet("start")
        tasks = ' class="tasks"' if token.attrGet("class") else ""
        before = "\n" if idx and tokens[idx - 1].hidden else ""
        return f"{before}<{token.tag}{tasks}" + (f' start="{start}">\n' if start is not None else ">\n")

    def list_item_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        meta = tokens[idx].meta
        if "checked" in meta:
            checked = ' checked=""' if meta["checked"] else ""
            return f'<li class="task"><input aria-label="Task"{checked} disabled="" type="checkbox"> '
        following = tokens[idx + 1]
        is_inline = following.hidden or following.type == "list_item_close"
        return "<li>" if is_inline else "<li>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        href = str(token.attrGet("href"))
        if not is_allowed(href):
            return ""
        title = token.attrGet("title")
        return f'<a href="{escape(href)}"' + (f' title="{escape(str(title))}">' if title else ">")

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        opening = next(token for token in reversed(tokens[:idx]) if token.type == "link_open")
        return "</a>" if is_allowed(str(opening.attrGet("href"))) else ""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        source = str(token.attrGet("src"))
        description = self.renderInlineAsText(token.children, options, env).strip()
        allowed = is_allowed(source) and not source.lower().startswith("mailto:")
        shown = escape(description or (host_of(source) if allowed else ""))
        if not allowed or _is_in_link(tokens, idx):
            return f'<span class="external-image">{shown}</span>' if shown else ""
        title = token.attrGet("title")
        titled = f' title="{escape(str(title))}"' if title else ""
        return f'<a href="{escape(source)}" class="external-image"{titled}>{shown}</a>'

    def maths(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        return _formula(token.content, token.markup, display=token.meta["display"])

    def maths_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        return f"<p>{_formula(token.content, token.markup, display=True)}{escape(token.info)}</p>\n"

    def plain(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return plain_block(tokens[idx].content)


def plain_block(text: str) -> str:
    """The text as it is, line by line, without any markup."""
    return f'<div class="plain">{escape(text)}</div>\n'


def _formula(tex: str, markup: str, *, display: bool) -> str:
    mathml = to_mathml(tex, display=display)
    return f'<code class="tex">{escape(markup)}</code>' if mathml is None else without_styles(mathml)


def _alignment(token: Token) -> str:
    name = _ALIGNMENTS.get(str(token.attrGet("style")), "")
    return f' class="{name}"' if name else ""


def _is_in_link(tokens: Sequence[Token], idx: int) -> bool:
    """Whether an anchor is open here: anchors cannot nest."""
    for token in reversed(tokens[:idx]):
        if token.type in ("link_open", "link_close"):
            return token.type == "link_open" and is_allowed(str(token.attrGet("href")))
    return False
