"""Sources an answer names: their addresses and titles are the model's words, so only plain web addresses pass."""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from conversations.providers.base import Citation
from conversations.providers.payloads import count, mapping, sequence, string

_LONGEST_URL: Final = 4000
_LONGEST_TITLE: Final = 300
_NO_ADDRESS: Final = re.compile(r"[\s\x00-\x1f\x7f\\<>\"]")


def citations_in(annotations: Any, *, offset: int | None = 0) -> list[Citation]:
    """The citations among annotations of either format, nested or flat; ``offset``: where their text begins."""
    found = [_citation(mapping(annotation), offset) for annotation in sequence(annotations)]
    return [citation for citation in found if citation]


def cited_urls(value: Any) -> list[Citation]:
    """Bare addresses, as some search models list them beside their answer."""
    return [Citation(url, "") for url in map(_web_address, sequence(value)) if url]


def _citation(annotation: dict[str, Any], offset: int | None) -> Citation | None:
    inner = mapping(annotation.get("url_citation")) or annotation
    url = _web_address(inner.get("url"))
    if not url or annotation.get("type") not in (None, "url_citation"):
        return None
    start, end = count(inner.get("start_index")), count(inner.get("end_index"))
    title = " ".join(string(inner.get("title")).split())[:_LONGEST_TITLE]
    if offset is None or start is None or end is None or end < start:
        return Citation(url, title)
    return Citation(url, title, start + offset, end + offset)


def _web_address(value: Any) -> str:
    url = string(value).strip()
    if not url or len(url) > _LONGEST_URL or _NO_ADDRESS.search(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme.lower() in {"http", "https"} and parts.hostname else ""
