"""Is this a Chat Completions request the real API would take? Stricter than most: what is unknown is refused."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Complaint(NamedTuple):
    """What is wrong, with which parameter, and the API's code for it."""

    message: str
    param: str
    code: str | None = None


_NUMBER = (int, float)
CHAT_FIELDS: dict[str, tuple[type, ...]] = {
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
    "logprobs": (bool,),
    "top_logprobs": (int,),
    "logit_bias": (dict,),
    "user": (str,),
    "reasoning_effort": (str,),
    "verbosity": (str,),
    "response_format": (dict,),
    "tools": (list,),
    "tool_choice": (str, dict),
    "parallel_tool_calls": (bool,),
    "modalities": (list,),
    "audio": (dict,),
    "prediction": (dict,),
    "service_tier": (str,),
    "store": (bool,),
    "metadata": (dict,),
    "safety_identifier": (str,),
    "prompt_cache_key": (str,),
    "web_search_options": (dict,),
}
LOCAL_FIELDS: dict[str, tuple[type, ...]] = {
    "top_k": (int,),
    "min_p": _NUMBER,
    "repetition_penalty": _NUMBER,
    "repeat_penalty": _NUMBER,
    "chat_template_kwargs": (dict,),
    "reasoning": (dict,),
    "provider": (dict,),
}
"""What self-hosted servers and routers take besides."""
_RANGES: dict[str, tuple[Any, Any]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "min_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "max_tokens": (1, 10**9),
    "max_completion_tokens": (1, 10**9),
    "max_output_tokens": (16, 10**9),
    "max_tool_calls": (1, 10**6),
    "top_logprobs": (0, 20),
    "n": (1, 128),
}
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_CHOICES: dict[str, tuple[str, ...]] = {
    "reasoning_effort": EFFORTS,
    "verbosity": ("low", "medium", "high"),
    "service_tier": ("auto", "default", "flex", "scale", "priority", "fast", "ultrafast"),
    "truncation": ("auto", "disabled"),
}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DETAILS = ("auto", "low", "high", "original")
_ADDRESS = re.compile(r"https?://\S+|data:image/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}")
_MESSAGE_FIELDS = {
    "system": {"role", "content", "name"},
    "developer": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "tool_calls", "refusal", "reasoning", "reasoning_content"},
    "tool": {"role", "content", "tool_call_id"},
}


def complaint(body: Any) -> Complaint | None:
    """What is wrong; None for a good request."""
    return chat_complaint(body, {**CHAT_FIELDS, **LOCAL_FIELDS})


def chat_complaint(body: Any, fields: Mapping[str, tuple[type, ...]] = CHAT_FIELDS) -> Complaint | None:
    wrong = fields_complaint(body, fields)
    if wrong:
        return wrong
    for check in (_stream_options, _lengths, _dependencies, _format, _tools):
        if found := check(body):
            return found
    return _messages(body.get("messages"))


def fields_complaint(body: Any, fields: Mapping[str, tuple[type, ...]]) -> Complaint | None:
    """Unknown names, wrong types, numbers out of range; and that there is a model."""
    if not isinstance(body, dict):
        return Complaint("We could not parse the JSON body of your request.", "")
    for name, value in body.items():
        if wrong := _field(name, value, fields):
            return wrong
    if not body.get("model"):
        return Complaint("you must provide a model parameter", "model")
    return None


def _field(name: str, value: Any, fields: Mapping[str, tuple[type, ...]]) -> Complaint | None:
    kinds: Any = fields.get(name)
    if kinds is None:
        return Complaint(f"Unrecognized request argument supplied: {name}", name, "unknown_parameter")
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return Complaint(f"Invalid type for '{name}': got {type(value).__name__}.", name, "invalid_type")
    low, high = _RANGES.get(name, (None, None))
    if low is not None and not low <= value <= high:
        return Complaint(f"Invalid '{name}': {value} is not between {low} and {high}.", name, "invalid_value")
    if isinstance(value, str) and name in _CHOICES and value not in _CHOICES[name]:
        return Complaint(f"Invalid value: '{value}'. Supported values are: {_CHOICES[name]}", name, "invalid_value")
    if name == "stop" and isinstance(value, list) and not (1 <= len(value) <= 4 and all_strings(value)):
        return Complaint("Invalid 'stop': expected 1 to 4 strings.", name, "invalid_value")
    return _pairs(dict(value)) if name == "metadata" else None


