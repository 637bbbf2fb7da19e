"""The network between browser and site: a TCP relay that can hold bytes back and break connections."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

_CHUNK = 65_536


class Network:
    """Relays to ``port`` of this machine. Calls come from the test's thread; the relay has one of its own.

    What is held is delivered at the release, as TCP does after an outage.
    """

    def __init__(self) -> None:
        self.port = 0  # of the site
        self.has_sockets = True
        """Whether WebSockets get through; some proxies know only plain HTTP."""
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._up, self._down = asyncio.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def hold(self, *, up: bool = True, down: bool = True) -> None:
        """Let nothing through: ``up`` is towards the site, ``down`` towards the browser."""
        self._call(self._hold(up=up, down=down))

    def cut(self) -> None:
        """Break every connection there is."""
        self._call(self._cut())

    def release(self) -> None:
        """Everything flows."""
        self._call(self._release())

    def start(self) -> None:
        self._thread.start()
        self._call(self._start())

    def stop(self) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: "Awaitable[None]") -> None:
        async def run() -> None:
            await work

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        await self._release()

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._cut()

    async def _hold(self, *, up: bool, down: bool) -> None:
        for gate, is_closed in ((self._up, up), (self._down, down)):
            if is_closed:
                gate.clear()

    async def _release(self) -> None:
        self.has_sockets = True
        self._up.set()
        self._down.set()

    async def _cut(self) -> None:
        tasks = [task for task in self._tasks if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            first = await reader.read(_CHUNK)
            if first.startswith(b"GET /ws/") and not self.has_sockets:
                writer.transport.abort()
                return
            site_reader, site_writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                await _first_done(
                    lambda: _pump(reader, site_writer, self._up, first),
                    lambda: _pump(site_reader, writer, self._down),
                )
            finally:
                site_writer.transport.abort()
                writer.transport.abort()


async def _first_done(*works: Callable[[], Awaitable[None]]) -> None:
    """A connection is over when one of its directions is."""
    tasks = [asyncio.ensure_future(work()) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event, data: bytes = b""
) -> None:
    """Carry all bytes, ``data`` first."""
    while data := data or await reader.read(_CHUNK):
        await gate.wait()
        writer.write(data)
        await writer.drain()
        data = b""
    writer.write_eof()
    await asyncio.sleep(0.2)  # what was written last leaves before the connection is closed


@contextmanager
def running_network() -> Iterator[Network]:
    network = Network()
    network.start()
    try:
        yield network
    finally:
        network.stop()
