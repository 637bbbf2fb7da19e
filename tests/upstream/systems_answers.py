"""Answers in the shapes of the systems: whole and in pieces, with usage, cut where the request bounds them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.upstream.systems_models import asked_tokens, rules_of
from tests.upstream.texts import tokens_of

Event = tuple[str, dict[str, Any]]
"""The name of an event ("" for none) and its data."""
_CREATED = 1_776_470_844
_THOUGHT = ("Weighing ", "the ", "question.")
_LENGTHS = ("max_completion_tokens", "max_tokens", "max_output_tokens")


@dataclass(frozen=True)
class Answer:
    """What the fake says to a body: the seeded tokens of its model's name, as many as the body allows."""

    model: str
    dated: str
    tokens: tuple[str, ...]
    is_cut: bool
    thought: tuple[str, ...]
    asked: int
    usage_in_stream: bool

    @property
    def text(self) -> str:
        return "".join(self.tokens)

    @property
    def chat_usage(self) -> dict[str, Any]:
        answered = len(self.tokens) + len(self.thought)
        return {
            "prompt_tokens": self.asked, "completion_tokens": answered, "total_tokens": self.asked + answered,
            "prompt_tokens_details": {"cached_tokens": self.cached, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": len(self.thought), "audio_tokens": 0},
        }  # fmt: skip

    @property
    def responses_usage(self) -> dict[str, Any]:
        answered = len(self.tokens) + len(self.thought)
        return {
            "input_tokens": self.asked, "output_tokens": answered, "total_tokens": self.asked + answered,
            "input_tokens_details": {"cached_tokens": self.cached, "cache_write_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": len(self.thought)},
        }  # fmt: skip

    @property
    def cached(self) -> int:
        """Prompts from 1024 tokens on are cached in steps of 128, as the vendor does."""
        return self.asked // 128 * 128 if self.asked >= 1024 else 0


def answer_to(body: dict[str, Any], model: str) -> Answer:
    """``model`` without the prefix of its vendor: the text depends on nothing else."""
    rules, tokens = rules_of(model), tokens_of(model)
    bound = next((body[name] for name in _LENGTHS if name in body), len(tokens))
    effort = body.get("reasoning_effort") or body.get("reasoning", {}).get("effort") or "none"
    thought = _THOUGHT if rules and rules.efforts and effort != "none" else ()
    return Answer(
        model=model,
        dated=rules.dated if rules else model,
        tokens=tokens[:bound],
        is_cut=bound < len(tokens),
        thought=thought,
        asked=asked_tokens(body),
        usage_in_stream=bool((body.get("stream_options") or {}).get("include_usage")),
    )


def chat_document(answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None, "annotations": []}
    finish = "length" if answer.is_cut else "stop"
    return {
        "id": "chatcmpl-fake", "object": "chat.completion", "created": _CREATED, "model": answer.dated,
        "choices": [{"index": 0, "finish_reason": finish, "logprobs": None, "message": message}],
        "usage": answer.chat_usage, "service_tier": "default", "system_fingerprint": "fp_fake",
    }  # fmt: skip


def chat_events(answer: Answer) -> Iterator[Event]:
    start = {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": _CREATED, "model": answer.dated}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> Event:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return "", {**start, "choices": choices, "usage": None, "obfuscation": "x7"}

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    for token in answer.tokens:
        yield chunk({"content": token})
    yield chunk({}, "length" if answer.is_cut else "stop")
    if answer.usage_in_stream:
        yield "", {**start, "choices": [], "usage": answer.chat_usage}


def _response(answer: Answer, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
    reason = {"reason": "max_output_tokens"} if status == "incomplete" else None
    return {
        "id": "resp_fake", "object": "response", "created_at": _CREATED, "status": status, "error": None,
        "incomplete_details": reason, "model": answer.dated, "output": output, "store": False,
        "usage": None if status == "in_progress" else answer.responses_usage,
    }  # fmt: skip


def _thought_item(answer: Answer) -> dict[str, Any]:
    summary = [{"type": "summary_text", "text": "".join(answer.thought)}]
    return {"id": "rs_fake", "type": "reasoning", "summary": summary, "encrypted_content": "ZmFrZQ=="}


def _message_item(answer: Answer) -> dict[str, Any]:
    part = {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}
    status = "incomplete" if answer.is_cut else "completed"
    return {"id": "msg_fake", "type": "message", "role": "assistant", "status": status, "content": [part]}


def responses_document(answer: Answer) -> dict[str, Any]:
    output = [_thought_item(answer)] if answer.thought else []
    return _response(answer, "incomplete" if answer.is_cut else "completed", [*output, _message_item(answer)])


def responses_events(answer: Answer) -> Iterator[Event]:
    """All events of an answer that thinks (if it does) and then writes, numbered from 0."""
    for number, (name, data) in enumerate(_responses_events(answer)):
        yield name, {"type": name, "sequence_number": number, **data}


def _responses_events(answer: Answer) -> Iterator[Event]:
    begun = _response(answer, "in_progress", [])
    yield "response.created", {"response": begun}
    yield "response.in_progress", {"response": begun}
    if answer.thought:
        yield from _thinking(answer)
    yield from _writing(answer, 1 if answer.thought else 0)
    final = responses_document(answer)
    yield f"response.{final['status']}", {"response": final}


def _thinking(answer: Answer) -> Iterator[Event]:
    place = {"item_id": "rs_fake", "output_index": 0}
    item = _thought_item(answer)
    part = {**place, "summary_index": 0}
    text = "".join(answer.thought)
    yield "response.output_item.added", {"output_index": 0, "item": {**item, "summary": [], "encrypted_content": ""}}
    yield "response.reasoning_summary_part.added", {**part, "part": {"type": "summary_text", "text": ""}}
    for piece in answer.thought:
        yield "response.reasoning_summary_text.delta", {**part, "delta": piece, "obfuscation": "a"}
    yield "response.reasoning_summary_text.done", {**part, "text": text}
    yield "response.reasoning_summary_part.done", {**part, "part": {"type": "summary_text", "text": text}}
    yield "response.output_item.done", {"output_index": 0, "item": item}


def _writing(answer: Answer, index: int) -> Iterator[Event]:
    place = {"item_id": "msg_fake", "output_index": index, "content_index": 0}
    item = _message_item(answer)
    empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    begun = {**item, "status": "in_progress", "content": []}
    yield "response.output_item.added", {"output_index": index, "item": begun}
    yield "response.content_part.added", {**place, "part": empty}
    for token in answer.tokens:
        yield "response.output_text.delta", {**place, "delta": token, "logprobs": [], "obfuscation": "b"}
    yield "response.output_text.done", {**place, "text": answer.text, "logprobs": []}
    yield "response.content_part.done", {**place, "part": item["content"][0]}
    yield "response.output_item.done", {"output_index": index, "item": item}


def native_document(answer: Answer) -> dict[str, Any]:
    """What a model of Workers AI itself answers."""
    return {"response": answer.text, "tool_calls": [], "usage": answer.chat_usage}


def native_events(answer: Answer) -> Iterator[Event]:
    for token in answer.tokens:
        is_number = token.isdecimal() and str(int(token)) == token
        yield "", {"response": int(token) if is_number else token}  # numbers come unquoted: a known quirk
    yield "", {"response": "", "usage": answer.chat_usage}


def azure_events(answer: Answer) -> Iterator[Event]:
    """As in chat, after a chunk about the filter that has no choices."""
    filtered = [{"prompt_index": 0, "content_filter_results": {"hate": {"filtered": False, "severity": "safe"}}}]
    yield "", {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": filtered}
    yield from chat_events(answer)
