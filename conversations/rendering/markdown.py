"""A whole document to safe HTML."""

from conversations.rendering.blocks import References, parse_blocks, render_block
from conversations.rendering.dialect import normalise
from conversations.rendering.output import plain_block
from conversations.rendering.plain import plain_parts, split_at_limit
from conversations.rendering.sanitising import sanitise

VERSION = 2
"""Raised whenever the output changes: HTML kept from another version is rendered anew."""


def render(text: str) -> str:
    """Safe HTML of the text, block after block. Never raises; what is too large or too costly is plain text."""
    head, rest = split_at_limit(normalise(text))
    references = References()
    blocks = parse_blocks(head, references)
    parts = [render_block(block, references) for block in blocks]
    parts += [sanitise(plain_block(part)) for part in plain_parts(rest)]
    return "".join(parts)
