"""The one place that marks HTML as safe: what our renderer made of an answer."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from conversations.generation.structured import as_shown, asked_of
from conversations.models import Message
from conversations.rendering import markdown, raw
from conversations.rendering.incremental import IncrementalRenderer

register = template.Library()


@register.filter
def answer_html(message: Message) -> SafeString:
    """The HTML of an answer: as stored, or rendered now if it still grows or the renderer has changed since."""
    if not message.is_open and message.html_version == markdown.VERSION:
        return mark_safe(message.html)  # noqa: S308 - the renderer's output is sanitised
    text = as_shown(message.text, asked_of(message), is_refusal=message.is_refusal)
    return mark_safe(_so_far(text) if message.is_open else markdown.render(text))  # noqa: S308


@register.filter
def code_html(text: str, language: str = "") -> SafeString:
    """Untrusted text as a figure of code, as the renderer makes it."""
    return mark_safe(raw.render(text, language))  # noqa: S308 - the same sanitiser


def _so_far(text: str) -> str:
    renderer = IncrementalRenderer()
    renderer.feed(text)
    renderer.tick()
    blocks, tail = renderer.snapshot()
    return "".join(blocks) + tail
