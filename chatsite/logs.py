"""What must not stand in a log line, whoever writes it."""

import logging
import re

_SETUP = re.compile(r"/setup/[0-9a-f]+")


class TokenFilter(logging.Filter):
    """Mask the token of a set-up link: Django logs the paths of refused requests, and whoever has it is the admin."""

    def filter(self, record: logging.LogRecord) -> bool:
        if "/setup/" in record.getMessage():
            record.msg, record.args = _SETUP.sub("/setup/…", record.getMessage()), None
        return True
