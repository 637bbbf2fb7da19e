"""What the server tells browsers, and how it gets there inside one process.

**Protocol of the socket** ``/ws/``: JSON text frames, one socket per tab. Every frame has a ``type``.

Browser → server (orders; ``id`` is echoed in the answer, see ``consumers/orders.py`` for the fields)::

    conversation.open    {id, conversation, have: {generation: seq}}
                         → reply {leaf, revision}, then a snapshot of each answer that runs
    conversation.close   {id, conversation}
    message.send         {id, client_id, conversation|null, parent|null, text, model|null}
                         → reply {conversation, url, title, question, answer, generation, revision, model_name}
    message.edit         {id, client_id, message, text}: a sibling of a person's message → as message.send
    message.answer_tools {id, client_id, message, results: [{call, text}]}: what the called tools gave
                         → as message.send
    message.regenerate   {id, client_id, message, model|null}: a sibling of an answer → as message.send
    message.continue     {id, client_id, message}: the same answer goes on → as message.send
    message.retry        {id, client_id, message}: runs an empty answer again, else as message.regenerate
    branch.select        {id, message} → reply {conversation, leaf, revision}
    generation.stop      {id, generation} → reply {}
    presence.typing      {id, conversation} → reply {}; at most every 3 s while one writes in a shared conversation
    ack                  {generation, seq}: no reply; about once a second
    ping                 {id} → reply {}; every 20 s

Server → browser: ``reply`` {id, ok: true, …}, ``error`` {id, code, message, retryable, field?}, and the facts
and pieces below. The pieces of one generation are numbered by ``seq`` from 1 without gaps; a browser
applies a piece only if it is the next one, else it sends ``conversation.open`` again and gets a snapshot.

Who may only read a conversation may open it and hears what its writers hear; every other order is answered as if there
were no such conversation.

**Closing.** 4401 signed out, 4403 wrong origin, 4405 access to a conversation was taken back (``conversation.removed``
with its ``reason`` has gone before; a new connection is welcome), 4408 dead, 4429 limits, 4012 restart.

**Topics.** ``conversation.<id>`` for what happens inside one, ``user.<id>`` for what the sidebars of its people
show. Joining is the permission check and is done by the consumer; every two seconds, and at ``members.changed``,
it is made anew (``consumers/access.py``).

**Ways.** ``publish()`` hands an event to the subscriptions of this process, and to the relay (Redis)
where there are other processes. A subscription is bounded: when it is full, the pieces in it are thrown
away and replaced by one ``Lost`` mark per generation, for which the consumer sends a snapshot.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import ClassVar, TypeGuard

import msgspec

from conversations.pieces import Op, ToolOp


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    """Base of all facts and pieces; the tag is the ``type`` of the frame."""


# ---- facts: carry ids, each consumer renders HTML for its own viewer -------------------------------


class MessageAdded(Event, frozen=True, tag="message.added"):
    """A question and its answer, or an answer, joined the tree and the selected branch."""

    conversation: str
    messages: list[str]
    parent: str | None
    revision: int
    origin: str = ""
    """Id of the socket that caused it: that tab shows its own message already."""


class BranchSelected(Event, frozen=True, tag="branch.selected"):
    """Another branch is shown, or the tree has lost, regained or renamed something: the log is fetched anew."""

    conversation: str
    leaf: str | None
    revision: int
    origin: str = ""


class ConversationChanged(Event, frozen=True, tag="conversation.changed"):
    """Title, pin, activity, or the running and unseen marks: the sidebar's row is rendered anew."""

    conversation: str


class ConversationRemoved(Event, frozen=True, tag="conversation.removed"):
    """It was deleted, or is not this person's to read any more; ``reason`` is a sentence where it was not deleted."""

    conversation: str
    reason: str = ""


class MembersChanged(Event, frozen=True, tag="members.changed"):
    """Who may read or write here is another. The frame says for its viewer: ``may_edit``, ``is_shared``."""

    conversation: str


class Present(msgspec.Struct, frozen=True):
    """Somebody who has a conversation open."""

    user: int
    name: str


