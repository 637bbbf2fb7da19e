"""Chunks of Chat Completions and their parts."""

from typing import Any

DONE = "data: [DONE]\n\n"
ARGUMENTS = '{"city":"Köln"}'


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **extra: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {
        "id": "c-1",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": "m",
        "choices": [choice],
        **extra,
    }


def usage(asked: int, said: int, **details: Any) -> dict[str, Any]:
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said, **details}


def last(asked: int, said: int, **details: Any) -> dict[str, Any]:
    return {**chunk(usage=usage(asked, said, **details)), "choices": []}


def function(name: str | None, arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments} if name else {"arguments": arguments}


def call(index: int, call_id: str, name: str, arguments: Any = "", **extra: Any) -> dict[str, Any]:
    return {"index": index, "id": call_id, "type": "function", "function": function(name, arguments), **extra}


def tools(*fragments: dict[str, Any], finish: str | None = None, **extra: Any) -> dict[str, Any]:
    return chunk({"tool_calls": list(fragments), **extra}, finish)
