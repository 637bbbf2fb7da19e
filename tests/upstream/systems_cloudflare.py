"""Cloudflare: the REST API of the account ``acc``, and the AI Gateway with ``default``, ``gw`` and ``open``.

``open`` is a gateway that asks for no Cloudflare token, so the provider's own key must come along.
"""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from tests.upstream.systems_answers import answer_to, native_document, native_events
from tests.upstream.systems_calls import Call, Reply, chat_reply, refused_by_model, refused_in_body, responses_reply
from tests.upstream.systems_models import rules_of
from tests.upstream.systems_responses import responses_complaint
from tests.upstream.validation import chat_complaint, fields_complaint

_HEADERS = {"cf-ray": "ray-fake", "cf-aig-log-id": "log-fake"}
_FLAGS = {
    "cf-aig-skip-cache", "cf-aig-collect-log", "cf-aig-collect-log-payload", "cf-aig-zdr", "cf-aig-no-wholesale",
}  # fmt: skip
_NUMBERS = {
    "cf-aig-cache-ttl": (60, 31 * 86_400), "cf-aig-request-timeout": (1, 10**7), "cf-aig-max-attempts": (1, 5),
    "cf-aig-retry-delay": (0, 5000),
}  # fmt: skip
_TEXTS = {
    "cf-aig-authorization", "cf-aig-gateway-id", "cf-aig-cache-key", "cf-aig-byok-alias", "cf-aig-event-id",
    "cf-aig-custom-cost",
}  # fmt: skip
_NATIVE_FIELDS: dict[str, tuple[type, ...]] = {
    "model": (str,), "messages": (list,), "prompt": (str,), "max_tokens": (int,), "temperature": (int, float),
    "top_p": (int, float), "top_k": (int,), "seed": (int,), "repetition_penalty": (int, float),
    "frequency_penalty": (int, float), "presence_penalty": (int, float), "stream": (bool,), "tools": (list,),
    "functions": (list,), "response_format": (dict,), "raw": (bool,), "lora": (str,),
}  # fmt: skip
_OWN_MODEL = "@cf/meta/llama-3.1-8b-instruct"


def failed(status: int, code: int, message: str) -> Reply:
    """Cloudflare's envelope around a failure."""
    body = {"result": None, "success": False, "errors": [{"code": code, "message": message}], "messages": []}
    return Reply(status, body, _HEADERS)


def _wrapped(reply: Reply) -> Reply:
    """Cloudflare's envelope around a document; streams have none."""
    if reply.status != 200:
        wrong = reply.document["error"]
        return failed(reply.status, 5006 if reply.status == 400 else 5007, wrong["message"])
    if reply.events is not None:
        return replace(reply, headers=_HEADERS)
    body = {"result": reply.document, "success": True, "errors": [], "messages": []}
    return Reply(document=body, headers=_HEADERS)


def _token(call: Call, name: str) -> str:
    kind, _, key = call.headers.get(name, "").partition(" ")
    return key if kind == "Bearer" and not key.startswith("bad") else ""


def account(call: Call, rest: str) -> Reply:
    account_id, _, place = rest.partition("/")
    if not _token(call, "authorization"):
        return failed(401, 10000, "Authentication error")
    if account_id != "acc":
        return failed(404, 7003, f"Could not route to {call.path}, perhaps your object identifier is invalid?")
    return _gateway_headers(call) or _account_gateway(call) or _in_account(call, place)


def _in_account(call: Call, place: str) -> Reply:
    route = f"{call.method} {place}"
    if route == "GET ai/models/search":
        return Reply(document={"result": [_own_model()], "success": True, "errors": [], "messages": []})
    if route == "POST ai/run":
        return _run_other(call.body)
    if route.startswith("POST ai/run/"):
        return _run_own(call.body, unquote(place.removeprefix("ai/run/")))
    if route in {"POST ai/v1/chat/completions", "POST ai/v1/responses"}:
        return _compatible(call.body, place.removeprefix("ai/v1/"))
    if place == "ai/v1/models":
        return failed(405, 7001, "Method GET not available for that URI.")
    return failed(404, 7000, "No route for that URI")


def _own_model() -> dict[str, Any]:
    window = {"property_id": "context_window", "value": "7968"}
    return {"id": "1", "name": _OWN_MODEL, "task": {"name": "Text Generation"}, "properties": [window]}


def _account_gateway(call: Call) -> Reply | None:
    if call.headers.get("cf-aig-gateway-id", "default") in {"default", "gw"}:
        return None
    return failed(400, 2001, "Please configure AI Gateway in the Cloudflare dashboard")


