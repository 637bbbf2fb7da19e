"""Answers as OpenAI-compatible servers send them, and what they mean."""

import json
from dataclasses import dataclass
from typing import Any

from conversations.exceptions import (
    AnswerTruncatedError,
    ContextOverflowError,
    ProviderError,
    ProviderProtocolError,
    ProviderRateLimitError,
    ProviderRequestError,
    ProviderServerError,
)
from conversations.providers.base import UsageReport
from tests.upstream.steps import chunk

HI = chunk({"content": "Hi"})
END = chunk(finish="stop")
CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": None}


def sse(*events: Any) -> str:
    """Events as the API sends them; a string is taken as it is."""
    return "".join(event if isinstance(event, str) else f"data: {json.dumps(event)}\n\n" for event in events)


def tool(*fragments: dict[str, Any]) -> dict[str, Any]:
    return chunk({"tool_calls": list(fragments)})


DONE = "data: [DONE]\n\n"


@dataclass
class Case:
    name: str
    stream: str
    text: str = "Hi"
    reason: str = "stop"
    reasoning: str = ""
    usage: UsageReport | None = None
    calls: tuple[tuple[str, str, str], ...] = ()
    error: type[ProviderError] | None = None


def broken(name: str, stream: str, error: type[ProviderError], text: str = "Hi") -> Case:
    return Case(name, stream, text, reason="", error=error)


