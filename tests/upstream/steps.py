"""The steps of a script, as tests write them; each is a plain dict that travels as JSON."""

import base64
import json
from typing import Any

Step = dict[str, Any]


def head(status: int = 200, *, content_type: str = "text/event-stream", headers: dict[str, str] | None = None) -> Step:
    """Status line and headers of an answer whose body follows in chunks."""
    return {"do": "head", "status": status, "headers": {"Content-Type": content_type, **(headers or {})}}


def send(data: bytes | str, *, cut: int = 0) -> Step:
    """Bytes of the body; ``cut`` sends them in pieces of so many bytes, each in a packet of its own."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return {"do": "send", "data": base64.b64encode(raw).decode(), "cut": cut}


def raw(data: bytes) -> Step:
    """Bytes on the socket as they are, without chunk framing."""
    return {"do": "raw", "data": base64.b64encode(data).decode()}


def answer(status: int, body: object = b"", *, headers: dict[str, str] | None = None) -> Step:
    """A whole answer; a body that is no bytes or string goes as JSON."""
    kind = "text/html" if isinstance(body, str) else "application/json"
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    encoded = base64.b64encode(data).decode()
    return {"do": "answer", "status": status, "headers": {"Content-Type": kind, **(headers or {})}, "data": encoded}


def wait(seconds: float) -> Step:
    return {"do": "wait", "seconds": seconds}


def gate(name: str) -> Step:
    """Wait until the test opens the gate of this name."""
    return {"do": "gate", "name": name}


def close() -> Step:
    """Close the connection in the middle of the body."""
    return {"do": "close"}


def reset() -> Step:
    """Close it by a TCP reset."""
    return {"do": "reset"}


def endless(data: bytes | str, *, every: float = 0.0) -> Step:
    """The same bytes again and again until the client closes, as fast as it reads or every so many seconds."""
    return {**send(data), "do": "endless", "every": every}


def event(value: object, *, name: str = "", end: str = "\n\n") -> Step:
    """One event of a stream."""
    prefix = f"event: {name}\n" if name else ""
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return send(f"{prefix}data: {data}{end}")


def chunk(delta: dict[str, Any] | None = None, *, finish: str | None = None, **extra: Any) -> dict[str, Any]:
    """The value of one event as the API sends it."""
    choices = [{"index": 0, "delta": delta or {}, "finish_reason": finish}]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": choices,
        **extra,
    }


def words(*pieces: str) -> list[Step]:
    return [event(chunk({"content": piece})) for piece in pieces]


def done(finish: str | None = "stop") -> list[Step]:
    return [event(chunk(finish=finish)), event("[DONE]")]


def error(
    message: str = "No.", *, code: Any = None, kind: str = "invalid_request_error", param: Any = None
) -> dict[str, Any]:
    """The body of a refusal, in OpenAI's shape."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
