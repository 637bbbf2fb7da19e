"""Sources that an answer names. Addresses and titles come from models: only http and https become links."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django import template

from conversations.models import Message
from conversations.rendering.links import is_allowed

register = template.Library()

LONGEST_TITLE: Final = 200


@dataclass(frozen=True)
class Source:
    url: str
    host: str
    title: str


@register.filter
def sources(message: Message) -> list[Source]:
    """Each address once, in the order they were named first."""
    found: dict[str, Source] = {}
    for citation in message.citations:
        url = str(citation.get("url", ""))
        host = _host(url)
        if host and url not in found:
            found[url] = Source(url, host, _title(str(citation.get("title") or ""), url, host))
    return list(found.values())


def _host(url: str) -> str:
    """Whose address it is; nothing for one that can't be followed. A name before an @ is not the host."""
    if not url.lower().startswith(("http://", "https://")) or not is_allowed(url):
        return ""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _title(given: str, url: str, host: str) -> str:
    title = " ".join(given.split())[:LONGEST_TITLE]
    if title and title != url:
        return title
    path = urlsplit(url).path.strip("/")
    return f"{host}/{path}"[:LONGEST_TITLE] if path else host
