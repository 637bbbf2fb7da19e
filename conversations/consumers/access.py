"""Who may hold a socket: origin, session, numbers; and the watch that ends sockets whose session has ended."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from typing import Any, Protocol

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.utils import timezone

from conversations.models import User
from conversations.threads import in_reader

logger = logging.getLogger(__name__)

CHECK_EVERY = 2.0


class Guarded(Protocol):
    """A socket under watch. ``fingerprint`` changes with the password."""

    user_id: int
    session_key: str
    fingerprint: str

    async def end(self, code: int) -> None: ...


def is_own_origin(origin: str) -> bool:
    """Whether a handshake comes from a page of this site: letter by letter the origin a browser sends (RFC 6454).

    A site on loopback is the same under each of the names of loopback.
    """
    return origin in settings.SITE_ORIGINS


class Bucket:
    """A token bucket: ``rate`` a second, ``burst`` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._level, self._at = burst, time.monotonic()

    def take(self, cost: float = 1) -> bool:
        """Take ``cost`` out of the bucket; False if it does not hold that much."""
        now = time.monotonic()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < cost:
            return False
        self._level -= cost
        return True


class Registry:
    """The open sockets of this process, by user; looks every two seconds whether their sessions still hold."""

    def __init__(self) -> None:
        self._sockets: dict[int, set[Any]] = defaultdict(set)
        self._watch: asyncio.Task[None] | None = None

    def admit(self, socket: Guarded) -> bool:
        """Count a socket in; False if its user has too many already."""
        if len(self._sockets[socket.user_id]) >= settings.LIMIT_SOCKETS_PER_USER:
            return False
        self._sockets[socket.user_id].add(socket)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look(), name="session watch")
        return True

    def dismiss(self, socket: Guarded) -> None:
        own = self._sockets.get(socket.user_id, set())
        own.discard(socket)
        if not own:
            self._sockets.pop(socket.user_id, None)

    async def check(self) -> None:
        """End the sockets whose session, user or password is not what it was."""
        sockets = self._all()
        if sockets:
            holding = await in_reader(_holding, sockets)
            ended = [socket for socket in sockets if socket not in holding]
            await asyncio.gather(*(socket.end(4401) for socket in ended), return_exceptions=True)

    def _all(self) -> list[Any]:
        return [socket for sockets in self._sockets.values() for socket in sockets]

    async def _look(self) -> None:
        while self._sockets:
            await asyncio.sleep(CHECK_EVERY)
            try:
                await self.check()
            except DatabaseError:
                logger.warning("Sessions of open sockets could not be checked", exc_info=True)


def _holding(sockets: list[Any]) -> set[Any]:
    keys = {socket.session_key for socket in sockets}
    live = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list(
            "session_key", flat=True
        )
    )
    users = User.objects.filter(pk__in={socket.user_id for socket in sockets}, is_active=True)
    fingerprints = {user.pk: user.get_session_auth_hash() for user in users}
    return {
        socket
        for socket in sockets
        if socket.session_key in live and fingerprints.get(socket.user_id) == socket.fingerprint
    }


registry = Registry()
