"""Source to top-level blocks, and each block to HTML. Whole documents and growing ones are built from these alone."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from conversations.rendering import limits
from conversations.rendering.cache import Cache
from conversations.rendering.dialect import MARKDOWN
from conversations.rendering.output import plain_block
from conversations.rendering.sanitising import sanitise

logger = logging.getLogger(__name__)

PARSER_FAULTS = (RuntimeError, LookupError, ValueError, TypeError, AttributeError)
"""What the parser raises on text that it can't take."""

_MARKERS = "*_~`<&!\\$:"
_BRACKET = re.compile(r"[\[\]]")


class References:
    """Link definitions by label, on top of those known before; remembers in ``missed`` what was asked for in vain."""

    def __init__(self, known: "References | None" = None) -> None:
        self.own: dict[str, dict[str, Any]] = {}
        self.missed: set[str] = set()
        self.asked = 0
        self._known = known

    def __contains__(self, label: str) -> bool:
        return label in self.own or (self._known is not None and label in self._known)

    def __setitem__(self, label: str, definition: dict[str, Any]) -> None:
        self.own[label] = definition

    def get(self, label: str, default: None = None) -> dict[str, Any] | None:
        self.asked += 1
        found = self.own.get(label)
        if found is None and self._known is not None:
            found = self._known.own.get(label)
        if found is None:
            self.missed.add(label)
        return found


@dataclass(frozen=True)
class TopBlock:
    """A top-level block: its tokens (paragraphs not yet parsed) and its lines, from ``first`` up to ``end``."""

    first: int
    end: int
    tokens: list[Token] = field(repr=False)


def parse_blocks(source: str, references: References) -> list[TopBlock]:
    """The top-level blocks of a normalised source; link definitions in it are added to ``references``."""
    tokens: list[Token] = []
    try:
        state = StateBlock(source, MARKDOWN, {"references": references}, tokens)
        MARKDOWN.block.tokenize(state, 0, state.lineMax)
    except PARSER_FAULTS as fault:
        logger.warning("markdown of %d characters fell back to plain text: %s", len(source), type(fault).__name__)
        return [plain_top_block(source, 0, source.count("\n") + 1)]
    return [_bounded(block, state) for block in _grouped(tokens)]


def _grouped(tokens: list[Token]) -> Iterator[TopBlock]:
    begin = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            first, end = tokens[begin].map or (0, 0)
            yield TopBlock(first, end, tokens[begin : index + 1])
            begin = index + 1


def _bounded(block: TopBlock, state: StateBlock) -> TopBlock:
    """The block, or its plain text where rendering it would cost too much."""
    begin = state.bMarks[block.first]
    length = state.bMarks[block.end] - begin
    if block.tokens[0].type in ("fence", "code_block"):
        return block
    if length <= limits.BLOCK_CHARACTERS:
        return block
    return plain_top_block(state.src[begin : begin + length], block.first, block.end)


def plain_top_block(text: str, first: int, end: int) -> TopBlock:
    token = Token("plain", "div", 0)
    token.content = text
    token.map = [first, end]
    return TopBlock(first, end, [token])


def render_block(block: TopBlock, references: References, cache: Cache | None = None) -> str:
    """Safe HTML of one block; ``references.missed`` grows by the labels that would change it if they were defined."""
    cache = cache or Cache()
    environment = {"references": references, "cache": cache}
    try:
        for token in block.tokens:
            if token.type == "inline":
                token.children = _children(token.content, environment, cache)
        html = MARKDOWN.renderer.render(block.tokens, MARKDOWN.options, environment)
    except PARSER_FAULTS as fault:
        logger.warning("a block fell back to plain text: %s", type(fault).__name__)
        html = plain_block("\n".join(token.content for token in block.tokens if token.content))
    return sanitise(html)


def _children(content: str, environment: dict[str, Any], cache: Cache) -> list[Token]:
    kept = cache.inlines.get(content)
    if kept is not None:
        return kept
    if is_costly(content):
        return [Token("text", "", 0, content=content)]
    references: References = environment["references"]
    asked = references.asked
    children = parse_inline(content, references)
    _join(children)
    if references.asked == asked:
        cache.inlines[content] = children
    return children


def parse_inline(content: str, references: References) -> list[Token]:
    """The tokens of a paragraph's text, or of a part of it."""
    tokens: list[Token] = []
    MARKDOWN.inline.parse(content, MARKDOWN, {"references": references}, tokens)
    return tokens


def inline_html(tokens: list[Token]) -> str:
    """Safe HTML of what ``parse_inline`` gave."""
    _join(tokens)
    return sanitise(MARKDOWN.renderer.render([Token("inline", "", 0, children=tokens)], MARKDOWN.options, {}))


def is_costly(content: str) -> bool:
    """Whether a paragraph is to be shown without markup, to bound the time it takes."""
    if len(content) > limits.INLINE_CHARACTERS or sum(map(content.count, _MARKERS)) > limits.INLINE_MARKERS:
        return True
    depth = cost = 0
    for bracket in _BRACKET.findall(content):
        depth = depth + 1 if bracket == "[" else max(0, depth - 1)
        cost += depth
    return cost > limits.INLINE_BRACKETS


def _join(tokens: list[Token]) -> None:
    """Make escaped characters text like the rest."""
    for token in tokens:
        if token.type == "text_special":
            token.type = "text"
        if token.children:
            _join(token.children)
