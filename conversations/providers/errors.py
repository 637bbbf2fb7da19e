"""From an upstream's refusal to one of our errors, without any secret in it."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from conversations.exceptions import (
    ProviderAuthenticationError,
    ProviderError,
    ProviderQuotaError,
    ProviderRateLimitError,
    ProviderRequestError,
    ProviderServerError,
)
from conversations.providers.base import Endpoint
from conversations.providers.payloads import clean
from conversations.providers.refusal_kinds import parameter_of, verdict
from conversations.providers.refusals import Refusal, refusal_in, refusal_of_body

__all__ = ["Refusal", "in_words", "provider_error", "redacted", "refusal_in", "refusal_of_body", "request_id_in"]

_LOOKS_SECRET = re.compile(r"(?i)(bearer\s+|\bsk-)[\w.~+/=-]{12,}")
_REQUEST_ID_HEADERS = (
    "x-request-id", "request-id", "x-generation-id", "cf-aig-log-id", "cf-aig-request-id", "cf-aig-event-id",
    "x-litellm-call-id", "apim-request-id", "x-ms-request-id", "x-amzn-requestid", "cf-ray",
)  # fmt: skip


def request_id_in(endpoint: Endpoint, headers: Mapping[str, str]) -> str:
    """What the provider and the gateways before it call this request: the first as it is, others by their header."""
    found = {name: clean(headers[name]) for name in _REQUEST_ID_HEADERS if headers.get(name)}
    first, *others = found or [""]
    named = [f"{name} {found[name]}" for name in others if found[name] != found[first]]
    return redacted(endpoint, " · ".join([found.get(first, ""), *named]))[:200]


def redacted(endpoint: Endpoint, text: str) -> str:
    """Upstream text without the key, the secret headers and queries, or what looks like a key."""
    for secret in (endpoint.key, *_secret_parts(endpoint.headers), *endpoint.query.values()):
        if len(secret) >= 6:
            for form in {secret, quote(secret, safe="")}:
                text = text.replace(form, "[hidden]")
    return _LOOKS_SECRET.sub(r"\1[hidden]", text)


def _secret_parts(headers: Mapping[str, str]) -> list[str]:
    """Values of headers, and what stands behind a scheme in them: upstreams quote the token alone."""
    return [part for value in headers.values() for part in {value, value.rpartition(" ")[2]}]


def provider_error(
    endpoint: Endpoint,
    refusal: Refusal,
    *,
    status: int | None,
    request_id: str = "",
    retry_after: float | None = None,
) -> ProviderError:
    """The error for a refusal; ``status`` is None where the refusal came inside a stream."""
    kind, message = verdict(refusal, status)
    if retry_after is not None and kind in {ProviderRateLimitError, ProviderServerError}:
        reason = "is limiting requests" if kind is ProviderRateLimitError else f"can't answer now ({status})"
        message = f"The provider {reason}: it asks to wait {in_words(retry_after)}. Try again then."
    error = kind(
        message,
        detail=redacted(endpoint, refusal.message or refusal.code),
        status=status,
        request_id=request_id,
        retry_after=retry_after,
    )
    if isinstance(error, ProviderRequestError):
        error.param = parameter_of(refusal)
    if isinstance(error, (ProviderAuthenticationError, ProviderQuotaError)):
        error.for_admins = _for_admins(endpoint, error)
    return error


def _for_admins(endpoint: Endpoint, error: ProviderError) -> str:
    """Which endpoint and which key: people need not know, admins must."""
    parts = urlsplit(endpoint.base_url)
    place = redacted(endpoint, f"{parts.scheme}://{parts.netloc}{parts.path}")
    said = f" ({error.status})" if error.status else ""
    if not endpoint.key and isinstance(error, ProviderAuthenticationError):
        return f"No key is stored for the provider at {place}, and it asks for one{said}: enter it on its page."
    what = "credit or spend limit of the key" if isinstance(error, ProviderQuotaError) else "key"
    return f"It is about the {what} stored for the provider at {place}{said}."


def in_words(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 120:
        return "1 second" if whole == 1 else f"{whole} seconds"
    return f"{round(whole / 60)} minutes" if whole < 7200 else f"{round(whole / 3600)} hours"
