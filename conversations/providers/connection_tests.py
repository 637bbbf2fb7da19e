"""Questions an admin asks of an endpoint: which models it has, and whether it works at all."""

import logging
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
from conversations.providers.base import FORM, Endpoint, ModelInfo
from conversations.providers.errors import provider_error, redacted, refusal_in, request_id_in
from conversations.providers.exchange import exchange, refused, whole_body
from conversations.providers.kinds import kind_of, route_of
from conversations.providers.model_lists import merged, models_in
from conversations.providers.payloads import mapping, parsed
from conversations.providers.retries import Retries
from conversations.providers.watchdog import Watchdog
from conversations.providers.wire import Prepared, prepared_get, prepared_post

logger = logging.getLogger(__name__)

_LONGEST_TEST_SECONDS: Final = 20.0
_LITELLM_FACTS: Final = "model/info"
_FIXED_ADDRESSES: Final = frozenset({"cloudflare", "azure_openai", "openrouter"})
_NO_LIST: Final = "This provider has no list of models that can be fetched: enter their names by hand."
_NOT_LISTED: Final = "The list there names base models, not your deployments: enter the deployments' names by hand."
_REMARKS: Final = {
    "azure_openai": " The list names base models: enter your deployments' names by hand.",
    "cloudflare": " The list names Cloudflare's own models; enter those of other vendors by hand, like openai/gpt-4.1.",
}


async def list_models(endpoint: Endpoint) -> list[ModelInfo]:
    """The models that the endpoint names. Raises ProviderError, also where its list is no list of what one may ask
    for; one attempt, without retries."""
    if not kind_of(endpoint).lists_models:
        raise ProviderRequestError(_NOT_LISTED)
    return await _listed(endpoint)


async def _listed(endpoint: Endpoint) -> list[ModelInfo]:
    if endpoint.kind == "demo":
        return [demo.MODEL]
    path = route_of(endpoint).models_path
    if not path:
        raise ProviderRequestError(_NO_LIST)
    models = models_in(await _document(endpoint, path))
    if endpoint.kind != "litellm":
        return models
    try:
        return merged(models, models_in(await _document(endpoint, _LITELLM_FACTS)))
    except ProviderError as error:  # the names are known; a key need not be allowed to read more
        logger.info("LiteLLM at provider %s tells no more about its models: %s", endpoint.id, error.code)
        return models


async def _document(endpoint: Endpoint, path: str) -> Any:
    with Watchdog(endpoint) as watchdog:
        async with exchange(endpoint, watchdog, prepared_get(endpoint, path)) as response:
            if response.status_code != HTTPStatus.OK:
                raise await refused(endpoint, response, Retries())
            async with aclosing(bounded_bytes(response, endpoint.limits.body)) as chunks:
                body = await whole_body(chunks, watchdog, endpoint.limits.body)
    return _without_error(endpoint, body, request_id_in(endpoint, response.headers))


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
    if not route_of(endpoint).models_path:
        return await _without_list(endpoint, ProviderRequestError(_NO_LIST))
    try:
        models = await _listed(endpoint)
    except (ProviderRequestError, ProviderProtocolError) as error:
        return await _explained(endpoint, error)
    except (ProviderConnectionError, ProviderTimeoutError) as error:
        raise type(error)(f"{error.message} (Tried {_place(endpoint)}.)", detail=error.detail) from error
    return _summary(models) + _REMARKS.get(endpoint.kind, "")


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
    if endpoint.kind in _FIXED_ADDRESSES:
        return await _without_list(endpoint, error)
    other = replace(endpoint, base_url=other_form(endpoint.base_url))
    try:
        models = await _listed(other)
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
    prepared = _empty_question(endpoint)
    with Watchdog(endpoint) as watchdog:
        async with exchange(endpoint, watchdog, prepared) as response:
            refusal = await refused(endpoint, response, Retries())
    if response.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
        return "Connected, but this endpoint has no list of models: enter their names by hand."
    if response.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or endpoint.kind in _FIXED_ADDRESSES:
        raise refusal
    raise ProviderRequestError(
        f"Something answers at {_place(endpoint)}, but not as a model endpoint. Check the path: it often ends in /v1.",
        detail=error.detail,
        status=error.status,
    ) from error


def _empty_question(endpoint: Endpoint) -> Prepared:
    body: dict[str, object] = {"prompt": ""} if FORM in route_of(endpoint).paths else {"model": "", "messages": []}
    path = next(iter(route_of(endpoint).paths.values())).replace("{model}", "none")
    return prepared_post(endpoint, path, body)


def _place(endpoint: Endpoint) -> str:
    """Where the test went, without the query: it may hold a key."""
    parts = urlsplit(endpoint.base_url)
    return redacted(endpoint, f"{parts.scheme}://{parts.netloc}{parts.path}")
