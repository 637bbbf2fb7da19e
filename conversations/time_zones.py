"""The time zone of a person's browser, which a script put into the cookie ``tz``."""

import re
import zoneinfo
from urllib.parse import unquote


def browser_zone(cookie: str) -> zoneinfo.ZoneInfo | None:
    """The zone the cookie names, None for anything that names none."""
    name = unquote(cookie)
    if not re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", name):
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None
