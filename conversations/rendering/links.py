"""Which links are links, and bare addresses in text.

Only ``http``, ``https`` and ``mailto`` become links; anything else is text. Bare addresses are found where they begin
with ``http://`` or ``https://``, nothing more: a file name such as ``setup.py`` or an ``@`` in code is no link.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

MAXIMUM_CHARACTERS = 2_000

_ALLOWED = re.compile(r"(?:https?://[^/\\]|mailto:[^/\\])[^\s\x00-\x20\x7f]*\Z", re.IGNORECASE)
_SCHEME = re.compile(r"(?<![A-Za-z0-9+.-])https?\Z", re.IGNORECASE)
_REST = re.compile(r"://[^\s\x00-\x20\x7f<>\"`{}|\\^\[\]\u2018-\u201f\u00ab\u00bb\u3000-\u303f\uff00-\uffef]{1,2000}")
_LAST = frozenset("?!.,:*_~'\"$;")


def use_links(markdown: MarkdownIt) -> None:
    """Add the rule for bare addresses."""
    markdown.inline.ruler.before("newline", "bare_address", _bare_address)


def is_allowed(url: str) -> bool:
    """Whether this address, normalised by the parser, may be followed from a message."""
    return len(url) <= MAXIMUM_CHARACTERS and _ALLOWED.match(url) is not None


def host_of(url: str) -> str:
    """What names an address to a reader in short."""
    return url.partition("://")[2].partition("/")[0] or url


def _bare_address(state: StateInline, silent: bool) -> bool:
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.pending[-6:])
    rest = _REST.match(state.src, state.pos, state.posMax)
    if scheme is None or rest is None:
        return False
    url = _without_last_marks(scheme[0] + rest[0])
    href = state.md.normalizeLink(url)
    if not is_allowed(href):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = url
    state.push("link_close", "a", -1)
    state.pos += len(url) - len(scheme[0])
    return True


def _without_last_marks(url: str) -> str:
    """A sentence's marks, and a bracket that was not opened inside, do not belong to the address."""
    while url[-1] in _LAST or (url[-1] == ")" and url.count(")") > url.count("(")):
        url = url[:-1]
    return url
