"""The Chat Completions format, requests: what goes over the wire. ``chat_reader`` reads the answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from conversations.providers.base import ChatMessage, ChatRequest, Endpoint, ImagePart, ToolCall
from conversations.providers.payloads import clean, mapping, nested
from conversations.providers.tool_calls import tool_loop_start

_ONLY_WITH_TOOLS = ("tool_choice", "parallel_tool_calls")


def request_body(endpoint: Endpoint, request: ChatRequest, *, stream: bool) -> dict[str, object]:
    """Exactly what goes over the wire. What is not set is not sent; ``stream`` wins over the parameter of that name."""
    asked = nested(request.parameters)
    options = stream_options(endpoint, asked.pop("stream_options", None))
    says_stream = asked.pop("stream", None) is not None
    if not asked.get("tools"):
        for name in ("tools", *_ONLY_WITH_TOOLS):
            asked.pop(name, None)
    body: dict[str, object] = {**asked, "model": request.model, "messages": _messages(endpoint, request.messages)}
    if stream or says_stream:
        body["stream"] = stream
    if stream and options:
        body["stream_options"] = options
    return body


def stream_options(endpoint: Endpoint, given: object) -> dict[str, Any]:
    """What the person set, and usage where the endpoint can be asked for it."""
    return {**({"include_usage": True} if endpoint.sends_stream_options else {}), **mapping(given)}


def _messages(endpoint: Endpoint, messages: Sequence[ChatMessage]) -> list[dict[str, object]]:
    loop = tool_loop_start(messages)
    return [_message(endpoint, message, is_in_loop=place >= loop) for place, message in enumerate(messages)]


def _message(endpoint: Endpoint, message: ChatMessage, *, is_in_loop: bool) -> dict[str, object]:
    text = clean(message.content)
    match message.role:
        case "system":
            return {"role": endpoint.system_role, "content": text}
        case "tool":
            return {"role": "tool", "tool_call_id": message.tool_call_id, "content": text}
        case "assistant" if message.tool_calls:
            return _calling(endpoint, message, is_in_loop=is_in_loop)
        case _:
            return {"role": message.role, "content": _with_images(text, message.images) if message.images else text}


def _with_images(text: str, images: tuple[ImagePart, ...]) -> list[dict[str, object]]:
    parts: list[dict[str, object]] = [{"type": "text", "text": text}] if text else []
    for image in images:
        detail = {"detail": image.detail} if image.detail else {}
        parts.append({"type": "image_url", "image_url": {"url": image.url, **detail}})
    return parts


def _calling(endpoint: Endpoint, message: ChatMessage, *, is_in_loop: bool) -> dict[str, object]:
    """An answer with tool calls; what belongs to its reasoning goes back only while their results are worked on."""
    items = message.items if is_in_loop else ()
    made: dict[str, object] = {"role": "assistant", "content": clean(message.content) or None}
    made["tool_calls"] = [_call(call, items) for call in message.tool_calls]
    for item in items:
        if item.get("type") in {"reasoning_details", "thinking_blocks"}:
            made[str(item["type"])] = item.get("value")
        elif item.get("type") == "extra_content" and not item.get("tool_call_id"):
            made["extra_content"] = item.get("value")
    if is_in_loop and endpoint.returns_reasoning and message.reasoning and "reasoning_details" not in made:
        made["reasoning_content"] = clean(message.reasoning)
    return made


def _call(call: ToolCall, items: tuple[Mapping[str, object], ...]) -> dict[str, object]:
    made: dict[str, object] = {
        "id": call.id, "type": "function", "function": {"name": call.name, "arguments": clean(call.arguments)},
    }  # fmt: skip
    for item in items:
        if item.get("type") == "extra_content" and item.get("tool_call_id") == call.id:
            made["extra_content"] = item.get("value")
    return made
