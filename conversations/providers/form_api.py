"""The form of aggregators: one prompt instead of a conversation, or messages where the way in takes them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from conversations.providers.base import CHAT_COMPLETIONS, ChatMessage, ChatRequest, Endpoint, ImagePart
from conversations.providers.chat_completions import request_body as chat_body
from conversations.providers.payloads import clean

_SPEAKERS: Final = {"user": "User", "assistant": "Assistant", "tool": "Result of a tool", "system": "Instructions"}
_DETAILS: Final = ("low", "auto", "high", "original")
_DETAIL: Final = "image_detail"


def request_body(endpoint: Endpoint, request: ChatRequest, *, stream: bool) -> dict[str, object]:
    """Exactly what goes over the wire. What is not set is not sent; ``stream`` wins over the parameter of that name."""
    if endpoint.route == "messages":
        return _with_messages(endpoint, request, stream=stream)
    messages = list(request.messages)
    body: dict[str, object] = {"model": request.model}
    if messages and messages[0].role == "system":
        body["system_prompt"] = clean(messages.pop(0).content)
    body["prompt"] = folded(messages)
    images = [image for message in messages for image in message.images]
    if images:
        body["image_urls"] = [image.url for image in images]
        details = [image.detail for image in images if image.detail]
        if details:
            body[_DETAIL] = max(details, key=lambda detail: _DETAILS.index(detail) if detail in _DETAILS else -1)
    without = {"stream"} if images else {"stream", _DETAIL}
    body |= {name: value for name, value in request.parameters.items() if name not in without}
    if stream or request.parameters.get("stream") is not None:
        body["stream"] = stream
    return body


def folded(messages: Sequence[ChatMessage]) -> str:
    """A conversation as one text: a single question as it is, else the earlier messages above the last one."""
    numbers = _numbered(messages)
    *earlier, last = [_said(message, shown) for message, shown in zip(messages, numbers, strict=True)] or [""]
    if not earlier:
        return clean(messages[0].content or last) if messages else last
    speakers = [_SPEAKERS.get(message.role, message.role) for message in messages]
    turns = "\n\n".join(f"{who}:\n{said}" for who, said in zip(speakers, earlier, strict=False))
    return f"This is our conversation so far:\n\n{turns}\n\nNow answer this message:\n\n{last}"


def _numbered(messages: Sequence[ChatMessage]) -> list[str]:
    """For each message which pictures came with it: they are sent apart from the text, in order."""
    shown, count = [], 0
    for message in messages:
        names = [f"picture {number}" for number in range(count + 1, count + 1 + len(message.images))]
        shown.append(f"[{', '.join(names)}]" if names else "")
        count += len(names)
    return shown


def _said(message: ChatMessage, shown: str) -> str:
    calls = [f"[called the tool {call.name} with {call.arguments}]" for call in message.tool_calls]
    return clean("\n".join(filter(None, [message.content, *calls, shown])))


def _with_messages(endpoint: Endpoint, request: ChatRequest, *, stream: bool) -> dict[str, object]:
    """The form's names for parameters, a chat's messages; the detail of pictures goes to each of them."""
    parameters = dict(request.parameters)
    detail = parameters.pop(_DETAIL, "")
    messages = tuple(_detailed(message, str(detail)) for message in request.messages)
    asked = replace(request, format=CHAT_COMPLETIONS, messages=messages, parameters=parameters)
    return chat_body(endpoint, asked, stream=stream)


def _detailed(message: ChatMessage, detail: str) -> ChatMessage:
    images = tuple(ImagePart(image.url, detail or image.detail) for image in message.images)
    return replace(message, images=images) if images else message
