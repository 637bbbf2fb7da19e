"""Who has a shared conversation open: over the sockets of this process, and over those of the others.

Nothing is stored. Each process tells the others whom it has when that changes and every few seconds, and forgets what
it has not heard of for a while, so that people of a process that died are gone soon too. Everything here runs on the
event loop.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Final

from conversations.events import PresenceChanged, Present, broadcaster, conversation_topic, publish

MOST_PRESENT: Final = 60
"""Of one process in one conversation; whoever comes later is not shown."""
SETTLE, GRACE = 0.1, 1.5
"""Seconds until a coming is told, and a going: a page that is loaded again goes and comes."""
BEAT, FORGET_AFTER = 4.0, 10.0


@dataclass
class _Elsewhere:
    number: int
    people: list[Present]
    until: float


@dataclass
class _Place:
    """One conversation, as long as a socket of this process is at it."""

    sockets: dict[str, Present] = field(default_factory=dict)
    elsewhere: dict[str, _Elsewhere] = field(default_factory=dict)
    told: list[Present] = field(default_factory=list)
    due: asyncio.TimerHandle | None = None
    due_at: float = 0.0
    beat_at: float = 0.0

    def here(self) -> list[Present]:
        return _distinct(list(self.sockets.values()))[:MOST_PRESENT]


class Presence:
    """One per process: ``presence``."""

    def __init__(self) -> None:
        self._name = secrets.token_hex(8)
        self._numbers = itertools.count(1)
        self._places: dict[str, _Place] = {}
        self._at: dict[str, str] = {}

    def enter(self, conversation: object, socket: str, person: Present) -> None:
        """A socket shows this conversation now, and no other."""
        key = str(conversation)
        if self._at.get(socket) != key:
            self.leave(socket)
        is_first = key not in self._places
        place = self._places.setdefault(key, _Place())
        place.sockets[socket], self._at[socket] = person, key
        if is_first:
            self._tell(key, place, asks=True)
        else:
            self._tell_soon(key, place, SETTLE)

    def leave(self, socket: str) -> None:
        key = self._at.pop(socket, "")
        place = self._places.get(key)
        if place is not None:
            place.sockets.pop(socket, None)
            self._tell_soon(key, place, GRACE)

    def is_at(self, socket: str, conversation: str) -> bool:
        return self._at.get(socket) == conversation

    def people(self, conversation: str) -> list[Present]:
        """Everybody, once each, by name."""
        place = self._places.get(conversation)
        if place is None:
            return []
        now = time.monotonic()
        others = [person for each in place.elsewhere.values() if each.until > now for person in each.people]
        return sorted(_distinct([*place.here(), *others]), key=lambda person: (person.name.casefold(), person.user))

    def now(self, conversation: object) -> PresenceChanged:
        """For a socket that has just come: the event that changes nothing."""
        return PresenceChanged(str(conversation), self._name, 0, [])

    def note(self, event: PresenceChanged) -> None:
        """What a process says. Every socket's task brings each event here: all but the first time nothing happens."""
        place = self._places.get(event.conversation)
        if place is None or event.process == self._name:
            return
        known = place.elsewhere.get(event.process)
        if known and known.number >= event.number:
            return
        until = time.monotonic() + FORGET_AFTER
        place.elsewhere[event.process] = _Elsewhere(event.number, event.people[:MOST_PRESENT], until)
        if event.asks:
            self._tell(event.conversation, place)

    def beat(self) -> None:
        """Now and then: remind the other processes, and forget those that are silent."""
        now = time.monotonic()
        for key, place in list(self._places.items()):
            silent = [name for name, each in place.elsewhere.items() if each.until <= now]
            for name in silent:
                del place.elsewhere[name]
            if silent or (broadcaster.relay and now - place.beat_at >= BEAT):
                self._tell(key, place)

    def _tell_soon(self, key: str, place: _Place, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + seconds
        if place.due is not None:
            if place.due_at <= at:
                return
            place.due.cancel()
        place.due, place.due_at = loop.call_later(seconds, self._settle, key, place), at

    def _settle(self, key: str, place: _Place) -> None:
        place.due = None
        if place.here() != place.told:
            self._tell(key, place)
        if not place.sockets and self._places.get(key) is place:
            del self._places[key]

    def _tell(self, key: str, place: _Place, *, asks: bool = False) -> None:
        place.told, place.beat_at = place.here(), time.monotonic()
        event = PresenceChanged(key, self._name, next(self._numbers), place.told, asks)
        publish(conversation_topic(key), event)


def _distinct(people: list[Present]) -> list[Present]:
    return list({person.user: person for person in people}.values())


presence = Presence()
