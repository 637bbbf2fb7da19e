"""What must not stand in a log line, whoever writes it."""

import logging
import re

_TOKEN = re.compile(r"/(setup|s)/[\w.-]+")


class TokenFilter(logging.Filter):
    """Mask the tokens of set-up and share links: Django logs the paths of refused requests, and who has one is in."""

    def filter(self, record: logging.LogRecord) -> bool:
        if _TOKEN.search(record.getMessage()):
            record.msg, record.args = _TOKEN.sub(r"/\1/…", record.getMessage()), None
        return True