def _compatible(body: Any, operation: str) -> Reply:
    """OpenAI's formats; the schema of Cloudflare's page knows one stream option only."""
    is_chat = operation == "chat/completions"
    if wrong := refused_in_body(chat_complaint(body) if is_chat else responses_complaint(body)):
        return wrong
    if set(body.get("stream_options", {})) - {"include_usage"}:
        return failed(400, 5006, "Error: additional properties are not allowed at '/stream_options'")
    vendor, _, model = body["model"].partition("/")
    if body["model"] == _OWN_MODEL:
        return chat_reply(body, _OWN_MODEL)
    if vendor != "openai" or rules_of(model) is None:
        return failed(400, 5007, f"No such model {body['model']} or task")
    return refused_by_model(model, body) or _with_metadata(
        chat_reply(body, model) if is_chat else responses_reply(body, model)
    )


def _with_metadata(reply: Reply) -> Reply:
    if reply.document is None:
        return replace(reply, headers=_HEADERS)
    document = {**reply.document, "gatewayMetadata": {"keySource": "Unified"}}
    return Reply(document=document, headers=_HEADERS)


def _run_other(body: Any) -> Reply:
    """Models of other vendors: the model's name beside its input."""
    if not isinstance(body, dict) or set(body) != {"model", "input"} or not isinstance(body["input"], dict):
        return failed(400, 5006, "Error: oneOf at '/' not met: model and input are expected")
    vendor, _, model = str(body["model"]).partition("/")
    if vendor != "openai" or rules_of(model) is None:
        return failed(400, 5007, f"No such model {body['model']} or task")
    if "model" in body["input"]:
        return failed(400, 5006, "Error: unexpected property 'model' in input")
    whole = {**body["input"], "model": model}
    is_chat = "messages" in whole
    wrong = refused_in_body(chat_complaint(whole) if is_chat else responses_complaint(whole))
    reply = chat_reply if is_chat else responses_reply
    return _wrapped(wrong or refused_by_model(model, whole) or reply(whole, model))


def _run_own(body: Any, model: str) -> Reply:
    """A model of Workers AI itself: its input as it is, its native answer."""
    if model != _OWN_MODEL:
        return failed(400, 5007, f"No such model {model} or task")
    if not isinstance(body, dict) or "model" in body:
        return failed(400, 5006, "Error: required properties at '/' are 'prompt' or 'messages'")
    whole = {"messages": [{"role": "user", "content": body.get("prompt", "")}], **body, "model": model}
    if wrong := fields_complaint(whole, _NATIVE_FIELDS) or chat_complaint(whole, {**_NATIVE_FIELDS}):
        return failed(400, 5006, f"Error: {wrong.message}")
    answer = answer_to(whole, model)
    if body.get("stream"):
        return Reply(events=native_events(answer), headers=_HEADERS, model=model)
    return _wrapped(Reply(document=native_document(answer)))


def gateway(call: Call, rest: str) -> Reply:
    account_id, gateway_id, *places = rest.split("/")
    if account_id != "acc" or gateway_id not in {"default", "gw", "open"}:
        return failed(400, 2001, "Please configure AI Gateway in the Cloudflare dashboard")
    if wrong := _gateway_headers(call):
        return wrong
    wanted = "authorization" if gateway_id == "open" else "cf-aig-authorization"
    if not _token(call, wanted):
        return failed(401, 2009, "Unauthorized")
    place = "/".join(places)
    if call.method != "POST" or place not in {"compat/chat/completions", "openai/chat/completions", "openai/responses"}:
        return failed(404, 2005, "Failed to get response from provider: no such path")
    return _through(call.body, *place.split("/", 1))


def _through(body: Any, way: str, operation: str) -> Reply:
    """To the vendor: by its own path under its own names, or by the unified one under ``openai/…``."""
    is_chat = operation == "chat/completions"
    if wrong := refused_in_body(chat_complaint(body) if is_chat else responses_complaint(body)):
        return wrong
    model = body["model"]
    if way == "compat":
        vendor, _, model = model.partition("/")
        if vendor != "openai":
            return failed(400, 2008, f"Invalid provider: {vendor}")
    refused = refused_by_model(model, body)
    return refused or _with_metadata(chat_reply(body, model) if is_chat else responses_reply(body, model))


def _gateway_headers(call: Call) -> Reply | None:
    for name, value in call.headers.items():
        if name.startswith("cf-aig-") and not _is_good_header(name, value):
            return failed(400, 2002, f"Invalid header {name}")
    return None


def _is_good_header(name: str, value: str) -> bool:
    if name in _FLAGS:
        return value in {"true", "false"}
    if name in _NUMBERS:
        low, high = _NUMBERS[name]
        return value.isdecimal() and low <= int(value) <= high
    if name == "cf-aig-backoff":
        return value in {"constant", "linear", "exponential"}
    if name != "cf-aig-metadata":
        return name in _TEXTS and bool(value)
    try:
        pairs = json.loads(value)
    except ValueError:
        return False
    return isinstance(pairs, dict) and len(pairs) <= 5 and all(isinstance(v, (str, int, float)) for v in pairs.values())
