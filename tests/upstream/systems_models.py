"""The models the strict systems know, and what each of them refuses of what its API knows."""

from dataclasses import dataclass
from typing import Any

from tests.upstream.validation import Complaint


@dataclass(frozen=True)
class Rules:
    """What one model takes. ``dated``: the name it answers under; ``efforts`` is empty for one that doesn't reason."""

    dated: str
    context: int
    output: int
    efforts: tuple[str, ...] = ()


_CLASSIC, _LATER = 1_047_576, 1_050_000
_EFFORTS = ("none", "low", "medium", "high", "xhigh")
KNOWN = {
    "gpt-4.1": Rules("gpt-4.1-2025-04-14", _CLASSIC, 32_768),
    "gpt-4.1-mini": Rules("gpt-4.1-mini-2025-04-14", _CLASSIC, 32_768),
    "gpt-4.1-nano": Rules("gpt-4.1-nano-2025-04-14", _CLASSIC, 32_768),
    "gpt-5.4": Rules("gpt-5.4-2026-03-05", _LATER, 128_000, _EFFORTS),
}
_NEVER_REASONING = (
    "frequency_penalty", "presence_penalty", "stop", "logit_bias", "prediction", "audio", "modalities",
    "web_search_options",
)  # fmt: skip
_ONLY_UNREASONED = ("temperature", "top_p", "logprobs", "top_logprobs")


def rules_of(model: str) -> Rules | None:
    """The rules of a model or a dated name; a name that begins with ``words-`` takes what GPT-4.1 takes."""
    if model.startswith("words-"):
        return Rules(model, _CLASSIC, 32_768)
    return KNOWN.get(model) or next((rules for rules in KNOWN.values() if rules.dated == model), None)


def unknown_model(model: object) -> Complaint:
    text = f"The model `{model}` does not exist or you do not have access to it."
    return Complaint(text, "model", "model_not_found")


def model_complaint(rules: Rules, body: dict[str, Any]) -> Complaint | None:
    """What this model refuses of a body in either format that is right in general."""
    for name in ("max_tokens", "max_completion_tokens", "max_output_tokens"):
        if body.get(name, 0) > rules.output:
            text = f"{name} is too large: {body[name]}. This model supports at most {rules.output} completion tokens"
            return Complaint(f"{text}, whereas you provided {body[name]}.", name, "invalid_value")
    if wrong := _too_long(rules, body):
        return wrong
    return _reasoning_complaint(rules, body) if rules.efforts else _plain_complaint(body)


def _too_long(rules: Rules, body: dict[str, Any]) -> Complaint | None:
    tokens = asked_tokens(body)
    if tokens <= rules.context:
        return None
    place = "messages" if "messages" in body else "input"
    text = (
        f"This model's maximum context length is {rules.context} tokens. However, your messages resulted in {tokens} "
        f"tokens. Please reduce the length of the messages."
    )
    return Complaint(text, place, "context_length_exceeded")


def asked_tokens(body: dict[str, Any]) -> int:
    """About four characters each, pictures 85."""
    size = len(str(body.get("instructions", "")))
    for item in body.get("messages") or body.get("input") or []:
        content = item if isinstance(item, str) else item.get("content") or item.get("output") or ""
        parts = content if isinstance(content, list) else [{"text": content}]
        size += sum(len(part["text"]) if part.get("text") else 340 for part in parts)
    return size // 4 + 1


def _plain_complaint(body: dict[str, Any]) -> Complaint | None:
    for name in ("reasoning_effort", "verbosity"):
        if name in body:
            return Complaint(f"Unrecognized request argument supplied: {name}", name, "unknown_parameter")
    if "effort" in body.get("reasoning", {}):
        return _unsupported("reasoning.effort")
    return None if body.get("text", {}).get("verbosity", "medium") == "medium" else _unsupported("text.verbosity")


def _reasoning_complaint(rules: Rules, body: dict[str, Any]) -> Complaint | None:
    field = "reasoning_effort" if "messages" in body else "reasoning.effort"
    effort = body.get("reasoning_effort") or body.get("reasoning", {}).get("effort") or rules.efforts[0]
    if effort not in rules.efforts:
        text = f"Unsupported value: '{field}' does not support '{effort}' with this model."
        return Complaint(f"{text} Supported values are: {rules.efforts}.", field, "unsupported_value")
    return _never_taken(body) or (None if effort == "none" else _reasoned_complaint(body))


def _never_taken(body: dict[str, Any]) -> Complaint | None:
    if "max_tokens" in body:
        return _unsupported("max_tokens", " Use 'max_completion_tokens' instead.")
    wrong = next((name for name in _NEVER_REASONING if name in body), None)
    return _unsupported(wrong) if wrong else None


def _reasoned_complaint(body: dict[str, Any]) -> Complaint | None:
    if wrong := next((name for name in _ONLY_UNREASONED if name in body and body[name] != 1), None):
        return _unsupported(wrong)
    if "messages" in body and body.get("tools"):
        text = "Function tools with reasoning_effort are not supported for this model in /v1/chat/completions."
        return Complaint(f"{text} Please use /v1/responses instead.", "reasoning_effort", "unsupported_parameter")
    return None


def _unsupported(name: str, advice: str = "") -> Complaint:
    text = f"Unsupported parameter: '{name}' is not supported with this model.{advice}"
    return Complaint(text, name, "unsupported_parameter")
