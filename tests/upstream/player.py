"""Plays the steps of a script on a connection, and streams the default answers."""

import asyncio
import base64
import json
import socket
import struct
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol

from tests.upstream.texts import plan_of, tokens_of

_NO_LINGER = struct.pack("ii", 1, 0)
_BATCH = 64


class Wire(Protocol):
    """What a player needs of a connection."""

    transport: asyncio.Transport
    is_lost: bool

    async def drained(self) -> None: ...
    async def gate(self, name: str) -> None: ...
    def ended(self, outcome: str) -> None: ...


def head(status: int, headers: dict[str, str], *, length: int | None = None) -> bytes:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = [f"HTTP/1.1 {status} {phrase}", framing, *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def framed(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


async def play(wire: Wire, steps: list[dict[str, Any]]) -> None:
    """All steps in order; the body ends properly unless a step ended the connection."""
    for step in steps:
        if wire.is_lost or not await _step(wire, step):
            return
    if not wire.is_lost:
        if steps and steps[-1]["do"] != "answer":
            wire.transport.write(LAST_CHUNK)
        wire.ended("done")


async def _step(wire: Wire, step: dict[str, Any]) -> bool:
    """One step; False when the connection is over."""
    data = base64.b64decode(step.get("data", ""))
    match step["do"]:
        case "head":
            wire.transport.write(head(step["status"], step["headers"]))
        case "answer":
            wire.transport.write(head(step["status"], step["headers"], length=len(data)) + data)
        case "send":
            await _send(wire, data, step["cut"])
        case "raw":
            wire.transport.write(data)
        case "wait":
            await asyncio.sleep(step["seconds"])
        case "gate":
            await wire.gate(step["name"])
        case "endless":
            await _endless(wire, framed(data), step["every"])
        case _:
            _end(wire, hard=step["do"] == "reset")
            return False
    return True


async def _send(wire: Wire, data: bytes, cut: int) -> None:
    for start in range(0, len(data), cut or len(data) or 1):
        wire.transport.write(framed(data[start : start + cut] if cut else data))
        if cut:
            await asyncio.sleep(0)
    await wire.drained()


async def _endless(wire: Wire, data: bytes, every: float) -> None:
    while not wire.is_lost:
        wire.transport.write(data)
        await wire.drained()
        await asyncio.sleep(every)


def _end(wire: Wire, *, hard: bool) -> None:
    wire.ended("closed by script")
    if hard:
        wire.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        wire.transport.abort()
    else:
        wire.transport.close()


@lru_cache(maxsize=64)
def _chunks(model: str) -> tuple[bytes, ...]:
    """The default stream in wire form, one chunk a token: made once for all streams of a model."""
    start = {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1, "model": model}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        value = {**start, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": None}
        return framed(b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n")

    texts = [chunk({"content": token}) for token in tokens_of(model)]
    return (chunk({"role": "assistant", "content": "", "refusal": None}), *texts, chunk({}, "stop"))


def usage_of(model: str, body: dict[str, Any]) -> dict[str, Any]:
    asked = sum(len(str(message["content"])) for message in body["messages"]) // 4 + 1
    answered = len(tokens_of(model))
    return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}


async def stream_default(wire: Wire, body: dict[str, Any]) -> None:
    """The seeded answer at the pace that the model's name asks for."""
    model = body["model"]
    wire.transport.write(head(200, {"Content-Type": "text/event-stream", "x-request-id": "req_fake"}))
    chunks, rate = _chunks(model), plan_of(model).rate
    clock = asyncio.get_running_loop().time
    due = clock()
    step = 1 if rate else _BATCH
    for start in range(0, len(chunks), step):
        if wire.is_lost:
            return
        wire.transport.write(b"".join(chunks[start : start + step]))
        await wire.drained()
        due += 1 / rate if rate else 0
        await asyncio.sleep(max(0.0, due - clock()))
    wire.transport.write(_tail(model, body) + LAST_CHUNK)
    wire.ended("done")


async def stream_events(
    wire: Wire, events: Iterable[tuple[str, dict[str, Any]]], headers: dict[str, str], *, rate: int, says_done: bool
) -> None:
    """Named events at so many a second (0: as fast as possible)."""
    wire.transport.write(head(200, {"Content-Type": "text/event-stream", **headers}))
    clock = asyncio.get_running_loop().time
    due = clock()
    for name, data in events:
        if wire.is_lost:
            return
        prefix = f"event: {name}\n" if name else ""
        wire.transport.write(framed(f"{prefix}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()))
        await wire.drained()
        due += 1 / rate if rate else 0
        await asyncio.sleep(max(0.0, due - clock()))
    wire.transport.write((framed(b"data: [DONE]\n\n") if says_done else b"") + LAST_CHUNK)
    wire.ended("done")


def _tail(model: str, body: dict[str, Any]) -> bytes:
    tail = framed(b"data: [DONE]\n\n")
    if (body.get("stream_options") or {}).get("include_usage"):
        value = {"id": "chatcmpl-fake", "model": model, "choices": [], "usage": usage_of(model, body)}
        tail = framed(b"data: " + json.dumps(value).encode() + b"\n\n") + tail
    return tail
