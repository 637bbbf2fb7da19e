"""The Responses format, requests: what goes over the wire. ``responses_reader`` reads the answers.

Nothing is kept at the provider unless the parameters say so: each request carries the whole conversation.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from conversations.providers.base import ChatMessage, ChatRequest, Endpoint, ImagePart, ToolCall
from conversations.providers.payloads import clean, mapping, nested, sequence
from conversations.providers.tool_calls import tool_loop_start

ENCRYPTED_REASONING: Final = "reasoning.encrypted_content"
_ONLY_WITH_TOOLS: Final = ("tool_choice", "parallel_tool_calls", "max_tool_calls")
_OF_CHAT_COMPLETIONS: Final = frozenset({"reasoning_details", "thinking_blocks", "extra_content"})
_NO_PARAMETERS: Final[Mapping[str, object]] = {"type": "object", "properties": {}}

Item = dict[str, object]


def request_body(endpoint: Endpoint, request: ChatRequest, *, stream: bool) -> dict[str, object]:
    """Exactly what goes over the wire. What is not set is not sent; ``stream`` wins over the parameter of that name.

    A leading system message becomes ``instructions``. ``store`` is false unless a parameter says otherwise; then
    encrypted reasoning is asked for where a parameter of ``reasoning`` is set, for a tool loop needs it back.
    """
    asked = nested(request.parameters)
    says_stream = asked.pop("stream", None) is not None
    options = asked.pop("stream_options", None)
    _flatten_tools(asked)
    asked.setdefault("store", False)
    _include_reasoning(asked)
    messages = request.messages
    if messages and messages[0].role == "system":
        asked["instructions"] = clean(messages[0].content)
        messages = messages[1:]
    body: dict[str, object] = {**asked, "model": request.model, "input": _input(endpoint, messages)}
    if stream or says_stream:
        body["stream"] = stream
    if stream and options:
        body["stream_options"] = options
    return body


def _flatten_tools(asked: dict[str, Any]) -> None:
    tools = [_flat_tool(tool) for tool in sequence(asked.pop("tools", None))]
    if not tools:
        for name in _ONLY_WITH_TOOLS:
            asked.pop(name, None)
        return
    asked["tools"] = tools
    if "tool_choice" in asked:
        asked["tool_choice"] = _flat_choice(asked["tool_choice"])


def _flat_tool(tool: Any) -> Any:
    """A declaration as Chat Completions has it, without its inner object; hosted tools pass as they are.

    Its own type stands last: what is inside must not make another tool of it than was checked.
    """
    inner = mapping(mapping(tool).get(str(mapping(tool).get("type"))))
    if mapping(tool).get("type") == "function" and inner:
        parameters = inner.get("parameters") or _NO_PARAMETERS
        return {**inner, "parameters": parameters, "strict": inner.get("strict") or False, "type": "function"}
    if mapping(tool).get("type") == "custom" and inner:
        form = mapping(inner.get("format"))
        flat = {"format": {"type": "grammar", **mapping(form.get("grammar"))}} if form.get("grammar") else {}
        return {**inner, **flat, "type": "custom"}
    return tool


def _flat_choice(choice: Any) -> Any:
    kind = mapping(choice).get("type")
    inner = mapping(mapping(choice).get(str(kind)))
    if kind in {"function", "custom"} and inner:
        return {"type": kind, "name": inner.get("name")}
    if kind == "allowed_tools" and inner:
        return {**inner, "tools": [_flat_choice(tool) for tool in sequence(inner.get("tools"))], "type": kind}
    return choice


def _include_reasoning(asked: dict[str, Any]) -> None:
    """Servers that know no reasoning may refuse an ``include`` they don't know: only where reasoning is set."""
    reasoning = mapping(asked.get("reasoning"))
    if asked["store"] is not False or not reasoning or reasoning.get("effort") == "none":
        return
    included = sequence(asked.get("include"))
    asked["include"] = included if ENCRYPTED_REASONING in included else [*included, ENCRYPTED_REASONING]


def _input(endpoint: Endpoint, messages: Sequence[ChatMessage]) -> list[Item]:
    loop = tool_loop_start(messages)
    items: list[Item] = []
    for place, message in enumerate(messages):
        items += _items(endpoint, message, kept=message.items if place >= loop else ())
    return items


def _items(endpoint: Endpoint, message: ChatMessage, kept: tuple[Mapping[str, object], ...]) -> Iterable[Item]:
    text = clean(message.content)
    match message.role:
        case "tool":
            return [{"type": "function_call_output", "call_id": message.tool_call_id, "output": text}]
        case "assistant" if message.tool_calls:
            return _calling(text, message.tool_calls, kept)
        case "assistant":
            return [{"role": "assistant", "content": text}]
        case "system":
            return [{"role": endpoint.system_role, "content": text}]
        case _:
            return [{"role": message.role, "content": _parts(text, message.images) if message.images else text}]


def _parts(text: str, images: tuple[ImagePart, ...]) -> list[Item]:
    said: list[Item] = [{"type": "input_text", "text": text}] if text else []
    return said + [
        {"type": "input_image", "image_url": image.url, "detail": image.detail or "auto"} for image in images
    ]


def _calling(text: str, calls: tuple[ToolCall, ...], kept: tuple[Mapping[str, object], ...]) -> Iterable[Item]:
    """An answer with tool calls in the order it came: what was kept names the places of text and calls.

    Without such a name (it was another provider's answer, or in another format) text comes first, calls come last.
    """
    waiting = {call.id: call for call in calls}
    said = [_said(text)] if text else []
    made: list[Item] = []
    for item in kept:
        match item.get("type"):
            case "message":
                made += [{**message, "phase": item["phase"]} if item.get("phase") else message for message in said]
                said = []
            case "function_call":
                call = waiting.pop(str(item.get("call_id")), None)
                made += [_call(call)] if call else []
            case kind if kind not in _OF_CHAT_COMPLETIONS:
                made.append(dict(item))
    return [*said, *made, *map(_call, waiting.values())]


def _said(text: str) -> Item:
    return {"role": "assistant", "content": text}


def _call(call: ToolCall) -> Item:
    return {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": clean(call.arguments)}
