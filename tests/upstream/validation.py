"""Is this a request the real API would take? Stricter than most servers: what is unknown is refused."""

from typing import Any

_NUMBER = (int, float)
_FIELDS: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "messages": (list,),
    "stream": (bool,),
    "stream_options": (dict,),
    "temperature": _NUMBER,
    "top_p": _NUMBER,
    "frequency_penalty": _NUMBER,
    "presence_penalty": _NUMBER,
    "max_tokens": (int,),
    "max_completion_tokens": (int,),
    "stop": (str, list),
    "seed": (int,),
    "n": (int,),
    "user": (str,),
    "reasoning_effort": (str,),
    "response_format": (dict,),
    "tools": (list,),
    "tool_choice": (str, dict),
}
_RANGES: dict[str, tuple[Any, Any]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "max_tokens": (1, 10**9),
    "max_completion_tokens": (1, 10**9),
}
_ROLES = {"system", "developer", "user", "assistant", "tool"}


def complaint(body: Any) -> tuple[str, str] | None:
    """What is wrong and with which parameter; None for a good request."""
    if not isinstance(body, dict):
        return "We could not parse the JSON body of your request.", ""
    for name, value in body.items():
        wrong = _field(name, value)
        if wrong:
            return wrong, name
    if not body.get("model"):
        return "you must provide a model parameter", "model"
    if "stream_options" in body and body.get("stream") is not True:
        return "The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options"
    if "max_tokens" in body and "max_completion_tokens" in body:
        return "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_tokens"
    return _messages(body.get("messages"))


def _field(name: str, value: Any) -> str | None:
    kinds = _FIELDS.get(name)
    if kinds is None:
        return f"Unrecognized request argument supplied: {name}"
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return f"Invalid type for '{name}': got {type(value).__name__}."
    low, high = _RANGES.get(name, (None, None))
    if low is not None and not low <= value <= high:
        return f"Invalid '{name}': {value} is not between {low} and {high}."
    if name == "stop" and isinstance(value, list) and not 1 <= len(value) <= 4:
        return "Invalid 'stop': expected 1 to 4 strings."
    return None


def _messages(messages: Any) -> tuple[str, str] | None:
    if not isinstance(messages, list) or not messages:
        return "Invalid 'messages': empty array. Expected an array with minimum length 1.", "messages"
    for number, message in enumerate(messages):
        place = f"messages[{number}]"
        if not isinstance(message, dict) or set(message) - {"role", "content", "name", "tool_calls", "tool_call_id"}:
            return f"Invalid object at '{place}'.", place
        if message.get("role") not in _ROLES:
            return f"Invalid value at '{place}.role'.", place
        content = message.get("content")
        if not isinstance(content, (str, list)) or not content:
            return f"Invalid '{place}.content': a non-empty string or list is expected.", place
    return None