class PresenceChanged(Event, frozen=True, tag="presence.changed"):
    """Who has a shared conversation open over one process; a later ``number`` replaces an earlier one.

    The frame has the ``html`` of all others' avatars, whatever their process, and ``count``. Kept in memory only.
    """

    conversation: str
    process: str
    number: int
    people: list[Present]
    asks: bool = False
    """Whether the other processes are to say whom they have."""


class PresenceTyping(Event, frozen=True, tag="presence.typing"):
    """Somebody is writing a message; forgotten after 6 s, and with ``message.added`` by them."""

    conversation: str
    user: int
    name: str


class SidebarChanged(Event, frozen=True, tag="sidebar.changed"):
    """Folders, tags or what they count: the top of the sidebar is fetched anew. ``whole``: the rows below it too."""

    whole: bool = False


class GenerationQueued(Event, frozen=True, tag="generation.queued"):
    conversation: str
    generation: str
    message: str
    position: int
    """How many must end before this one starts; 0 is the next."""


class GenerationStarted(Event, frozen=True, tag="generation.started"):
    conversation: str
    generation: str
    message: str


class GenerationWaiting(Event, frozen=True, tag="generation.waiting"):
    """The provider asked for patience; ``seconds`` from now the next try is made."""

    conversation: str
    generation: str
    message: str
    seconds: float
    why: str


class GenerationFinished(Event, frozen=True, tag="generation.finished"):
    """``length`` counts the characters of the text, ``hash`` is the CRC-32 of the whole HTML in UTF-8."""

    conversation: str
    generation: str
    message: str
    seq: int
    status: str
    length: int
    hash: int
    revision: int


class SessionEnded(Event, frozen=True, tag="session.ended"):
    """Sent to a user's topic: every socket checks its session at once."""


class Resync(Event, frozen=True, tag="resync"):
    """Events may have been lost (the relay was away): open conversations ask for their state again."""


# ---- pieces: numbered, the same for every viewer -----------------------------------------------------


class GenerationDelta(Event, frozen=True, tag="generation.delta"):
    conversation: str
    generation: str
    message: str
    seq: int
    ops: list[Op]


class GenerationSnapshot(Event, frozen=True, tag="generation.snapshot"):
    """The whole state up to ``seq``; replaces everything shown of this answer."""

    conversation: str
    generation: str
    message: str
    seq: int
    blocks: list[str]
    tail: str
    reasoning: str
    reasoning_seconds: float | None = None
    tools: list[ToolOp] = []
    """Each call so far, whole."""
    status: str = ""


class Lost(Event, frozen=True, tag="lost"):
    """Inside a subscription only: pieces of this generation were dropped, a snapshot is due.

    ``have`` is what the tab says it has already; it needs none if that is all there is.
    """

    conversation: str
    generation: str
    have: int = -1


def _is_piece(event: Event) -> TypeGuard[GenerationDelta | GenerationSnapshot | Lost]:
    return isinstance(event, GenerationDelta | GenerationSnapshot | Lost)


PUBLIC = (
    MessageAdded
    | BranchSelected
    | ConversationChanged
    | ConversationRemoved
    | SidebarChanged
    | MembersChanged
    | PresenceChanged
    | PresenceTyping
    | GenerationQueued
    | GenerationStarted
    | GenerationWaiting
    | GenerationFinished
    | SessionEnded
    | Resync
    | GenerationDelta
    | GenerationSnapshot
)


def encode(event: Event) -> str:
    return msgspec.json.encode(event).decode()


def conversation_topic(conversation: object) -> str:
    return f"conversation.{conversation}"


def user_topic(user_id: object) -> str:
    return f"user.{user_id}"


# ---- fan-out in process --------------------------------------------------------------------------------


