"""Pictures that foreign files name by an address."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import urlsplit

from conversations.transfer.records import ImageRecord

_DATA: Final = re.compile(r"data:image/[a-z0-9.+-]{1,40};base64,", re.IGNORECASE)
_LONGEST_URL: Final = 2000
_FORBIDDEN: Final = re.compile(r"[\s\x00-\x1f\x7f\\<>\"]")


def picture_at(address: str, name: str = "") -> ImageRecord | None:
    """A picture of the web or one inside its own address, None for what is only at the other program's place."""
    head = _DATA.match(address[:100])
    if head:
        try:
            data = base64.b64decode(address[head.end() :], validate=True)
        except (binascii.Error, ValueError):
            return None
        return ImageRecord(data=data, name=name) if data else None
    return ImageRecord(url=address, name=name) if web_address(address) else None


def web_address(address: str) -> str:
    """The address if it is a plain one of the web, else ""."""
    if not address or len(address) > _LONGEST_URL or _FORBIDDEN.search(address):
        return ""
    try:
        parts = urlsplit(address)
        return address if parts.scheme.lower() in {"http", "https"} and parts.hostname else ""
    except ValueError:
        return ""
