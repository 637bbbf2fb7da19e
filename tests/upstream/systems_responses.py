"""Is this a Responses request the real API would take?"""

from typing import Any

from tests.upstream.validation import (
    EFFORTS,
    Complaint,
    fields_complaint,
    format_complaint,
    function_complaint,
    is_picture,
    schema_complaint,
)

_NUMBER = (int, float)
FIELDS: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "input": (str, list),
    "instructions": (str,),
    "previous_response_id": (str,),
    "store": (bool,),
    "include": (list,),
    "stream": (bool,),
    "stream_options": (dict,),
    "max_output_tokens": (int,),
    "max_tool_calls": (int,),
    "temperature": _NUMBER,
    "top_p": _NUMBER,
    "top_logprobs": (int,),
    "reasoning": (dict,),
    "text": (dict,),
    "tools": (list,),
    "tool_choice": (str, dict),
    "parallel_tool_calls": (bool,),
    "truncation": (str,),
    "metadata": (dict,),
    "service_tier": (str,),
    "safety_identifier": (str,),
    "user": (str,),
    "prompt_cache_key": (str,),
}
_INCLUDES = {
    "file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
    "message.input_image.image_url", "computer_call_output.output.image_url", "code_interpreter_call.outputs",
    "reasoning.encrypted_content", "message.output_text.logprobs",
}  # fmt: skip
_HOSTED = {
    "web_search", "web_search_2025_08_26", "web_search_preview", "file_search", "code_interpreter", "image_generation",
    "mcp", "custom",
}  # fmt: skip
_SUMMARIES = {"auto", "concise", "detailed"}


def responses_complaint(body: Any) -> Complaint | None:
    """What is wrong; None for a good request."""
    if wrong := fields_complaint(body, FIELDS):
        return wrong
    for check in (_stream_options, _include, _reasoning, _text, _tools, _choice):
        if found := check(body):
            return found
    return _input(body.get("input"))


def _invalid(place: str, code: str = "invalid_value") -> Complaint:
    return Complaint(f"Invalid value: '{place}'.", place, code)


def _stream_options(body: dict[str, Any]) -> Complaint | None:
    options = body.get("stream_options")
    good = options is None or (body.get("stream") is True and set(options) <= {"include_obfuscation"})
    return None if good else Complaint("Unknown parameter: 'stream_options'.", "stream_options", "unknown_parameter")


def _include(body: dict[str, Any]) -> Complaint | None:
    good = all(isinstance(name, str) and name in _INCLUDES for name in body.get("include", []))
    return None if good else _invalid("include")


def _reasoning(body: dict[str, Any]) -> Complaint | None:
    value = body.get("reasoning", {})
    if set(value) - {"effort", "summary", "context", "mode"}:
        return _invalid("reasoning", "unknown_parameter")
    if value.get("effort", "none") not in EFFORTS:
        return _invalid("reasoning.effort")
    return None if value.get("summary", "auto") in _SUMMARIES else _invalid("reasoning.summary")


def _text(body: dict[str, Any]) -> Complaint | None:
    value = body.get("text", {})
    if set(value) - {"format", "verbosity"}:
        return _invalid("text", "unknown_parameter")
    if value.get("verbosity", "medium") not in {"low", "medium", "high"}:
        return _invalid("text.verbosity")
    wanted = value.get("format", {"type": "text"})
    if not isinstance(wanted, dict):
        return _invalid("text.format")
    if wanted.get("type") == "json_schema":
        return schema_complaint({name: part for name, part in wanted.items() if name != "type"}, "text.format")
    return format_complaint(wanted, body, "text.format")


def _tools(body: dict[str, Any]) -> Complaint | None:
    for number, tool in enumerate(body.get("tools", [])):
        place = f"tools[{number}]"
        if not isinstance(tool, dict) or "function" in tool:
            return Complaint(f"Unknown parameter: '{place}.function'.", f"{place}.function", "unknown_parameter")
        if tool.get("type") in _HOSTED:
            continue
        if tool.get("type") != "function":
            return _invalid(f"{place}.type")
        declared = {name: part for name, part in tool.items() if name != "type"}
        if wrong := function_complaint(declared, place):
            return wrong
        if "parameters" not in declared:
            return Complaint(f"Missing required parameter: '{place}.parameters'.", f"{place}.parameters")
    return None


def _choice(body: dict[str, Any]) -> Complaint | None:
    choice = body.get("tool_choice", "auto")
    if isinstance(choice, str):
        good = choice in {"none", "auto", "required"}
    else:
        names = {tool.get("name") for tool in body.get("tools", [])}
        is_function = choice.get("type") == "function" and set(choice) == {"type", "name"}
        good = (is_function and choice["name"] in names) or choice.get("type") in _HOSTED | {"allowed_tools"}
    return None if good else _invalid("tool_choice")


def _input(value: Any) -> Complaint | None:
    if isinstance(value, str) and value:
        return None
    if not isinstance(value, list) or not value:
        return Complaint("Missing required parameter: 'input'.", "input", "missing_required_parameter")
    if not all(isinstance(item, dict) for item in value):
        return _invalid("input")
    calls = {str(item.get("call_id")) for item in value if item.get("type") == "function_call"}
    for number, item in enumerate(value):
        place = f"input[{number}]"
        if not _is_item(item):
            return _invalid(place)
        if item.get("type") == "function_call_output" and item["call_id"] not in calls:
            text = f"No tool call found for function call output with call_id {item['call_id']}."
            return Complaint(text, "input")
    answered = {str(item.get("call_id")) for item in value if item.get("type") == "function_call_output"}
    missing = calls - answered
    return Complaint(f"No tool output found for function call {min(missing)}.", "input") if missing else None


def _is_item(item: dict[str, Any]) -> bool:
    match item.get("type", "message"):
        case "message":
            return _is_message(item)
        case "function_call":
            known = set(item) <= {"type", "id", "call_id", "name", "arguments", "status"}
            return known and all(isinstance(item.get(name), str) for name in ("call_id", "name", "arguments"))
        case "function_call_output":
            known = set(item) <= {"type", "id", "call_id", "output", "status"}
            return known and isinstance(item.get("output"), str) and isinstance(item.get("call_id"), str)
        case "reasoning":
            return isinstance(item.get("summary"), list)
    return False


def _is_message(item: dict[str, Any]) -> bool:
    role, content = item.get("role"), item.get("content")
    if set(item) - {"type", "role", "content", "id", "status", "phase"}:
        return False
    if role not in {"user", "assistant", "system", "developer"} or not content:
        return False
    if isinstance(content, str):
        return True
    return isinstance(content, list) and all(isinstance(part, dict) and _is_part(part, role) for part in content)


def _is_part(part: dict[str, Any], role: str) -> bool:
    if role == "assistant":
        return part.get("type") == "output_text" and isinstance(part.get("text"), str)
    if part.get("type") == "input_text":
        return set(part) == {"type", "text"} and bool(part["text"])
    is_image = part.get("type") == "input_image" and not set(part) - {"type", "image_url", "detail"}
    return role == "user" and is_image and is_picture(part, "image_url")
