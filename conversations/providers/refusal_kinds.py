"""Which of our errors a refusal is, and the sentence that says what to do.

Codes as of November 2026: OpenAI's API description, Cloudflare's documentation of its gateway and of Workers AI.
Codes are an open set: what is not listed is judged by its status and its words.
"""

import re
from typing import Final

from conversations.exceptions import (
    ContentFilterError,
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
from conversations.providers.refusals import Refusal

Verdict = tuple[type[ProviderError], str]
"""An error and its sentence; "" for the error's own."""

_QUOTA: Final = re.compile(
    r"insufficient_quota|credit_balance|spend_limit|budget_exceeded|exceeded your current quota|insufficient credits"
    r"|free allocation",
    re.IGNORECASE,
)
_SPEND_LIMIT: Final = re.compile(r"spend_limit|budget_exceeded", re.IGNORECASE)
_OVERFLOW: Final = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|context (length|window|size)"
    r"|prompt is too long|input is too long|too many (input )?tokens|maximum (input|prompt) length"
    r"|input token count .{0,40} exceeds",
    re.IGNORECASE,
)
_NO_MODEL: Final = re.compile(
    r"model_not_found|DeploymentNotFound|model .{0,200}(not found|does not exist|doesn't exist)|no such model",
    re.IGNORECASE,
)
_NO_ENDPOINT: Final = re.compile(r"unexpected endpoint|no such endpoint|unknown (path|route|endpoint)", re.IGNORECASE)
_UNSUPPORTED: Final = re.compile(
    r"unsupported_parameter|unknown_parameter|unrecognized request argument|un(supported|known) parameter"
    r"|unknown name|extra_forbidden|extra inputs are not permitted|does not support parameters|UnsupportedParams",
    re.IGNORECASE,
)
_BAD_VALUE: Final = re.compile(
    r"unsupported_value|unsupported value|invalid_value|invalid_type|invalid_parameter|integer_\w+_value"
    r"|decimal_\w+_value|^invalid '",
    re.IGNORECASE,
)
_PARAMETER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}(\.[A-Za-z0-9_]{1,40}){0,3}")
_NO_SETTING: Final = frozenset({"model", "messages", "input", "prompt", "stream"})
_FILTER: Final = re.compile(
    r"content_filter|content_policy|content management policy|moderation|ResponsibleAI|bio_policy|misalignment_policy"
    r"|image_content_policy|blocked due to security|guardrail",
    re.IGNORECASE,
)
_IMAGE_CODES: Final = re.compile(
    r"invalid_image|image_too_|image_parse|image_file|unsupported_image|empty_image|failed_to_download_image"
    r"|invalid_base64_image|invalid image",
    re.IGNORECASE,
)
_IMAGE_ADDRESS: Final = re.compile(r"invalid_image_url|failed_to_download_image", re.IGNORECASE)
_LIMITS: Final = (
    re.compile(
        r"(?:maximum context length|context (?:length|window|size)) (?:is|of) (?:only )?([\d,]+)", re.IGNORECASE
    ),
    re.compile(r"available context size \(([\d,]+)", re.IGNORECASE),
    re.compile(r"> ([\d,]+) maximum", re.IGNORECASE),
    re.compile(r"maximum number of tokens allowed \(?([\d,]+)", re.IGNORECASE),
    re.compile(r"with ([\d,]+) maximum context length", re.IGNORECASE),
)
_REQUESTED: Final = (
    re.compile(r"(?:requested|resulted in)(?: about)? ([\d,]+)", re.IGNORECASE),
    re.compile(r"request \(([\d,]+) tokens\)", re.IGNORECASE),
    re.compile(r"too long: ([\d,]+) tokens", re.IGNORECASE),
    re.compile(r"input token count \(?([\d,]+)", re.IGNORECASE),
    re.compile(r"(?:contains|has) ([\d,]+) (?:input )?tokens", re.IGNORECASE),
)
_BLOCKED_QUESTION: Final = "A guardrail at the provider's gateway blocked this message. Rephrase it, or ask an admin."
_BLOCKED_ANSWER: Final = "A guardrail at the provider's gateway blocked the model's answer. Rephrase, or ask an admin."
_NO_ACCOUNT: Final = "Cloudflare does not know this account or way in. Ask an admin to check the account id."
_NO_GATEWAY: Final = "Cloudflare has no such AI Gateway. Ask an admin to check the gateway id."
_UNKNOWN_MODEL: Final = "The provider does not know this model, or the site's key may not use it. Choose another model."
_TOO_LARGE: Final = "The conversation is larger than the provider takes. Start a new one, or send fewer pictures."
_USED_UP: Final = "Today's free use at the provider is used up. Try tomorrow, or ask an admin."

