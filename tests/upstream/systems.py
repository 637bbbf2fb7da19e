"""The systems people reach models through, each strict about its paths, headers and bodies.

What the real one refuses is refused here, in the real one's shape of errors. The prefixes stand in ``__init__``.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from tests.upstream import systems_cloudflare
from tests.upstream.systems_answers import answer_to, azure_events, chat_document
from tests.upstream.systems_calls import Call, Reply, chat_reply, refused_by_model, refused_in_body, responses_reply
from tests.upstream.systems_calls import error as _error
from tests.upstream.systems_models import KNOWN, rules_of
from tests.upstream.systems_responses import responses_complaint
from tests.upstream.validation import Complaint, chat_complaint, fields_complaint, is_picture

__all__ = ["Call", "Reply", "reply_to", "responses_reply"]

_FORM_FIELDS: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "system_prompt": (str,),
    "prompt": (str,),
    "image_urls": (list,),
    "image_detail": (str,),
    "temperature": (int, float),
    "top_p": (int, float),
    "presence_penalty": (int, float),
    "frequency_penalty": (int, float),
    "seed": (int, float),
    "max_completion_tokens": (int,),
    "response_format": (str,),
    "stream": (bool,),
}


def reply_to(call: Call) -> Reply | None:
    """The answer of the system that this path belongs to; None for a path of none of them."""
    for prefix, system in _SYSTEMS:
        if call.path.startswith(prefix):
            return system(call, call.path.removeprefix(prefix))
    return None


def _bearer(call: Call) -> str:
    kind, _, key = call.headers.get("authorization", "").partition(" ")
    return key if kind == "Bearer" else ""


def _is_good_key(key: str) -> bool:
    return bool(key) and not key.startswith("bad")


def _models(names: list[str]) -> Reply:
    data = [{"id": name, "object": "model", "created": 1, "owned_by": "openai"} for name in names]
    return Reply(document={"object": "list", "data": data})


def _openai(call: Call, rest: str) -> Reply:
    if not _is_good_key(_bearer(call)):
        return Reply(401, _error(Complaint("Incorrect API key provided.", "", "invalid_api_key")))
    if f"{call.method} {rest}" == "GET models":
        return _models([*KNOWN, "text-embedding-3-small"])
    return _formats(call, rest)


def _formats(call: Call, rest: str) -> Reply:
    match f"{call.method} {rest}":
        case "POST chat/completions":
            return refused_in_body(chat_complaint(call.body)) or _known(call, chat_reply)
        case "POST responses":
            return refused_in_body(responses_complaint(call.body)) or _known(call, responses_reply)
    return Reply(404, _error(Complaint(f"Invalid URL ({call.method} {call.path})", "")))


def _known(call: Call, reply: Callable[[dict[str, Any], str], Reply]) -> Reply:
    return refused_by_model(call.body["model"], call.body) or reply(call.body, call.body["model"])


def _azure(call: Call, rest: str) -> Reply:
    if not _is_good_key(call.headers.get("api-key", "") or _bearer(call)):
        text = "Access denied due to invalid subscription key or wrong API endpoint."
        return Reply(401, {"error": {"code": "401", "message": text}})
    if rest.startswith("deployments/"):
        return _azure_deployment(call, *rest.removeprefix("deployments/").partition("/")[::2])
    place = rest.removeprefix("v1/")
    if f"{call.method} {place}" == "GET models" and (place != rest or "api-version=" in call.query):
        return _models(list(KNOWN))
    if place == rest or (call.method, place) not in {("POST", "chat/completions"), ("POST", "responses")}:
        return Reply(404, {"error": {"code": "404", "message": "Resource not found"}})
    wrong = chat_complaint(call.body) if place == "chat/completions" else responses_complaint(call.body)
    return refused_in_body(wrong) or _azure_answer(call.body, call.body["model"], place)


def _azure_deployment(call: Call, deployment: str, operation: str) -> Reply:
    if "api-version=" not in call.query or operation != "chat/completions" or call.method != "POST":
        return Reply(404, {"error": {"code": "404", "message": "Resource not found"}})
    body = {**call.body, "model": unquote(deployment)} if isinstance(call.body, dict) else call.body
    return refused_in_body(chat_complaint(body)) or _azure_answer(body, unquote(deployment), operation)


def _azure_answer(body: dict[str, Any], deployment: str, operation: str) -> Reply:
    """A deployment bears a name of its own; ``my-gpt-4.1`` stands for GPT-4.1."""
    model = deployment.removeprefix("my-")
    if rules_of(model) is None:
        text = "The API deployment for this resource does not exist."
        return Reply(404, {"error": {"code": "DeploymentNotFound", "message": text}})
    if wrong := refused_by_model(model, body):
        return wrong
    if operation == "responses":
        return responses_reply(body, model)
    answer, headers = answer_to(body, model), {"apim-request-id": "apim_fake"}
    if body.get("stream"):
        return Reply(events=azure_events(answer), headers=headers, model=model)
    return Reply(document=chat_document(answer), headers=headers)


def _aggregator(call: Call, rest: str) -> Reply:
    if not _is_good_key(_bearer(call)):
        return Reply(401, _error(Complaint("Ensure your API key is active.", "", "invalid_api_key")))
    if f"{call.method} {rest}" != "POST chat/completions":
        return Reply(404, _error(Complaint("No such operation.", "")))
    if isinstance(call.body, dict) and "messages" in call.body:
        return refused_in_body(chat_complaint(call.body)) or _known(call, chat_reply)
    return _form({"model": "gpt-4.1", **call.body} if isinstance(call.body, dict) else call.body)


def _form(body: Any) -> Reply:
    """One prompt; the answer has the shape of a chat, in a stream always with usage."""
    if wrong := refused_in_body(_form_complaint(body)):
        return wrong
    messages = [{"role": "user", "content": body["prompt"]}]
    chat = {**body, "messages": messages, "stream_options": {"include_usage": True}}
    return refused_by_model(body["model"], chat) or chat_reply(chat, body["model"])


def _form_complaint(body: Any) -> Complaint | None:
    if wrong := fields_complaint(body, _FORM_FIELDS):
        return wrong
    if not body.get("prompt"):
        return Complaint("Field required: prompt", "prompt", "missing_required_parameter")
    if not all(is_picture({"url": url}) for url in body.get("image_urls", [])):
        return Complaint("Invalid image_urls.", "image_urls", "invalid_value")
    if body.get("image_detail", "auto") not in {"auto", "low", "high"}:
        return Complaint("Invalid image_detail.", "image_detail", "invalid_value")
    return None


_SYSTEMS: tuple[tuple[str, Callable[[Call, str], Reply]], ...] = (
    ("/openai/v1/", _openai),
    ("/azure/openai/", _azure),
    ("/cloudflare/client/v4/accounts/", systems_cloudflare.account),
    ("/cloudflare/gateway/", systems_cloudflare.gateway),
    ("/aggregator/v1/", _aggregator),
)
