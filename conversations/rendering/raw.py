"""Texts that are data, not prose: one block of code, letter by letter."""

from typing import Final

from conversations.rendering.highlighting import figure
from conversations.rendering.sanitising import sanitise

JSON_OPENING: Final = "`" * 12 + "json\n"
"""Before a text of JSON, it makes Markdown of it that is one block of code: no line of JSON closes it."""


def render(text: str, language: str = "") -> str:
    """Safe HTML of a whole text as a figure of code. Never raises."""
    return sanitise(figure(language, text))
