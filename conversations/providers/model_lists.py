"""Lists of models: every server tells other facts about its models, under other names."""

import re
from dataclasses import replace
from typing import Any, Final

from conversations.exceptions import ProviderProtocolError
from conversations.providers.base import ModelInfo
from conversations.providers.payloads import count, mapping, sequence, string

_MOST_MODELS: Final = 5000
_LONGEST_ID: Final = 200
_NOT_CHAT: Final = re.compile(
    r"embed|whisper|transcri|\btts\b|-tts|speech|moderation|dall-e|gpt-image|image-|imagen|stable-diffusion|\bsdxl\b|flux|rerank"
    r"|\bsora\b|\bveo\b|realtime|\baudio\b|babbage|davinci|bge-|gte-|\be5-|minilm|clip-|llama-guard|prompt-guard|-ocr|chatgpt-image",
    re.IGNORECASE,
)
_CHAT_KINDS: Final = frozenset({"llm", "vlm", "chat", "model", "text", "language", "responses", "completion"})
_CONTEXT_FIELDS: Final = (
    "max_model_len", "context_length", "context_window", "max_context_length", "max_input_tokens", "inputTokenLimit",
)  # fmt: skip
_OUTPUT_FIELDS: Final = ("max_output_tokens", "max_completion_tokens", "outputTokenLimit")
_IDS: Final = ("id", "model_name", "model", "name")
_SUPPORTED_PARAMETERS: Final = {
    "tools": "tools", "parallel_tool_calls": "parallel_tools", "structured_outputs": "structured",
    "response_format": "structured", "reasoning": "reasoning",
}  # fmt: skip
_SUPPORTED_FLAGS: Final = {
    "supports_vision": "vision", "supports_function_calling": "tools",
    "supports_parallel_function_calling": "parallel_tools", "supports_response_schema": "structured",
    "supports_reasoning": "reasoning", "supports_prompt_caching": "caching", "supports_pdf_input": "files",
}  # fmt: skip


def models_in(payload: Any) -> list[ModelInfo]:
    """The models of a list in any known shape, each id once. Raises ProviderProtocolError if it is no list."""
    if isinstance(payload, dict):
        payload = next((payload[name] for name in ("data", "models", "result") if name in payload), None)
    if not isinstance(payload, list):
        raise ProviderProtocolError("The endpoint's list of models can't be read. Enter the models by hand.")
    found: dict[str, ModelInfo] = {}
    for entry in payload[:_MOST_MODELS]:
        fields = mapping(entry)
        model_id = string(entry) or _id(fields)
        if model_id and len(model_id) <= _LONGEST_ID and model_id not in found:
            found[model_id] = _info(model_id, fields)
    return list(found.values())


def merged(models: list[ModelInfo], facts: list[ModelInfo]) -> list[ModelInfo]:
    """The models, with what the second list knows more about them."""
    known = {info.id: info for info in facts}
    return [
        replace(
            known[model.id],
            context_window=known[model.id].context_window or model.context_window,
            max_output_tokens=known[model.id].max_output_tokens or model.max_output_tokens,
        )
        if model.id in known
        else model
        for model in models
    ]


def _id(fields: dict[str, Any]) -> str:
    """Cloudflare numbers its models: there the name is what one asks for."""
    names = ("name",) if string(fields.get("name")).startswith("@cf/") else _IDS
    return next(filter(None, (string(fields.get(name)) for name in names)), "")


def _info(model_id: str, fields: dict[str, Any]) -> ModelInfo:
    places = (
        fields, mapping(fields.get("model_info")), mapping(fields.get("top_provider")), _properties(fields),
    )  # fmt: skip
    meta = mapping(fields.get("meta"))
    return ModelInfo(
        id=model_id,
        context_window=_first(fields, _CONTEXT_FIELDS)
        or _first(meta, ("n_ctx", "n_ctx_train"))
        or _first_of(places, _CONTEXT_FIELDS),
        max_output_tokens=_first_of(places, _OUTPUT_FIELDS),
        is_chat=_is_chat(model_id, fields),
        abilities=_abilities(fields),
    )


def _properties(fields: dict[str, Any]) -> dict[str, Any]:
    """Cloudflare's facts are a list of named values."""
    facts = [mapping(entry) for entry in sequence(fields.get("properties"))]
    return {string(fact.get("property_id")): fact.get("value") for fact in facts}


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> int | None:
    return next(filter(None, (count(fields.get(name)) for name in names)), None)


def _first_of(places: tuple[dict[str, Any], ...], names: tuple[str, ...]) -> int | None:
    return next(filter(None, (_first(fields, names) for fields in places)), None)


def _is_chat(model_id: str, fields: dict[str, Any]) -> bool:
    """What the entry says about its output, else a guess from the id."""
    task = string(mapping(fields.get("task")).get("name"))
    if task:
        return task in {"Text Generation", "Image-to-Text"}
    outputs = sequence(mapping(fields.get("architecture")).get("output_modalities"))
    kind = string(fields.get("type")) or string(fields.get("mode"))
    kind = kind or string(mapping(fields.get("model_info")).get("mode"))
    if kind:
        return kind.lower() in _CHAT_KINDS
    return "text" in outputs if outputs else not _NOT_CHAT.search(model_id)


def _abilities(fields: dict[str, Any]) -> tuple[str, ...]:
    """Of those lists that name all of them (OpenRouter, LiteLLM, LM Studio); llama.cpp itself can do the rest."""
    inputs = sequence(mapping(fields.get("architecture")).get("input_modalities"))
    seen = ["vision"] if "image" in inputs else []
    parameters = sequence(fields.get("supported_parameters"))
    if parameters:
        return _each_once([*seen, *(_SUPPORTED_PARAMETERS.get(string(name), "") for name in parameters)])
    facts = mapping(fields.get("model_info"))
    if any(name in facts for name in _SUPPORTED_FLAGS):
        return _each_once([ability for name, ability in _SUPPORTED_FLAGS.items() if facts.get(name) is True])
    told = mapping(fields.get("capabilities"))
    if "vision" in told:
        tools = ["tools"] if told.get("trained_for_tool_use") is True else []
        return _each_once([*(["vision"] if told["vision"] is True else []), *tools, "structured"])
    if string(fields.get("owned_by")) == "llamacpp" and inputs:
        return _each_once([*seen, "tools", "structured"])
    return ()


def _each_once(abilities: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, abilities)))
