"""The paragraph at the end of a growing tail, rendered on as long as only its last line grows.

What stands before a space is settled when no mark in it can pair with one that follows: then it never needs a look
again. Only the few words behind are parsed, and words without marks not even that. The HTML is, character by
character, what rendering the whole tail gives; where that isn't sure there is none.
"""

import re

from markdown_it.token import Token

from conversations.rendering.blocks import PARSER_FAULTS, References, TopBlock, inline_html, is_costly, parse_inline
from conversations.rendering.closing import closed, is_closed
from conversations.rendering.maths import OPENER

_LONGEST = 20_000
"""No longer source is rendered on: the limits of blocks are out of reach."""

_CONTAINERS = r"(?:[ \t]|>|[-*+][ \t]|\d{1,9}[.)][ \t]|\[[ xX]\][ \t])*"
_UNSURE = re.compile(rf"^{_CONTAINERS}(?:\[(?![ xX]\][ \t])|\\[\[b]|\$\$)|{OPENER.pattern}|\ufeff", re.MULTILINE)
"""Link definitions and formulas, which may take lines before or after into them; a mark that no part may begin with."""

_LETTER = re.compile(r"[^\W\d_]")
_CLOSING_TAGS = re.compile(r"(?:</(?:p|li|ul|ol|blockquote)>\n)+\Z")
_PLAIN = re.compile(r"(?:[^\x00-\x1f\x7f-\xa0\\`*_~\[\]!<>&$:]|:(?!//))*")
"""Text that is its own HTML, and stays so wherever it ends."""

_PAIRING = re.compile(r"[\\`*~\[\]$]|(?<![^\W_])_|_(?![^\W_])")


class OpenParagraph:
    """A tail whose end is a paragraph: its ``source`` was rendered to ``html``, and may now ``grow``."""

    def __init__(self, source: str, paragraph: str, leaf: Token, html: str, references: References) -> None:
        self._source = source
        self._html = html
        self._leaf = leaf
        self._references = references
        self._content = paragraph + source[len(source.rstrip()) :]
        self._before: str | None = None
        self._after = ""
        self._length = 0

    def grow(self, source: str) -> str | None:
        """HTML of the whole tail with this source; None where it has to be rendered anew."""
        if len(source) > _LONGEST or not source.startswith(self._source):
            return None
        added = source[len(self._source) :]
        if "\n" in added or "\ufeff" in added or (self._before is None and not self._take_apart()):
            return None
        self._source = source
        self._content += added
        try:
            self._settle()
            shown = self._shown()
        except PARSER_FAULTS:
            return None
        return f"{self._before}{shown}{self._after}" if shown is not None else None

    def _take_apart(self) -> bool:
        """Find the paragraph's text in the HTML."""
        closing = _CLOSING_TAGS.search(self._html)
        text = inline_html(self._leaf.children or [])
        if closing is None or not text or not self._html.endswith(text + closing[0]):
            return False
        self._after = closing[0]
        self._before = self._html[: closing.start() - len(text)]
        return True

    def _settle(self) -> None:
        """Settle what can be, up to the last single space."""
        rest = self._content[self._length :]
        end = rest.rstrip().rfind(" ")
        if end <= 0 or rest[end - 1].isspace() or rest[end + 1].isspace():
            return
        words = rest[:end]
        if _PLAIN.fullmatch(words):
            self._before = f"{self._before}{words}"
        elif is_closed(words) and not any(map(_may_pair, tokens := parse_inline(words, self._references))):
            self._before = f"{self._before}{inline_html(tokens)}"
        else:
            return
        self._length += end

    def _shown(self) -> str | None:
        """HTML of what isn't settled; None where it isn't sure, or all of the paragraph is to be plain."""
        settled, rest = self._content[: self._length], self._content[self._length :]
        if _PLAIN.fullmatch(rest):
            return rest.rstrip()
        shown = closed(rest)
        if not shown:  # an address that would now come last is shown differently
            return "" if settled and "<" not in settled.rpartition(" ")[2] else None
        if is_costly(settled + shown):
            return None
        return inline_html(parse_inline(shown, self._references))


def open_paragraph(
    source: str, parsed: str, blocks: list[TopBlock], paragraph: str, html: str, references: References
) -> OpenParagraph | None:
    """The paragraph that ends a tail, if one does.

    ``parsed`` is the end of the source that ``blocks`` came from, ``paragraph`` the text of their last leaf before
    what is open in it was closed. Its last line must have a letter: from there on nothing that follows on the line
    can make it something else.
    """
    tokens = blocks[-1].tokens
    index = last_leaf(blocks[-1])
    leaf, last_line = tokens[index], paragraph.rpartition("\n")[2]
    if tokens[index - 1].type != "paragraph_open" or not leaf.content or len(source) > _LONGEST:
        return None
    reaches_end = leaf.map is not None and leaf.map[1] == parsed.count("\n") + 1
    if not reaches_end or not _LETTER.search(last_line) or not _ends_with(parsed, last_line):
        return None
    if last_line.lstrip().startswith("|") or _UNSURE.search(parsed) or is_costly(leaf.content):
        return None
    return OpenParagraph(source, paragraph, leaf, html, references)


def last_leaf(block: TopBlock) -> int:
    """The index of the last token that shows something."""
    for index in range(len(block.tokens) - 1, -1, -1):
        token = block.tokens[index]
        if token.nesting == 0 and (token.type != "inline" or token.content):
            return index
    return len(block.tokens) - 1


def _ends_with(source: str, last_line: str) -> bool:
    """Whether the source's last line is this one, but for blanks around it."""
    return source[source.rfind("\n") + 1 :].rstrip().endswith(last_line)


def _may_pair(token: Token) -> bool:
    """Whether a mark in it stands as text only because nothing has followed yet that it belongs to."""
    return token.type == "text" and _PAIRING.search(token.content) is not None
