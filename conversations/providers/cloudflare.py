"""Cloudflare's own format, ``…/ai/run``: how a body of OpenAI's formats goes in, and comes out of its envelope.

Source: Cloudflare's documentation of Workers AI and of the REST API for models of other vendors, November 2026.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import quote

import httpx
import msgspec

from conversations.exceptions import AnswerTooLargeError, ProviderProtocolError
from conversations.outbound import bounded_bytes
from conversations.providers.base import Endpoint
from conversations.providers.payloads import mapping, parsed, sequence, spoken
from conversations.providers.sse import Event, EventReader

GATEWAY_HEADER: Final = "cf-aig-gateway-id"
_FLAGS: Final = frozenset({
    "cf-aig-skip-cache", "cf-aig-collect-log", "cf-aig-collect-log-payload", "cf-aig-zdr", "cf-aig-no-wholesale",
})  # fmt: skip
_NUMBERS: Final = {
    "cf-aig-cache-ttl": (60, 31 * 86_400, "seconds"), "cf-aig-request-timeout": (1, 3_600_000, "milliseconds"),
    "cf-aig-max-attempts": (1, 5, "attempts"), "cf-aig-retry-delay": (0, 5000, "milliseconds"),
}  # fmt: skip
_BACKOFFS: Final = ("constant", "linear", "exponential")
_MOST_METADATA: Final = 5
_BLANK: Final = b" \t\r\n\xef\xbb\xbf"
_OPENAI_ONLY: Final = frozenset({"model", "stream_options"})


def setting_problem(name: str, value: str) -> str:
    """What is wrong with one of the gateway's settings, as a sentence; "" for a good one or another header."""
    name = name.lower()
    if name in _FLAGS and value not in {"true", "false"}:
        return f"{name} is true or false."
    if name in _NUMBERS:
        low, high, unit = _NUMBERS[name]
        good = value.isdecimal() and len(value) < 12 and low <= int(value) <= high
        return "" if good else f"{name} is a whole number of {unit} from {low:,} to {high:,}."
    if name == "cf-aig-backoff" and value not in _BACKOFFS:
        return f"{name} is one of {', '.join(_BACKOFFS)}."
    if name == "cf-aig-metadata" and not _is_metadata(value):
        return f"{name} is a JSON object of at most {_MOST_METADATA} texts, numbers, true or false."
    return ""


def _is_metadata(text: str) -> bool:
    try:
        pairs = mapping(parsed(text.encode()))
    except ProviderProtocolError:
        return False
    return 0 < len(pairs) <= _MOST_METADATA and all(isinstance(value, (str, int, float)) for value in pairs.values())


def run_request(path: str, body: dict[str, object]) -> tuple[str, dict[str, object]]:
    """Path and body for ``run``: a model of Workers AI takes its input flat at a path of its own, others beside it."""
    model = str(body["model"])
    if model.startswith("@"):
        return f"{path}/{quote(model, safe='@/')}", {n: value for n, value in body.items() if n not in _OPENAI_ONLY}
    return path, {"model": model, "input": {name: value for name, value in body.items() if name != "model"}}


def unwrapped(endpoint: Endpoint, response: httpx.Response) -> httpx.Response:
    """The same answer as OpenAI's formats have it. Closing the given response stays the caller's."""
    headers = {name: value for name, value in response.headers.items() if name.lower() not in _FRAMING}
    return httpx.Response(response.status_code, headers=headers, stream=_Unwrapped(endpoint, response))


_FRAMING: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class _Unwrapped(httpx.AsyncByteStream):
    """The bytes of the answer, each JSON value without its envelope; what is no JSON passes as it is."""

    def __init__(self, endpoint: Endpoint, response: httpx.Response) -> None:
        self._limits = endpoint.limits
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(bounded_bytes(self._response, self._limits.wire)) as chunks:
            beginning = b""
            async for chunk in chunks:
                beginning += chunk.lstrip(_BLANK)
                if beginning:
                    break
            if beginning.startswith((b"{", b"[")):
                yield await self._document(beginning, chunks)
                return
            async with aclosing(self._events(beginning, chunks)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _document(self, beginning: bytes, chunks: AsyncGenerator[bytes, None]) -> bytes:
        pieces, size = [beginning], len(beginning)
        async for chunk in chunks:
            pieces.append(chunk)
            size += len(chunk)
            if size > self._limits.body:
                raise AnswerTooLargeError
        return msgspec.json.encode(document_in(parsed(b"".join(pieces))))

    async def _events(self, beginning: bytes, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        if beginning.startswith(b"<"):
            yield beginning
            return
        reader = EventReader(self._limits.line)
        for event in reader.feed(beginning):
            yield _rewritten(event)
        async for chunk in chunks:
            for event in reader.feed(chunk):
                yield _rewritten(event)
        for event in reader.finish():
            yield _rewritten(event)


def _rewritten(event: Event) -> bytes:
    name = b"event: " + event.name.encode() + b"\n" if event.name else b""
    if event.data.lstrip().startswith(b"[DONE]"):
        return name + b"data: [DONE]\n\n"
    return name + b"data: " + msgspec.json.encode(chunk_in(parsed(event.data))) + b"\n\n"


def document_in(value: Any) -> Any:
    """A whole answer: what was in the envelope, or the envelope's error as OpenAI's formats have errors."""
    fields = mapping(value)
    if fields.get("success") is False or (fields.get("errors") and not fields.get("result")):
        return {"error": next(iter(sequence(fields.get("errors"))), None) or {"message": "No reason was given."}}
    result = fields.get("result", value)
    if isinstance(result, str):
        result = {"response": result}
    own = mapping(result)
    if "response" not in own or "choices" in own or own.get("object") == "response":
        return result
    said = own["response"]  # in its mode for JSON it is the JSON value itself
    text = msgspec.json.encode(said).decode() if isinstance(said, (dict, list)) else spoken(said)
    message = {"role": "assistant", "content": text, "tool_calls": _calls(own)}
    finish = "tool_calls" if message["tool_calls"] else "stop"
    return {"choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": own.get("usage")}


def chunk_in(value: Any) -> Any:
    """One event: a piece of a native answer as a chunk of a chat, anything else without its envelope."""
    fields = mapping(value)
    if fields.get("success") is False:
        return document_in(value)
    own = mapping(fields.get("result")) or fields
    if "response" not in own or "choices" in own or "type" in own:
        return own or value
    delta = {"content": spoken(own["response"]), "tool_calls": _calls(own)}
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}], "usage": own.get("usage")}


def _calls(own: dict[str, Any]) -> list[dict[str, Any]]:
    """Native calls are bare names with arguments; those in OpenAI's form pass."""
    calls = [mapping(call) for call in sequence(own.get("tool_calls"))]
    return [
        call if "function" in call else {"index": number, "id": call.get("id"), "type": "function", "function": call}
        for number, call in enumerate(calls)
    ]
