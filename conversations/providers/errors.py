"""From an upstream's refusal to one of our errors, with a sentence that says what to do.

Shapes of error bodies differ between servers: ``{"error": {…}}``, ``{"error": "text"}``, ``{"errors": […]}``,
``{"message": …}``, ``{"detail": …}``, an array of one of these, HTML, or nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from conversations.exceptions import (
    ContextOverflowError,
    ProviderAuthenticationError,
    ProviderError,
    ProviderProtocolError,
    ProviderQuotaError,
    ProviderRateLimitError,
    ProviderRequestError,
    ProviderServerError,
    ProviderTimeoutError,
)
from conversations.providers.base import Endpoint
from conversations.providers.payloads import clean, mapping, parsed, sequence, spoken

_QUOTA = re.compile(
    r"insufficient_quota|credit_balance|spend_limit|budget_exceeded|exceeded your current quota|insufficient credits"
    r"|free allocation",
    re.IGNORECASE,
)
_OVERFLOW = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|context (length|window|size)"
    r"|prompt is too long|input is too long|too many (input )?tokens|maximum (input|prompt) length",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|model .{0,200}(not found|does not exist|doesn't exist)|no such model", re.IGNORECASE
)
_NO_ENDPOINT = re.compile(r"unexpected endpoint|no such endpoint|unknown (path|route|endpoint)", re.IGNORECASE)
_UNSUPPORTED = re.compile(r"unsupported_parameter|unsupported_value|unsupported (parameter|value)", re.IGNORECASE)
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,40}")
_FILTER = re.compile(r"content_filter|content_policy|content management policy|moderation", re.IGNORECASE)
_LOOKS_SECRET = re.compile(r"(?i)(bearer\s+|\bsk-)[\w.~+/=-]{12,}")
_REQUEST_ID_HEADERS = (
    "x-request-id", "request-id", "x-generation-id", "cf-aig-log-id", "x-litellm-call-id", "apim-request-id", "cf-ray",
)  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """What an error body says, each part as text; all may be empty."""

    message: str = ""
    code: str = ""
    kind: str = ""
    parameter: str = ""

    def matches(self, pattern: re.Pattern[str]) -> bool:
        return any(pattern.search(part) for part in (self.code, self.kind, self.message[:4000]))


def refusal_in(payload: Any) -> Refusal:
    """The refusal that a JSON value of any known shape describes."""
    if isinstance(payload, list):
        payload = payload[0] if payload else None
    if isinstance(payload, str):
        return Refusal(message=clean(payload))
    outer = mapping(payload)
    inner = outer.get("error") or next(iter(sequence(outer.get("errors"))), None) or outer
    if isinstance(inner, str):
        return Refusal(message=clean(inner))
    inner = mapping(inner)
    message = inner.get("message") or inner.get("detail") or inner.get("msg")
    return Refusal(
        message=_as_text(message),
        code=_as_text(inner.get("code")),
        kind=_as_text(inner.get("type") or inner.get("status")),
        parameter=_as_text(inner.get("param")),
    )


def _as_text(value: Any) -> str:
    """Text of a field that should be a string: a number, or a list of strings and complaints, will do too."""
    items = [mapping(item).get("msg", item) for item in value[:20]] if isinstance(value, list) else [value]
    return clean("; ".join(filter(None, map(spoken, items))))[:8000]


def refusal_of_body(body: bytes) -> Refusal:
    """The same for the bytes of an error answer: JSON, a page of a proxy, plain text or nothing."""
    try:
        return refusal_in(parsed(body))
    except ProviderProtocolError:
        text = clean(body.decode("utf-8", "replace")).strip()
        if text.startswith("<"):
            text = re.sub(r"\s+", " ", re.sub(r"<[^>]{0,2000}>", " ", text)).strip()
        return Refusal(message=text)


def request_id_in(endpoint: Endpoint, headers: Mapping[str, str]) -> str:
    found = next((headers[name] for name in _REQUEST_ID_HEADERS if headers.get(name)), "")
    return redacted(endpoint, clean(found))[:200]


def redacted(endpoint: Endpoint, text: str) -> str:
    """Upstream text without the key, the secret headers, or what looks like a key."""
    for secret in (endpoint.key, *endpoint.headers.values()):
        if len(secret) >= 6:
            for form in {secret, quote(secret, safe="")}:
                text = text.replace(form, "[hidden]")
    return _LOOKS_SECRET.sub(r"\1[hidden]", text)


def provider_error(
    endpoint: Endpoint,
    refusal: Refusal,
    *,
    status: int | None,
    request_id: str = "",
    retry_after: float | None = None,
) -> ProviderError:
    """The error for a refusal; ``status`` is None where the refusal came inside a stream."""
    kind, message = _classified(refusal, status)
    if retry_after is not None and kind in {ProviderRateLimitError, ProviderServerError}:
        reason = "is limiting requests" if kind is ProviderRateLimitError else f"can't answer now ({status})"
        message = f"The provider {reason}: it asks to wait {in_words(retry_after)}. Try again then."
    return kind(
        message,
        detail=redacted(endpoint, refusal.message or refusal.code),
        status=status,
        request_id=request_id,
        retry_after=retry_after,
    )


def in_words(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 120:
        return "1 second" if whole == 1 else f"{whole} seconds"
    return f"{round(whole / 60)} minutes" if whole < 7200 else f"{round(whole / 3600)} hours"


def _classified(refusal: Refusal, status: int | None) -> tuple[type[ProviderError], str]:
    code = status or _status_in(refusal)
    if _is_about_money(refusal, code):
        return ProviderQuotaError, ""
    if code in {None, 400, 413, 422, 500} and refusal.matches(_OVERFLOW):
        return ContextOverflowError, ""
    if code is None and refusal.matches(_NO_ENDPOINT):
        code = 404
    if code is None:
        return ProviderServerError, "The provider reported an error in its answer. What had arrived is kept; try again."
    return _BY_STATUS.get(code) or _by_range(refusal, code)


def _is_about_money(refusal: Refusal, code: int | None) -> bool:
    """Google says "quota" also for requests per minute, with a status of its own: that one is a rate limit."""
    if refusal.kind == "RESOURCE_EXHAUSTED":
        return False
    return code == 402 or (code in {None, 400, 403, 429} and refusal.matches(_QUOTA))


def _by_range(refusal: Refusal, code: int) -> tuple[type[ProviderError], str]:
    if code >= 500:
        return ProviderServerError, f"The provider had an error of its own ({code}). Try again in a moment."
    if 300 <= code < 400:
        return ProviderProtocolError, (
            "The provider's address leads to another one, which is not followed. Ask an admin to enter the final one."
        )
    return _refused(refusal, code)


_BY_STATUS: dict[int, tuple[type[ProviderError], str]] = {
    401: (ProviderAuthenticationError, ""),
    407: (ProviderAuthenticationError, "A proxy before the provider asks for a sign-in. Ask an admin."),
    408: (ProviderTimeoutError, "The provider took too long (408). Try again."),
    409: (ProviderServerError, "The provider was busy with a conflicting request (409). Try again."),
    413: (ProviderRequestError, "The conversation is larger than the provider takes. Start a new one."),
    429: (ProviderRateLimitError, ""),
    503: (ProviderServerError, "The provider is overloaded or still starting (503). Try again in a moment."),
    502: (ProviderServerError, "A gateway before the provider got no answer from it (502). Try again in a moment."),
    504: (ProviderServerError, "A gateway before the provider waited too long for it (504). Try again in a moment."),
    529: (ProviderServerError, "The provider is overloaded (529). Try again in a moment."),
}  # fmt: skip


def _status_in(refusal: Refusal) -> int | None:
    """Some servers put the HTTP status into the code of an error inside a stream."""
    return int(refusal.code) if re.fullmatch(r"[45]\d\d", refusal.code) else None


def _refused(refusal: Refusal, code: int) -> tuple[type[ProviderError], str]:
    if refusal.matches(_FILTER):
        return ProviderRequestError, "The provider's content filter refused this request. Rephrase your message."
    if code == 403:
        return ProviderAuthenticationError, (
            "The provider denies access: the site's key may not use this model or region. Ask an admin."
        )
    if refusal.matches(_UNSUPPORTED) and _PARAMETER.fullmatch(refusal.parameter):
        return (
            ProviderRequestError,
            f"This model does not accept the setting “{refusal.parameter}” so. Remove it or choose another model.",
        )
    if refusal.matches(_NO_MODEL):
        return (
            ProviderRequestError,
            "The provider does not know this model, or the site's key may not use it. Choose another model.",
        )
    if code in {404, 405}:
        return (
            ProviderRequestError,
            "Nothing answers at the provider's address. Ask an admin to check it; it often ends in /v1.",
        )
    return ProviderRequestError, f"The provider refused the request ({code}). The details say why."