def all_strings(values: list[Any]) -> bool:
    return all(isinstance(value, str) and value for value in values)


def _pairs(value: dict[str, Any]) -> Complaint | None:
    if len(value) <= 16 and all(len(key) <= 64 and isinstance(v, str) and len(v) <= 512 for key, v in value.items()):
        return None
    return Complaint("Invalid 'metadata': at most 16 pairs of strings.", "metadata", "invalid_value")


def _stream_options(body: dict[str, Any]) -> Complaint | None:
    if "stream_options" not in body:
        return None
    if body.get("stream") is not True:
        text = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        return Complaint(text, "stream_options")
    options = body["stream_options"]
    good = all(
        name in {"include_usage", "include_obfuscation"} and isinstance(value, bool) for name, value in options.items()
    )
    return None if good else Complaint("Invalid 'stream_options'.", "stream_options", "unknown_parameter")


def _lengths(body: dict[str, Any]) -> Complaint | None:
    if "max_tokens" in body and "max_completion_tokens" in body:
        text = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        return Complaint(text, "max_tokens", "invalid_parameter_combination")
    return None


def _dependencies(body: dict[str, Any]) -> Complaint | None:
    if "top_logprobs" in body and not body.get("logprobs"):
        return Complaint("'top_logprobs' is only allowed when 'logprobs' is true.", "top_logprobs")
    for name in ("tool_choice", "parallel_tool_calls"):
        if name in body and not body.get("tools") and body[name] != "none":
            return Complaint(f"'{name}' is only allowed when 'tools' are specified.", name, "invalid_value")
    return None


def _format(body: dict[str, Any]) -> Complaint | None:
    value = body.get("response_format")
    return None if value is None else format_complaint(value, body, "response_format")


def format_complaint(value: dict[str, Any], body: dict[str, Any], place: str) -> Complaint | None:
    """A structured output as Chat Completions declares it; ``place`` names the parameter."""
    match value.get("type"):
        case "text" if set(value) == {"type"}:
            return None
        case "json_object" if set(value) == {"type"}:
            asked = "json" in json.dumps(body.get("messages") or body.get("input") or "").lower()
            asked = asked or "json" in str(body.get("instructions", "")).lower()
            text = (
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
            )
            return None if asked else Complaint(text, place)
        case "json_schema" if set(value) == {"type", "json_schema"} and isinstance(value["json_schema"], dict):
            return schema_complaint(value["json_schema"], place)
    return Complaint(f"Invalid value: '{place}'.", place, "invalid_value")


def schema_complaint(declared: dict[str, Any], place: str) -> Complaint | None:
    unknown = set(declared) - {"name", "schema", "strict", "description"}
    named = isinstance(declared.get("name"), str) and _NAME.fullmatch(declared["name"])
    if unknown or not named or not isinstance(declared.get("schema"), dict):
        return Complaint(f"Invalid schema at '{place}'.", place, "invalid_value")
    if declared.get("strict") and declared["schema"].get("additionalProperties") is not False:
        text = "In context=(), 'additionalProperties' is required to be supplied and to be false."
        return Complaint(f"Invalid schema for '{place}': {text}", place, "invalid_json_schema")
    return None


