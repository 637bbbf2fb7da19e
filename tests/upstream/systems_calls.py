"""A request as the systems see it, and what they answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.upstream.systems_answers import (
    Event,
    answer_to,
    chat_document,
    chat_events,
    responses_document,
    responses_events,
)
from tests.upstream.systems_models import model_complaint, rules_of, unknown_model
from tests.upstream.validation import Complaint


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """A document, or events at the pace of the model's name."""

    status: int = 200
    document: Any = None
    headers: dict[str, str] = field(default_factory=lambda: {"x-request-id": "req_fake"})
    events: Iterable[Event] | None = None
    says_done: bool = True
    model: str = ""


def error(wrong: Complaint) -> dict[str, Any]:
    """In OpenAI's shape."""
    return {
        "error": {
            "message": wrong.message, "type": "invalid_request_error", "param": wrong.param or None, "code": wrong.code,
        }
    }  # fmt: skip


def refused_in_body(wrong: Complaint | None) -> Reply | None:
    return Reply(400, error(wrong)) if wrong else None


def refused_by_model(model: str, body: dict[str, Any]) -> Reply | None:
    rules = rules_of(model)
    if rules is None:
        return Reply(404, error(unknown_model(model)))
    return refused_in_body(model_complaint(rules, body))


def chat_reply(body: dict[str, Any], model: str) -> Reply:
    answer = answer_to(body, model)
    return (
        Reply(events=chat_events(answer), model=model) if body.get("stream") else Reply(document=chat_document(answer))
    )


def responses_reply(body: dict[str, Any], model: str) -> Reply:
    answer = answer_to(body, model)
    if body.get("stream"):
        return Reply(events=responses_events(answer), says_done=False, model=model)
    return Reply(document=responses_document(answer))
