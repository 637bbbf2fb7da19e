"""``GET /models``: every server lists its models with other facts under other names."""

import re
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
_CONTEXT_FIELDS: Final = (
    "max_model_len", "context_length", "context_window", "max_context_length", "max_input_tokens", "inputTokenLimit",
)  # fmt: skip
_OUTPUT_FIELDS: Final = ("max_output_tokens", "max_completion_tokens", "outputTokenLimit")


def models_in(payload: Any) -> list[ModelInfo]:
    """The models of a list in any known shape, each id once. Raises ProviderProtocolError if it is no list."""
    if isinstance(payload, dict):
        payload = next((payload[name] for name in ("data", "models", "result") if name in payload), None)
    if not isinstance(payload, list):
        raise ProviderProtocolError("The endpoint's list of models can't be read. Enter the models by hand.")
    found: dict[str, ModelInfo] = {}
    for entry in payload[:_MOST_MODELS]:
        fields = mapping(entry)
        model_id = string(entry) or next(filter(None, (string(fields.get(n)) for n in ("id", "model", "name"))), "")
        if model_id and len(model_id) <= _LONGEST_ID and model_id not in found:
            found[model_id] = _info(model_id, fields)
    return list(found.values())


def _info(model_id: str, fields: dict[str, Any]) -> ModelInfo:
    top, meta = mapping(fields.get("top_provider")), mapping(fields.get("meta"))
    return ModelInfo(
        id=model_id,
        context_window=_first(fields, _CONTEXT_FIELDS)
        or _first(meta, ("n_ctx", "n_ctx_train"))
        or _first(top, _CONTEXT_FIELDS),
        max_output_tokens=_first(fields, _OUTPUT_FIELDS) or _first(top, _OUTPUT_FIELDS),
        is_chat=_is_chat(model_id, fields),
    )


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> int | None:
    return next(filter(None, (count(fields.get(name)) for name in names)), None)


def _is_chat(model_id: str, fields: dict[str, Any]) -> bool:
    """What the entry says about its output, else a guess from the id."""
    outputs = sequence(mapping(fields.get("architecture")).get("output_modalities"))
    kind = string(fields.get("type")) or string(fields.get("mode"))
    if kind:
        return kind.lower() in {"llm", "vlm", "chat", "model", "text", "language", "responses", "completion"}
    return "text" in outputs if outputs else not _NOT_CHAT.search(model_id)