def _tools(body: dict[str, Any]) -> Complaint | None:
    for number, tool in enumerate(body.get("tools", [])):
        if not isinstance(tool, dict) or tool.get("type") != "function" or set(tool) != {"type", "function"}:
            return Complaint(f"Invalid value at 'tools[{number}]'.", f"tools[{number}]", "invalid_value")
        if wrong := function_complaint(tool["function"], f"tools[{number}].function"):
            return wrong
    choice = body.get("tool_choice", "auto")
    if isinstance(choice, str):
        good = choice in {"none", "auto", "required"}
    else:
        names = [tool["function"]["name"] for tool in body.get("tools", [])]
        function = choice.get("function")
        good = choice.get("type") == "function" and isinstance(function, dict) and function.get("name") in names
    return None if good else Complaint("Invalid 'tool_choice'.", "tool_choice", "invalid_value")


def function_complaint(function: Any, place: str) -> Complaint | None:
    known = isinstance(function, dict) and not set(function) - {"name", "description", "parameters", "strict"}
    if not known or not _NAME.fullmatch(str(function.get("name", ""))):
        return Complaint(f"Invalid '{place}': a name and parameters are expected.", place, "invalid_value")
    if not isinstance(function.get("parameters", {}), dict):
        return Complaint(f"Invalid schema for function '{function['name']}'.", place, "invalid_function_parameters")
    return None


def _messages(messages: Any) -> Complaint | None:
    if not isinstance(messages, list) or not messages:
        text = "Invalid 'messages': empty array. Expected an array with minimum length 1."
        return Complaint(text, "messages", "empty_array")
    waiting: list[str] = []
    for number, message in enumerate(messages):
        place = f"messages[{number}]"
        role = message.get("role") if isinstance(message, dict) else None
        if role not in _MESSAGE_FIELDS or set(message) - _MESSAGE_FIELDS[role]:
            return Complaint(f"Invalid object at '{place}'.", place)
        if role == "tool":
            if message.get("tool_call_id") not in waiting:
                return Complaint("messages with role 'tool' must be a response to a preceding tool call.", place)
            waiting.remove(message["tool_call_id"])
        elif waiting:
            return Complaint("An assistant message with 'tool_calls' must be followed by tool messages.", place)
        if wrong := _content(message, place):
            return wrong
        waiting += [call["id"] for call in message.get("tool_calls") or []]
    return Complaint("An answer to a tool call is missing.", "messages") if waiting else None


def _content(message: dict[str, Any], place: str) -> Complaint | None:
    content, calls = message.get("content"), message.get("tool_calls")
    if "tool_calls" in message and not (isinstance(calls, list) and calls and all(map(_is_call, calls))):
        return Complaint(f"Invalid '{place}.tool_calls'.", f"{place}.tool_calls")
    if content is None and calls:
        return None
    if not isinstance(content, (str, list)) or not content:
        return Complaint(f"Invalid '{place}.content': a non-empty string or list is expected.", place)
    good: Callable[[Any], bool] = _is_part if message["role"] == "user" else _is_text
    if isinstance(content, list) and not all(map(good, content)):
        return Complaint(f"Invalid part at '{place}.content'.", f"{place}.content")
    return None


def _is_call(call: Any) -> bool:
    good = isinstance(call, dict) and set(call) <= {"id", "type", "function", "extra_content"}
    function = call.get("function") if good else None
    return (
        isinstance(function, dict)
        and bool(call.get("id"))
        and call.get("type") == "function"
        and set(function) == {"name", "arguments"}
        and isinstance(function["arguments"], str)
        and bool(_NAME.fullmatch(str(function["name"])))
    )


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and set(part) == {"type", "text"} and part["type"] == "text" and bool(part["text"])


def _is_part(part: Any) -> bool:
    if not isinstance(part, dict) or part.get("type") != "image_url":
        return _is_text(part)
    image = part.get("image_url")
    return isinstance(image, dict) and not set(image) - {"url", "detail"} and is_picture(image)


def is_picture(image: dict[str, Any], field: str = "url") -> bool:
    return bool(_ADDRESS.fullmatch(str(image.get(field, "")))) and image.get("detail", "auto") in _DETAILS
