"""Events of Responses and the items in them."""

from typing import Any

from conversations.providers.base import UsageReport

ARGUMENTS = '{"city":"Köln"}'
LINK = {"type": "url_citation", "start_index": 4, "end_index": 8, "title": "Here", "url": "https://example.org/a"}


def whole(
    *output: dict[str, Any], status: str = "completed", asked: int = 9, said: int = 4, **extra: Any
) -> dict[str, Any]:
    tokens = {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 2},
        "output_tokens": said,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": asked + said,
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1790000000,
        "status": status,
        "error": None,
        "model": "m",
        "incomplete_details": None,
        "output": list(output),
        "usage": tokens if output else None,
        "store": False,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        **extra,
    }


USAGE = UsageReport(9, 4, 2, 1)


def begins(**extra: Any) -> list[dict[str, Any]]:
    response = whole(status="in_progress", **extra)
    return [{"type": "response.created", "response": response}, {"type": "response.in_progress", "response": response}]


def ends(*output: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {"type": f"response.{extra.get('status', 'completed')}", "response": whole(*output, **extra)}


def message(
    text: str, item_id: str = "msg_1", annotations: list[dict[str, Any]] | None = None, **extra: Any
) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": annotations or [], "logprobs": []}
    return {"id": item_id, "type": "message", "status": "completed", "role": "assistant", "content": [part], **extra}


def reasoning(*summaries: str, item_id: str = "rs_1", **extra: Any) -> dict[str, Any]:
    return {
        "id": item_id,
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": text} for text in summaries],
        **extra,
    }


def function(name: str, call_id: str, item_id: str, arguments: str = ARGUMENTS) -> dict[str, Any]:
    return {
        "id": item_id,
        "type": "function_call",
        "status": "completed",
        "call_id": call_id,
        "name": name,
        "arguments": arguments,
    }


def said(item: dict[str, Any], place: int, *pieces: str) -> list[dict[str, Any]]:
    """A message from its announcement to its end."""
    at = {"item_id": item["id"], "output_index": place, "content_index": 0}
    empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    part = item["content"][0]
    return [
        {
            "type": "response.output_item.added",
            "output_index": place,
            "item": {**item, "content": [], "status": "in_progress"},
        },
        {"type": "response.content_part.added", **at, "part": empty},
        *({"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []} for piece in pieces),
        *(
            {
                "type": "response.output_text.annotation.added",
                **at,
                "annotation_index": number,
                "annotation": annotation,
            }
            for number, annotation in enumerate(part["annotations"])
        ),
        {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": []},
        {"type": "response.content_part.done", **at, "part": part},
        {"type": "response.output_item.done", "output_index": place, "item": item},
    ]


def thought(item: dict[str, Any], place: int) -> list[dict[str, Any]]:
    """A reasoning item with its summaries, each cut in two."""
    events = [
        {
            "type": "response.output_item.added",
            "output_index": place,
            "item": {"id": item["id"], "type": "reasoning", "summary": []},
        }
    ]
    for number, part in enumerate(item["summary"]):
        at = {"item_id": item["id"], "output_index": place, "summary_index": number}
        half = len(part["text"]) // 2
        events += [
            {"type": "response.reasoning_summary_part.added", **at, "part": {"type": "summary_text", "text": ""}},
            {"type": "response.reasoning_summary_text.delta", **at, "delta": part["text"][:half]},
            {"type": "response.reasoning_summary_text.delta", **at, "delta": part["text"][half:]},
            {"type": "response.reasoning_summary_text.done", **at, "text": part["text"]},
            {"type": "response.reasoning_summary_part.done", **at, "part": part},
        ]
    return [*events, {"type": "response.output_item.done", "output_index": place, "item": item}]


def called(item: dict[str, Any], place: int, *pieces: str) -> list[dict[str, Any]]:
    at = {"item_id": item["id"], "output_index": place}
    return [
        {
            "type": "response.output_item.added",
            "output_index": place,
            "item": {**item, "arguments": "", "status": "in_progress"},
        },
        *({"type": "response.function_call_arguments.delta", **at, "delta": piece} for piece in pieces),
        {"type": "response.function_call_arguments.done", **at, "arguments": item["arguments"], "name": item["name"]},
        {"type": "response.output_item.done", "output_index": place, "item": item},
    ]


def searched(place: int) -> list[dict[str, Any]]:
    item = {
        "id": "ws_1",
        "type": "web_search_call",
        "status": "completed",
        "action": {"type": "search", "query": "rain"},
    }
    at = {"item_id": "ws_1", "output_index": place}
    return [
        {"type": "response.output_item.added", "output_index": place, "item": {**item, "status": "in_progress"}},
        {"type": "response.web_search_call.in_progress", **at},
        {"type": "response.web_search_call.searching", **at},
        {"type": "response.web_search_call.completed", **at},
        {"type": "response.output_item.done", "output_index": place, "item": item},
    ]


def open_thought(item_id: str, place: int, *pieces: str) -> list[dict[str, Any]]:
    """The reasoning of an open model, in clear."""
    at = {"item_id": item_id, "output_index": place, "content_index": 0}
    text = "".join(pieces)
    item = {"id": item_id, "type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": text}]}
    return [
        {"type": "response.output_item.added", "output_index": place, "item": {**item, "content": []}},
        {"type": "response.content_part.added", **at, "part": {"type": "reasoning_text", "text": ""}},
        *({"type": "response.reasoning_text.delta", **at, "delta": piece} for piece in pieces),
        {"type": "response.reasoning_text.done", **at, "text": text},
        {"type": "response.content_part.done", **at, "part": item["content"][0]},
        {"type": "response.output_item.done", "output_index": place, "item": item},
    ]