CASES = [
    Case("as OpenAI does", sse(chunk({"role": "assistant", "content": ""}), HI, END, DONE)),
    Case("comments and no blank", sse(": PROCESSING\n\n", f"data:{json.dumps(HI)}\n\n", ": x\n", END, DONE)),
    Case("no DONE", sse(HI, END)),
    Case("no DONE and no last blank line", sse(HI, END).rstrip("\n")),
    Case("DONE twice", sse(HI, END, DONE, DONE)),
    Case("data after DONE", sse(HI, END, DONE, chunk({"content": "more"}))),
    Case("DONE without finish", sse(HI, DONE), reason="unknown"),
    Case("empty finish reason", sse(chunk({"content": "Hi"}, finish=""), END, DONE)),
    Case("numeric finish reason", sse(HI, chunk(finish=7), DONE), reason="unknown"),  # type: ignore[arg-type]
    Case("other finish reason", sse(HI, chunk(finish="MAX_TOKENS")), reason="length"),
    Case("content after finish", sse(chunk({"content": "H"}), END, chunk({"content": "i"}), END, DONE)),
    Case("content with the finish", sse(chunk({"content": "Hi"}, finish="stop"), DONE)),
    Case("role and null in each", sse(chunk({"role": "assistant", "content": None}), HI, END, DONE)),
    Case("null deltas", sse({"choices": [{"index": 0, "delta": None}]}, HI, END, DONE)),
    Case("no choices, null choices", sse({"id": "x"}, {"choices": None}, {"choices": []}, HI, END, DONE)),
    Case("Azure's filter results", sse({"choices": [], "prompt_filter_results": [{}], "model": ""}, HI, END, DONE)),
    Case("odd metadata", sse({**HI, "created": 1.5, "id": None, "model": 7}, END, DONE)),
    Case("numeric content", sse(chunk({"content": 1}), chunk({"content": 0}), END, DONE), text="10"),
    Case(
        "content in parts",
        sse(
            chunk(
                {
                    "content": [
                        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                        {"type": "text", "text": "H"},
                    ]
                }
            ),
            chunk({"content": ["i"]}),
            END,
        ),
        reasoning="hm",
    ),
    Case("reasoning_content", sse(chunk({"reasoning_content": "hm", "content": None}), HI, END), reasoning="hm"),
    Case("reasoning twice", sse(chunk({"reasoning_content": "hm", "reasoning": "hm"}), HI, END), reasoning="hm"),
    Case(
        "reasoning_details",
        sse(chunk({"reasoning_details": [{"text": "h"}, {"summary": "m"}]}), HI, END),
        reasoning="hm",
    ),
    Case(
        "think tags",
        sse(chunk({"content": "<thi"}), chunk({"content": "nk>hm</think"}), chunk({"content": ">\n\nHi"}), END),
        reasoning="hm",
    ),
    Case(
        "usage in each",
        sse({**HI, "usage": {"prompt_tokens": 5, "completion_tokens": 1}}, {**END, "usage": USAGE}, DONE),
        usage=UsageReport(5, 2),
    ),
    Case(
        "usage after finish",
        sse(
            HI,
            END,
            {
                "choices": [],
                "usage": {
                    **USAGE,
                    "prompt_tokens_details": {"cached_tokens": 3},
                    "completion_tokens_details": {"reasoning_tokens": 1},
                },
            },
            DONE,
        ),
        usage=UsageReport(5, 2, 3, 1),
    ),
    Case("usage of wrong types", sse({**HI, "usage": {"prompt_tokens": "x", "completion_tokens": [1]}}, END, DONE)),
    Case(
        "tool calls",
        sse(
            tool({"index": 0, **CALL}),
            tool({"index": 0, "function": {"arguments": '{"x"'}}),
            tool({"index": 0, "id": None, "type": None, "function": {"name": None, "arguments": ":1}"}}),
            tool({"index": 1, "id": "b", "function": {"name": "g", "arguments": "{}"}}),
            chunk(finish="tool_calls"),
            DONE,
        ),
        text="",
        reason="tool_calls",
        calls=(("a", "f", '{"x":1}'), ("b", "g", "{}")),
    ),
    Case(
        "tool calls without index",
        sse(tool({**CALL}), tool({"function": {"arguments": "{}"}}), tool({**CALL, "id": "b"}), END),
        text="",
        reason="tool_calls",
        calls=(("a", "f", "{}"), ("b", "f", "")),
    ),
    Case(
        "tool calls all at index 0",
        sse(tool({"index": 0, **CALL}), tool({"index": 0, **CALL, "id": "b"}), END),
        text="",
        reason="tool_calls",
        calls=(("a", "f", ""), ("b", "f", "")),
    ),
    Case(
        "tool calls with empty ids",
        sse(
            tool({"id": "", "function": {"name": "f", "arguments": {"x": 1}}}),
            tool({"id": "", "function": {"name": "g", "arguments": {}}}),
            END,
        ),
        text="",
        reason="tool_calls",
        calls=(("call_0", "f", '{"x": 1}'), ("call_1", "g", "{}")),
    ),
    Case(
        "the old function call",
        sse(chunk({"function_call": {"name": "f", "arguments": "{}"}}), chunk(finish="function_call")),
        text="",
        reason="tool_calls",
        calls=(("call_0", "f", "{}"),),
    ),
    Case(
        "the whole message in a chunk",
        sse({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}, DONE),
    ),
    Case(
        "message repeated at the end",
        sse(HI, {"choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]}),
    ),
    Case("bare text", sse({"choices": [{"text": "Hi", "finish_reason": "stop"}]}, DONE)),
    Case("a second choice", sse(HI, {"choices": [{"index": 1, "delta": {"content": "Ho"}}]}, END)),
    Case(
        "separators in JSON",
        'data: {"choices":[{"delta":{"content":"a\u2028b\u2029c\u0085d\u000b"},"finish_reason":"stop"}]}\n\n'.replace(
            "\u000b", "\\u000b"
        ),
        text="a\u2028b\u2029c\u0085d\u000b",
    ),
    Case("NUL and surrogates", sse(chunk({"content": "a\0\ud800b"}), END), text="a\ufffd\ufffdb"),
    Case("a pair of surrogates cut", sse(chunk({"content": "\ud83d"}), chunk({"content": "\ude42"}), END), text="🙂"),
    Case(
        "a JSON document instead",
        json.dumps(
            {"choices": [{"message": {"content": "Hi", "reasoning": "hm"}, "finish_reason": "stop"}], "usage": USAGE}
        ),
        reasoning="hm",
        usage=UsageReport(5, 2),
    ),
    broken("no finish at all", sse(HI), AnswerTruncatedError),
    broken("finish reason abort", sse(HI, chunk(finish="abort"), DONE), AnswerTruncatedError),
    broken("finish reason error", sse(chunk({"content": "Hi"}, finish="error"), DONE), ProviderServerError),
    broken("error event", sse(HI, {"error": {"message": "x", "code": None}}), ProviderServerError),
    broken("error with choices", sse(HI, {"error": {"code": 502, "message": "x"}, **END}), ProviderServerError),
    broken("error by event name", sse(HI, 'event: error\ndata: {"message": "overloaded"}\n\n'), ProviderServerError),
    broken("flat error", sse(HI, {"object": "error", "message": "x", "code": 429}), ProviderRateLimitError),
    broken(
        "overflow in the stream",
        sse({"error": {"message": "maximum context length is 9"}}),
        ContextOverflowError,
        text="",
    ),
    broken("malformed event", sse(HI, "data: {oops\n\n", END, DONE), ProviderProtocolError),
    broken("event of a wrong type", sse(HI, "data: 5\n\n", END, DONE), ProviderProtocolError),
    broken("nothing", "", ProviderProtocolError, text=""),
    broken("only comments", ": x\n\n", ProviderProtocolError, text=""),
    broken("only DONE", DONE, ProviderProtocolError, text=""),
    broken("an answer of nothing", sse(chunk({"content": ""}), END, DONE), ProviderServerError, text=""),
    broken("a web page", "<!doctype html><title>Hello</title>", ProviderProtocolError, text=""),
    broken(
        "a JSON error", '{"error": {"message": "x", "code": "rate_limit", "type": "x"}}', ProviderServerError, text=""
    ),
    broken("LM Studio's no", '{"error": "Unexpected endpoint or method. (POST /x)"}', ProviderRequestError, text=""),
    broken("Gemini's array", '[{"error": {"code": 400, "message": "x"}}]', ProviderRequestError, text=""),
    broken("other JSON", '{"hello": "world"}', ProviderProtocolError, text=""),
    broken("an array of nothing", "[]", ProviderProtocolError, text=""),
]