_BY_CODE: Final[dict[str, Verdict]] = {
    "2001": (ProviderRequestError, _NO_GATEWAY),
    "2009": (ProviderAuthenticationError, "The AI Gateway refused the site's key. Ask an admin to check it."),
    "2016": (ContentFilterError, _BLOCKED_QUESTION),
    "2017": (ContentFilterError, _BLOCKED_ANSWER),
    "2021": (ProviderQuotaError, ""),
    "3006": (ProviderRequestError, _TOO_LARGE),
    "3007": (ProviderTimeoutError, "The model took too long at the provider (3007). Try again."),
    "3036": (ProviderQuotaError, _USED_UP),
    "3040": (ProviderRateLimitError, "The provider has no capacity for this model right now. Try again in a moment."),
    "5007": (ProviderRequestError, _UNKNOWN_MODEL),
    "5016": (ProviderAuthenticationError, "The site's key may not use this model. Ask an admin, or choose another."),
    "5018": (ProviderAuthenticationError, "The site's key may not use this model. Ask an admin, or choose another."),
    "7003": (ProviderRequestError, _NO_ACCOUNT),
    "7013": (ProviderServerError, "The provider's gateway can't answer now (7013). Try again in a moment."),
    "10000": (ProviderAuthenticationError, ""),
}
"""Cloudflare's numbers."""
_STATUS_OF_CODE: Final = {
    "rate_limit_exceeded": 429, "slow_down": 429, "invalid_api_key": 401, "model_not_found": 404, "server_error": 500,
    "server_is_overloaded": 503, "service_unavailable_error": 503, "overloaded_error": 503, "vector_store_timeout": 504,
    "invalid_prompt": 400, "data_residency_mismatch": 400, "invalid_request_error": 400,
}  # fmt: skip
"""For errors inside a stream, which have no status."""
_BY_STATUS: Final[dict[int, Verdict]] = {
    401: (ProviderAuthenticationError, ""),
    407: (ProviderAuthenticationError, "A proxy before the provider asks for a sign-in. Ask an admin."),
    408: (ProviderTimeoutError, "The provider took too long (408). Try again."),
    409: (ProviderServerError, "The provider was busy with a conflicting request (409). Try again."),
    413: (ProviderRequestError, _TOO_LARGE),
    429: (ProviderRateLimitError, ""),
    502: (ProviderServerError, "A gateway before the provider got no answer from it (502). Try again in a moment."),
    503: (ProviderServerError, "The provider is overloaded or still starting (503). Try again in a moment."),
    504: (ProviderServerError, "A gateway before the provider waited too long for it (504). Try again in a moment."),
    524: (ProviderServerError, "A gateway before the provider waited too long for it (524). Try again in a moment."),
    529: (ProviderServerError, "The provider is overloaded (529). Try again in a moment."),
}


_REFUSED_BY_STATUS: Final = {
    404: "Nothing answers at the provider's address. Ask an admin to check it; it often ends in /v1.",
    405: "Nothing answers at the provider's address. Ask an admin to check it; it often ends in /v1.",
    422: "The provider could make nothing of the request (422). The details say why; check the settings.",
    424: "The provider's gateway got no answer from what it depends on (424). Try again, or ask an admin.",
}


def verdict(refusal: Refusal, status: int | None) -> Verdict:
    """The error for a refusal; ``status`` is None where it came inside a stream."""
    if refusal.code in _BY_CODE:
        return _BY_CODE[refusal.code]
    code = status or _status_in(refusal)
    if _is_about_money(refusal, code):
        return ProviderQuotaError, _money(refusal)
    if code in {None, 400, 413, 422, 500} and refusal.matches(_OVERFLOW):
        return ContextOverflowError, overflow_sentence(refusal)
    if code is None and refusal.matches(_NO_ENDPOINT):
        code = 404
    if code is None and refusal.matches(_FILTER):
        code = 400
    if code is None:
        return ProviderServerError, "The provider reported an error in its answer. What had arrived is kept; try again."
    return _BY_STATUS.get(code) or _by_range(refusal, code)