class Subscription:
    """One socket's bounded queue. Read it from one task: ``event = await subscription.get()``."""

    CAPACITY: ClassVar[int] = 256

    def __init__(self) -> None:
        self.topics: dict[str, None] = {}
        """In the order of joining."""
        self._queue: deque[Event] = deque()
        self._ready = asyncio.Event()
        self._is_waiting = False

    def put(self, event: Event) -> None:
        """Add an event; a change that is announced already and not read yet is not announced twice."""
        if isinstance(event, Lost):
            self._replace_pieces(event)
        elif isinstance(event, GenerationDelta | GenerationSnapshot) and len(self._queue) >= self.CAPACITY:
            self._shrink(event)
        elif not (isinstance(event, ConversationChanged | SidebarChanged) and event in self._queue):
            self._queue.append(event)
        self._ready.set()

    async def wait(self) -> None:
        """Until there is something to get."""
        while not self._queue:
            self._ready.clear()
            self._is_waiting = True
            await self._ready.wait()
        self._is_waiting = False

    async def get(self) -> Event:
        await self.wait()
        return self._queue.popleft()

    @property
    def is_empty(self) -> bool:
        return not self._queue

    @property
    def is_idle(self) -> bool:
        """Whether its reader has dealt with everything and asked for more."""
        return self._is_waiting and not self._queue

    def _replace_pieces(self, lost: Lost) -> None:
        """The snapshot that is due holds all that waits here."""
        kept = [each for each in self._queue if not _is_piece(each) or each.generation != lost.generation]
        self._queue = deque([*kept, lost])

    def _shrink(self, newest: GenerationDelta | GenerationSnapshot) -> None:
        pieces = [*self._queue, newest]
        kept = [event for event in pieces if not _is_piece(event)]
        lost = {event.generation: Lost(event.conversation, event.generation) for event in pieces if _is_piece(event)}
        self._queue = deque([*lost.values(), *kept])


Relay = Callable[[str, Event], None]


class Broadcaster:
    """Topics to subscriptions, on the event loop of this process. One per process: ``broadcaster``."""

    def __init__(self) -> None:
        self._members: dict[str, set[Subscription]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.relay: Relay | None = None
        self.watch: Callable[[str, bool], None] | None = None
        self.watched_elsewhere: Callable[[str], bool] = lambda _topic: False

    def start(self) -> None:
        """Bind to the running loop; events published from threads are handed over to it."""
        self._loop = asyncio.get_running_loop()

    def join(self, topic: str, subscription: Subscription) -> None:
        members = self._members.setdefault(topic, set())
        if not members and self.watch:
            self.watch(topic, True)
        members.add(subscription)
        subscription.topics.pop(topic, None)
        subscription.topics[topic] = None

    def leave(self, topic: str, subscription: Subscription) -> None:
        subscription.topics.pop(topic, None)
        members = self._members.get(topic, set())
        members.discard(subscription)
        if not members and self._members.pop(topic, None) is not None and self.watch:
            self.watch(topic, False)

    def leave_all(self, subscription: Subscription) -> None:
        for topic in tuple(subscription.topics):
            self.leave(topic, subscription)

    def has_members(self, topic: str) -> bool:
        """Whether a socket of this process listens."""
        return topic in self._members

    def is_watched(self, topic: str) -> bool:
        """Whether anybody listens, as far as this process knows."""
        return topic in self._members or self.watched_elsewhere(topic)

    def topics(self) -> list[str]:
        return list(self._members)

    def is_idle(self) -> bool:
        """Whether every subscriber of this process has dealt with all that was delivered so far."""
        return all(member.is_idle for members in self._members.values() for member in members)

    def deliver(self, topic: str, event: Event) -> None:
        """Hand an event to the subscriptions of this process. Call it on the loop."""
        for subscription in self._members.get(topic, ()):
            subscription.put(event)

    def deliver_everywhere(self, event: Event) -> None:
        """Hand an event to every subscription of this process once."""
        for subscription in {member for members in self._members.values() for member in members}:
            subscription.put(event)

    def publish(self, topic: str, event: Event) -> None:
        """Announce an event from any thread."""
        loop = self._loop
        if loop is None or loop.is_closed():
            self._relay(topic, event)
            return
        try:
            on_loop = asyncio.get_running_loop() is loop
        except RuntimeError:
            on_loop = False
        if on_loop:
            self._announce(topic, event)
        else:
            loop.call_soon_threadsafe(self._announce, topic, event)

    def _announce(self, topic: str, event: Event) -> None:
        self.deliver(topic, event)
        self._relay(topic, event)

    def _relay(self, topic: str, event: Event) -> None:
        if self.relay:
            self.relay(topic, event)


broadcaster = Broadcaster()
publish = broadcaster.publish
