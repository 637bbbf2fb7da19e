"""A tab as seen from the wire: speaks the socket protocol and keeps what a browser would show of each answer."""

import asyncio
import contextlib
import json
import uuid
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.site import Person, Site

Frame = dict[str, Any]


@dataclass
class Shown:
    """One answer as shown: final blocks, tail, and the number of the last piece."""

    seq: int = 0
    blocks: list[str] = field(default_factory=list)
    tail: str = ""
    raw: str = ""
    reasoning: str = ""
    calls: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    """Id, name and arguments so far."""
    doing: str = ""
    gaps: int = 0
    status: str = ""
    end: Frame | None = None

    @property
    def html(self) -> str:
        return "".join(self.blocks)

    @property
    def is_true(self) -> bool:
        """Whether what is shown is what the server says it should be."""
        return self.end is not None and zlib.crc32(self.html.encode()) == self.end["hash"]

    def snapshot(self, frame: Frame) -> None:
        self.seq, self.blocks, self.tail = frame["seq"], list(frame["blocks"]), frame["tail"]
        self.reasoning, self.raw = frame["reasoning"], ""
        self.calls, self.doing = {}, frame["status"]
        for op in frame["tools"]:
            self._apply(op)

    def delta(self, frame: Frame) -> None:
        if frame["seq"] <= self.seq:
            return
        if frame["seq"] != self.seq + 1:
            self.gaps += 1
            return
        self.seq = frame["seq"]
        for op in frame["ops"]:
            self._apply(op)

    def _apply(self, op: Frame) -> None:
        match op["op"]:
            case "block":
                self.blocks[op["i"] : op["i"] + 1] = [op["html"]]
            case "tail":
                kept = self.tail.encode("utf-16-le")[: 2 * op["keep"]].decode("utf-16-le")
                self.tail, self.raw = kept + op["html"], ""
            case "text":
                self.raw += op["t"]
            case "reasoning":
                self.reasoning += op["t"]
            case "tool":
                before = self.calls.get(op["i"], ("", "", ""))[2]
                self.calls[op["i"]] = (op["id"], op["name"], before + op["t"])
            case "status":
                self.doing = op["t"]


class Tab:
    """An open socket. Frames are read by one task; ``wait_for`` looks at all that came and will come."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[Frame] = []
        self.shown: dict[str, Shown] = {}
        self.is_acking = True
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(Exception):
            async for text in self.connection:
                frame = json.loads(text)
                self.frames.append(frame)
                await self._keep(frame)
                async with self._news:
                    self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def _keep(self, frame: Frame) -> None:
        if "generation" not in frame or not frame["type"].startswith("generation."):
            return
        shown = self.shown.setdefault(frame["generation"], Shown())
        match frame["type"]:
            case "generation.snapshot":
                shown.snapshot(frame)
            case "generation.delta":
                shown.delta(frame)
                if self.is_acking and shown.seq % 20 == 0:
                    await self.tell("ack", generation=frame["generation"], seq=shown.seq)
            case "generation.finished":
                shown.status, shown.end = frame["status"], frame

    async def tell(self, kind: str, **fields: Any) -> None:
        await self.connection.send(json.dumps({"type": kind, **fields}))

    async def ask(self, kind: str, **fields: Any) -> Frame:
        """Give an order; its reply or error."""
        order_id = uuid.uuid4().hex
        await self.tell(kind, id=order_id, **fields)
        return await self.wait_for(lambda f: f["type"] in {"reply", "error"} and f.get("id") == order_id)

    async def send(
        self, text: str, *, conversation: str | None = None, parent: str | None = None, **more: Any
    ) -> Frame:
        fields = {"client_id": str(uuid.uuid4()), "conversation": conversation, "parent": parent, "text": text} | more
        return await self.ask("message.send", **fields)

    async def wait_for(self, wanted: Callable[[Frame], bool], seconds: float = 20) -> Frame:
        async with asyncio.timeout(seconds), self._news:
            while True:
                for frame in self.frames:
                    if wanted(frame):
                        return frame
                if self._reader.done():
                    raise ConnectionError(f"closed with {self.connection.close_code}; last frames {self.frames[-3:]}")
                await self._news.wait()

    async def wait_for_type(self, kind: str, seconds: float = 20, **fields: Any) -> Frame:
        return await self.wait_for(
            lambda f: f["type"] == kind and all(f.get(key) == value for key, value in fields.items()), seconds
        )

    async def wait_for_end(self, generation: str, seconds: float = 60) -> Frame:
        return await self.wait_for_type("generation.finished", seconds, generation=generation)

    async def closed(self, seconds: float = 10) -> int | None:
        """Wait until the server has closed; the code."""
        async with asyncio.timeout(seconds):
            await self.connection.wait_closed()
        return self.connection.close_code


@contextlib.asynccontextmanager
async def open_tab(site: Site, person: Person, *, origin: str | None = None) -> AsyncIterator[Tab]:
    """A tab of a signed-in person."""
    headers = {"Cookie": f"session={person.session}", "Origin": origin or site.url}
    async with connect(
        site.socket_url, additional_headers=headers, max_size=2**24, max_queue=None, proxy=None
    ) as connection:
        tab = Tab(connection)
        try:
            yield tab
        finally:
            tab._reader.cancel()