def parameter_of(refusal: Refusal) -> str:
    """The setting that the refusal complains of, "" if it is none that could be left out."""
    name = refusal.parameter
    complains = refusal.matches(_UNSUPPORTED) or refusal.matches(_BAD_VALUE)
    return name if complains and _PARAMETER.fullmatch(name) and name.partition(".")[0] not in _NO_SETTING else ""


def overflow_sentence(refusal: Refusal) -> str:
    """The numbers, as far as the provider names them; "" if it names none."""
    limit = refusal.limit or _number(_LIMITS, refusal.message)
    requested = refusal.requested or _number(_REQUESTED, refusal.message)
    if not limit:
        return ""
    advice = "Start a new conversation, edit an earlier message, or choose a model that reads more."
    if requested and requested > limit:
        return f"This model reads at most {limit:,} tokens, and the request comes to {requested:,}. {advice}"
    return f"This model reads at most {limit:,} tokens, its answer included: that is too little here. {advice}"


def _number(patterns: tuple[re.Pattern[str], ...], text: str) -> int | None:
    found = next(filter(None, (pattern.search(text[:4000]) for pattern in patterns)), None)
    digits = found[1].replace(",", "") if found else ""
    return int(digits) if digits and len(digits) < 12 else None


def _is_about_money(refusal: Refusal, code: int | None) -> bool:
    """Google says "quota" also for requests per minute, with a status of its own: that one is a rate limit."""
    if refusal.kind == "RESOURCE_EXHAUSTED":
        return False
    return code == 402 or (code in {None, 400, 403, 429} and refusal.matches(_QUOTA))


def _money(refusal: Refusal) -> str:
    if refusal.matches(_SPEND_LIMIT):
        return "The spend limit that is set at the provider is reached. Ask an admin."
    return _USED_UP if "free allocation" in refusal.message else ""


def _status_in(refusal: Refusal) -> int | None:
    """Some servers put the HTTP status, or a word for it, into the code of an error inside a stream."""
    if re.fullmatch(r"[45]\d\d", refusal.code):
        return int(refusal.code)
    if refusal.matches(_IMAGE_CODES) or refusal.matches(_UNSUPPORTED):
        return 400
    return _STATUS_OF_CODE.get(refusal.code) or _STATUS_OF_CODE.get(refusal.kind)


def _by_range(refusal: Refusal, code: int) -> Verdict:
    if code >= 500:
        return ProviderServerError, f"The provider had an error of its own ({code}). Try again in a moment."
    if 300 <= code < 400:
        return ProviderProtocolError, (
            "The provider's address leads to another one, which is not followed. Ask an admin to enter the final one."
        )
    return _refused(refusal, code)


def _refused(refusal: Refusal, code: int) -> Verdict:
    if refusal.matches(_FILTER):
        return ContentFilterError, ""
    if code == 403:
        return ProviderAuthenticationError, (
            "The provider denies access: the site's key may not use this model or region. Ask an admin."
        )
    if name := parameter_of(refusal):
        return ProviderRequestError, _about_parameter(refusal, name)
    return ProviderRequestError, _request_sentence(refusal, code)


def _about_parameter(refusal: Refusal, name: str) -> str:
    if refusal.matches(_UNSUPPORTED):
        return f"This model does not accept “{name}”. Remove that setting, or choose another model."
    return f"This model does not accept this value of “{name}”. Change or remove that setting."


def _request_sentence(refusal: Refusal, code: int) -> str:
    if refusal.matches(_NO_MODEL):
        return _UNKNOWN_MODEL
    if refusal.matches(_IMAGE_ADDRESS):
        return "The provider could not fetch a picture from its address. Upload the picture itself."
    if refusal.matches(_IMAGE_CODES):
        return "The provider does not take one of the pictures. Use PNG, JPEG or WebP of a common size."
    return _REFUSED_BY_STATUS.get(code, f"The provider refused the request ({code}). The details say why.")
