"""The one place that marks HTML as safe: what our renderer made of an answer."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from conversations.models import Message
from conversations.rendering import markdown
from conversations.rendering.incremental import IncrementalRenderer

register = template.Library()


@register.filter
def answer_html(message: Message) -> SafeString:
    """The HTML of an answer: as stored, or rendered now if it still grows or the renderer has changed since."""
    if message.is_open:
        return mark_safe(_so_far(message.text))  # noqa: S308 - the renderer's output is sanitised
    if message.html_version == markdown.VERSION:
        return mark_safe(message.html)  # noqa: S308
    return mark_safe(markdown.render(message.text))  # noqa: S308


def _so_far(text: str) -> str:
    renderer = IncrementalRenderer()
    renderer.feed(text)
    renderer.tick()
    blocks, tail = renderer.snapshot()
    return "".join(blocks) + tail
