"""Raw HTTP/1.1 on asyncio: enough of it to be talked to, little enough to send whatever a script wants."""

import asyncio
import json
import time
from typing import Any, cast

from tests.upstream import systems, validation
from tests.upstream.player import head, play, stream_default, stream_events, usage_of
from tests.upstream.systems_responses import responses_complaint
from tests.upstream.texts import expected_text, plan_of

_MODELS = ("words-200-50", "words-60-200", "words-2000-0", "text-embedding-3-small", "whisper-1")


class World:
    """What is shared by all connections: scripts, gates, the record of requests."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.reset()

    def reset(self) -> None:
        self.scripts: dict[str, list[dict[str, Any]]] = {}
        self.records: list[dict[str, Any]] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.total = 0
        for connection in list(self.connections):
            if connection.is_data:
                connection.transport.abort()

    def script_for(self, name: str) -> list[dict[str, Any]] | None:
        """The next script under this name; each is played as often as it was posted for."""
        waiting = self.scripts.get(name, [])
        if not waiting:
            return None
        script = waiting[0]
        if script["times"] is not None:
            script["times"] -= 1
            if script["times"] <= 0:
                waiting.pop(0)
        return cast("list[dict[str, Any]]", script["steps"])

    def opened(self, name: str) -> asyncio.Event:
        return self.gates.setdefault(name, asyncio.Event())


class Connection(asyncio.Protocol):
    def __init__(self, world: World) -> None:
        self.world = world
        self.is_lost = False
        self.is_data = False
        self._buffer = b""
        self._record: dict[str, Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.world.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        self._writable.set()
        self.world.connections.discard(self)
        self.ended("closed by client")
        if self._task:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    async def drained(self) -> None:
        await self._writable.wait()

    async def gate(self, name: str) -> None:
        await self.world.opened(name).wait()

    def ended(self, outcome: str) -> None:
        """Note how the running request ended; the first outcome counts."""
        if self._record is not None:
            self._record |= {"outcome": outcome, "ended_at": time.time()}
            self._record = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._record is not None:
            return
        if self._buffer.startswith(b"\x16\x03"):  # somebody speaks TLS to the plain port
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            self.transport.close()
            return
        start, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lines = start.decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        size = int(headers.get("content-length", 0))
        if len(rest) >= size:
            self._buffer = rest[size:]
            method, target, _ = lines[0].split(" ", 2)
            self._handle(method, target, headers, rest[:size])

    def _handle(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        try:
            value = json.loads(body) if body else None
        except ValueError:
            value = body.decode("latin-1")
        path, _, query = target.partition("?")
        if path.startswith("/_"):
            self.reply(200, control(self.world, path, value))
            return
        if not self.is_data:
            self.is_data = True
            self.world.total += 1
        self._record = {
            "method": method, "path": path, "query": query, "headers": headers, "body": value,
            "connection": id(self), "at": time.time(), "outcome": "running", "ended_at": None,
        }  # fmt: skip
        self.world.records.append(self._record)
        self._task = asyncio.create_task(self._answer(systems.Call(method, path, query, headers, value)))

    async def _answer(self, call: systems.Call) -> None:
        route, headers, body = f"{call.method} {call.path}", call.headers, call.body
        model = body.get("model") if isinstance(body, dict) else None
        steps = self.world.script_for(route) or self.world.script_for(str(model))
        if steps is not None:
            await play(self, steps)
            return
        reply = systems.reply_to(call)
        if reply is not None:
            await self._play_reply(reply)
        elif headers.get("authorization", "").startswith("Bearer bad"):
            self.reply(401, _error("Incorrect API key provided.", code="invalid_api_key"))
        elif route == "GET /v1/models":
            self.reply(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in _MODELS]})
        elif route == "POST /v1/chat/completions":
            await self._chat(body)
        elif route == "POST /v1/responses":
            await self._respond(body)
        else:
            self.reply(404, _error(f"Invalid URL ({route})"))

    async def _chat(self, body: Any) -> None:
        wrong = validation.complaint(body)
        if wrong:
            self.reply(400, _error(wrong.message, param=wrong.param, code=wrong.code))
        elif body.get("stream"):
            await stream_default(self, body)
        else:
            message = {"role": "assistant", "content": expected_text(body["model"]), "refusal": None}
            choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
            usage = usage_of(body["model"], body)
            self.reply(200, {"id": "chatcmpl-fake", "model": body["model"], "choices": choices, "usage": usage})

    async def _respond(self, body: Any) -> None:
        wrong = responses_complaint(body)
        if wrong:
            self.reply(400, _error(wrong.message, param=wrong.param, code=wrong.code))
        else:
            await self._play_reply(systems.responses_reply(body, body["model"]))

    async def _play_reply(self, reply: systems.Reply) -> None:
        if reply.events is None:
            self.reply(reply.status, reply.document, reply.headers)
        else:
            rate = plan_of(reply.model).rate
            await stream_events(self, reply.events, reply.headers, rate=rate, says_done=reply.says_done)

    def reply(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        kind = {"Content-Type": "application/json", **(headers or {})}
        self.transport.write(head(status, kind, length=len(data)) + data)
        self.ended("done")


def _error(message: str, *, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def control(world: World, path: str, value: Any) -> Any:
    """The paths under ``/_``: how tests speak to the fake."""
    match path:
        case "/_script":
            world.scripts.setdefault(value["name"], []).append({"steps": value["steps"], "times": value["times"]})
        case "/_open":
            world.opened(value["gate"]).set()
        case "/_reset":
            world.reset()
        case "/_requests":
            return world.records
        case "/_connections":
            return {"open": sum(connection.is_data for connection in world.connections), "total": world.total}
        case _:
            raise ValueError(path)
    return {}
