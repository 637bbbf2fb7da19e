"""The server process: daphne on an asyncio reactor over uvloop, with a start and an end.

The loop costs a fifth less CPU at 100 streams than that of the standard library (``tests.benchmarks.bench_streams``).
"""

# ruff: noqa: E402  # Twisted takes the first reactor that is installed, and daphne installs one as it is imported
import uvloop
from twisted.internet import asyncioreactor

asyncioreactor.install(uvloop.new_event_loop())  # type: ignore[no-untyped-call]

import asyncio
import ctypes
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings
from twisted.internet import defer, reactor

from conversations.events import broadcaster
from conversations.generation import runner
from conversations.jobs import worker
from conversations.management.bodies import bound_bodies
from conversations.management.pacing import PacedRequest

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 30.0
_POLITE_SECONDS = 1.0
_LAST_RESORT_SECONDS = 34.0
SERVICE_RESTART = 1012


class ChatServer(Server):  # type: ignore[misc]  # daphne has no types
    """Serves one ASGI application until SIGTERM or SIGINT.

    The first signal drains: not ready, no new answers, up to 30 s for those that run, sockets closed with
    1012, then the end. A second one ends at once. ``announce`` is called when the server can be reached.
    """

    def __init__(self, application: Any, announce: Callable[[], None]) -> None:
        super().__init__(
            application,
            endpoints=build_endpoint_description_strings(host=settings.HOST or "0.0.0.0", port=settings.PORT),  # noqa: S104
            signal_handlers=False,
            ready_callable=self._begin,
            websocket_timeout=-1,  # a tab may stay open; the consumer watches its session
            # above our own limit, so that a frame too large gets a named error; far above it daphne closes
            websocket_max_message_size=4 * settings.LIMIT_FRAME_BYTES,
            websocket_max_frame_size=4 * settings.LIMIT_FRAME_BYTES,
            server_name="chatsite",
        )
        self.failure = ""
        self._announce = announce
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        loop: asyncio.AbstractEventLoop = reactor._asyncioEventloop  # noqa: SLF001  # as daphne does
        return loop

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """As daphne's; but where the site is https its proxy ends TLS, so every request is a secure one."""
        if settings.IS_HTTPS:
            scope["scheme"] = "wss" if scope["type"] == "websocket" else "https"
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """As daphne's; but the next piece of a long answer is asked for when the reader has taken this one."""
        await super().handle_reply(protocol, message)
        if isinstance(protocol, PacedRequest):
            await protocol.room()
        elif message["type"] == "websocket.send":
            _write_now(protocol.transport)

    def listen_error(self, failure: Any) -> None:
        self.failure = failure.getErrorMessage()
        self.stop()

    def close_sockets(self, code: int) -> None:
        """Send every open socket a close frame.

        Past ``sendClose()``, which refuses the codes below 3000 that RFC 6455 gave to servers.
        """
        for protocol in list(self.connections):
            if isinstance(protocol, WebSocketProtocol) and protocol.state == protocol.STATE_OPEN:
                protocol.sendCloseFrame(code=code)

    def kill_all_applications(self) -> Any:
        """Cancel what still runs; unlike daphne's own, also while a connection has no application."""
        running = [details["application_instance"] for details in self._with_application()]
        for task in running:
            task.cancel()
        ended: defer.Deferred[Any] = defer.Deferred.fromFuture(
            asyncio.ensure_future(asyncio.wait(running, timeout=_POLITE_SECONDS) if running else asyncio.sleep(0))
        )
        return ended

    def _with_application(self) -> list[dict[str, Any]]:
        return [
            details
            for details in self.connections.values()
            if "application_instance" in details and not details["application_instance"].done()
        ]

    def _begin(self) -> None:
        bound_bodies(self.http_factory)
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._on_signal, number)
        self._keep(self._start())

    async def _start(self) -> None:
        try:
            await runner.start()
            worker.start()
        except Exception:
            self.failure = "The runner of answers did not start."
            self.stop()
            raise
        gc.collect()
        gc.freeze()  # what was imported stays: full collections need not walk it while answers stream
        _give_memory_back()
        self._announce()

    def _on_signal(self, number: int) -> None:
        if self._stopping:
            os._exit(128 + number)
        self._stopping = True
        last_resort = threading.Timer(_LAST_RESORT_SECONDS, os._exit, [1])
        last_resort.daemon = True
        last_resort.start()
        self._keep(self._end())

    async def _end(self) -> None:
        worker.stop()
        try:
            await runner.drain(DRAIN_SECONDS)
            await worker.left(_POLITE_SECONDS)
            for listener in self.listeners:
                listener.addCallback(lambda port: port.stopListening())
            await self._until(broadcaster.is_idle)  # the ends of answers are on their way to the browsers
            self.close_sockets(SERVICE_RESTART)
            await self._until(lambda: not self._has_sockets())
        finally:
            self.stop()

    async def _until(self, condition: Callable[[], bool]) -> None:
        deadline = self._loop.time() + _POLITE_SECONDS
        while self._loop.time() < deadline and not condition():  # noqa: ASYNC110  # neither tells when it has ended
            await asyncio.sleep(0.02)

    def _has_sockets(self) -> bool:
        return any(
            isinstance(protocol, WebSocketProtocol) and protocol.state != protocol.STATE_CLOSED
            for protocol in self.connections
        )

    def _keep(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("Starting or stopping failed", exc_info=error)


def _write_now(transport: Any) -> None:
    """Write a frame without asking the reactor first whether the socket takes it: nearly all do.

    What it does not take waits as ever; so does an error, which comes again when the reactor writes.
    """
    if transport is not None and transport.connected and not transport.disconnecting:
        transport.doWrite()


def _give_memory_back() -> None:
    """What only the start needed, where the C library keeps it (glibc): a twelfth of the process."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
