"""The life of a session: so long at most, and so long at most without use.

The end is kept as the session's own expiry, so that the cookie, the row and the sockets' look at the row agree.
"""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

NOTED_EVERY_SECONDS: Final = 3600
_STARTED: Final = "started_at"
_SEEN: Final = "seen_at"


def begin(session: SessionBase) -> None:
    """Count the session's life from now: at sign-in."""
    session[_STARTED] = timezone.now().timestamp()
    _extend(session)


def keep_alive(session: SessionBase) -> None:
    """Note that a signed-in session is used, once an hour at most; end it if it has lived too long."""
    if SESSION_KEY not in session:
        return
    if _STARTED not in session:
        begin(session)
    elif timezone.now().timestamp() - session[_SEEN] > NOTED_EVERY_SECONDS:
        _extend(session)


def _extend(session: SessionBase) -> None:
    now = timezone.now()
    oldest = settings.SESSION_COOKIE_AGE - (now.timestamp() - session[_STARTED])
    left = min(oldest, settings.SESSION_IDLE_SECONDS)
    if left <= 0:
        session.flush()
        return
    session[_SEEN] = now.timestamp()
    session.set_expiry(now + timedelta(seconds=left))
