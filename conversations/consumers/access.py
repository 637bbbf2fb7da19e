"""Who may hold a socket: origin, session, numbers; and the watch that ends sockets whose session has ended, or who may
not read any more what they listen to."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, Protocol

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.utils import timezone

from conversations.consumers.presence import presence
from conversations.models import User
from conversations.models.members import roles_in
from conversations.threads import in_reader

logger = logging.getLogger(__name__)

CHECK_EVERY = 2.0


class Guarded(Protocol):
    """A socket under watch. ``fingerprint`` changes with the password."""

    user_id: int
    session_key: str
    fingerprint: str

    async def end(self, code: int) -> None: ...

    def guarded(self) -> Collection[uuid.UUID]:
        """The conversations it listens to that are not known to be its user's own."""
        ...

    async def judge(self, roles: Mapping[uuid.UUID, str]) -> None:
        """What its user may do in them now: "" nothing."""
        ...


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
    """The open sockets of this process, by user; looks every two seconds whether sessions and rights still hold."""

    def __init__(self) -> None:
        self._sockets: dict[int, set[Any]] = defaultdict(set)
        self._watch: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None
        self._checking = asyncio.Lock()

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
        """End the sockets whose session, user or password is not what it was, and tell the others what they may do.

        Whoever asks before the next check has begun shares it.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._check_next(), name="session check")
        await asyncio.shield(self._next)

    async def _check_next(self) -> None:
        async with self._checking:
            self._next = None
            sockets = self._all()
            if sockets:
                holding = await in_reader(_holding, sockets)
                ended = [socket for socket in sockets if socket not in holding]
                await asyncio.gather(*(socket.end(4401) for socket in ended), return_exceptions=True)
                await _judge(holding)

    def _all(self) -> list[Any]:
        return [socket for sockets in self._sockets.values() for socket in sockets]

    async def _look(self) -> None:
        while self._sockets:
            await asyncio.sleep(CHECK_EVERY)
            presence.beat()
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


async def _judge(sockets: Collection[Any]) -> None:
    guarded = {socket: pks for socket in sockets if (pks := socket.guarded())}
    if not guarded:
        return
    wanted = {pk for pks in guarded.values() for pk in pks}
    roles = await in_reader(roles_in, wanted, {socket.user_id for socket in guarded})
    judgements = [
        socket.judge({pk: roles.get((pk, socket.user_id), "") for pk in pks}) for socket, pks in guarded.items()
    ]
    await asyncio.gather(*judgements, return_exceptions=True)


registry = Registry()
