"""Questions an admin asks of an endpoint: which models it has, and whether it works at all."""

from contextlib import aclosing
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from conversations.exceptions import (
    InvalidInputError,
    ProviderAuthenticationError,
    ProviderConnectionError,
    ProviderError,
    ProviderProtocolError,
    ProviderRequestError,
    ProviderTimeoutError,
)
from conversations.outbound import bounded_bytes
from conversations.providers import demo
from conversations.providers.addresses import normalise_base_url, other_form
from conversations.providers.base import Endpoint, ModelInfo
from conversations.providers.errors import provider_error, redacted, refusal_in, request_id_in
from conversations.providers.exchange import exchange, refused, whole_body
from conversations.providers.model_lists import models_in
from conversations.providers.payloads import mapping, parsed
from conversations.providers.retries import Retries
from conversations.providers.watchdog import Watchdog

_LONGEST_TEST_SECONDS: Final = 20.0


async def list_models(endpoint: Endpoint) -> list[ModelInfo]:
    """The models that ``GET /models`` names. Raises ProviderError; one attempt, without retries."""
    if endpoint.kind == "demo":
        return [demo.MODEL]
    with Watchdog(endpoint) as watchdog:
        async with exchange(endpoint, watchdog, "models", None, accept="application/json") as response:
            if response.status_code != HTTPStatus.OK:
                raise await refused(endpoint, response, Retries())
            async with aclosing(bounded_bytes(response, endpoint.limits.body)) as chunks:
                body = await whole_body(chunks, watchdog, endpoint.limits.body)
    return models_in(_without_error(endpoint, body, request_id_in(endpoint, response.headers)))


def _without_error(endpoint: Endpoint, body: bytes, request_id: str) -> Any:
    if body.lstrip().startswith(b"<"):
        raise ProviderProtocolError("The address answers with a web page instead of a list of models.")
    payload = parsed(body)
    if mapping(payload).get("error"):
        raise provider_error(endpoint, refusal_in(payload), status=None, request_id=request_id)
    return payload


async def check(endpoint: Endpoint) -> str:
    """A sentence on what works, for the admin who pressed *Test connection*.

    Raises ProviderError saying what is wrong and what to do; where the address only lacks ``/v1``, or has it too
    much, it names the form that answers.
    """
    if endpoint.kind == "demo":
        return "Connected: the demonstration is built in and needs no network."
    try:
        endpoint = _impatient(replace(endpoint, base_url=normalise_base_url(endpoint.base_url)))
    except InvalidInputError as error:
        raise ProviderRequestError(error.message) from error
    try:
        models = await list_models(endpoint)
    except (ProviderRequestError, ProviderProtocolError) as error:
        return await _explained(endpoint, error)
    except (ProviderConnectionError, ProviderTimeoutError) as error:
        raise type(error)(f"{error.message} (Tried {_place(endpoint)}.)", detail=error.detail) from error
    return _summary(models)


def _impatient(endpoint: Endpoint) -> Endpoint:
    limit = _LONGEST_TEST_SECONDS
    return replace(
        endpoint,
        first_event_timeout=min(endpoint.first_event_timeout, limit),
        total_timeout=min(endpoint.total_timeout, limit),
    )


def _summary(models: list[ModelInfo]) -> str:
    if not models:
        return "Connected, but the endpoint lists no models: load one there, or enter its name by hand."
    chat = sum(model.is_chat for model in models)
    count = "1 model" if len(models) == 1 else f"{len(models)} models"
    return f"Connected: {count}." if chat == len(models) else f"Connected: {count}, {chat} of them for chat."


async def _explained(endpoint: Endpoint, error: ProviderError) -> str:
    """No list of models there: is it the address, or an endpoint without a list?"""
    other = replace(endpoint, base_url=other_form(endpoint.base_url))
    try:
        models = await list_models(other)
    except ProviderAuthenticationError as refusal:
        address = redacted(endpoint, other.base_url)
        message = f"The address is nearly right: use {address}. There the key is refused, so check that too."
        raise ProviderAuthenticationError(message, status=refusal.status, detail=refusal.detail) from None
    except ProviderError:
        return await _without_list(endpoint, error)
    found = _summary(models).removeprefix("Connected: ").removesuffix(".")
    raise ProviderRequestError(
        f"The address is nearly right: {redacted(endpoint, other.base_url)} answers ({found}). Use that one.",
        status=error.status,
    ) from error


async def _without_list(endpoint: Endpoint, error: ProviderError) -> str:
    """Some endpoints only answer chats: a request without a model shows it by how it is refused, and costs nothing."""
    body: dict[str, object] = {"model": "", "messages": []}
    with Watchdog(endpoint) as watchdog:
        async with exchange(endpoint, watchdog, "chat/completions", body, accept="application/json") as response:
            refusal = await refused(endpoint, response, Retries())
    if response.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
        return "Connected, but this endpoint has no list of models: enter their names by hand."
    if response.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise refusal
    raise ProviderRequestError(
        f"Something answers at {_place(endpoint)}, but not as a model endpoint. Check the path: it often ends in /v1.",
        detail=error.detail,
        status=error.status,
    ) from error


def _place(endpoint: Endpoint) -> str:
    """Where the test went, without the query: it may hold a key."""
    parts = urlsplit(endpoint.base_url)
    return redacted(endpoint, f"{parts.scheme}://{parts.netloc}{parts.path}")
