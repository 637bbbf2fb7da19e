"""Errors inside a Responses answer have no HTTP status: the code says what kind they are (§3.5 of the API's list)."""

from typing import Final

from conversations.exceptions import (
    ProviderAuthenticationError,
    ProviderError,
    ProviderRateLimitError,
    ProviderRequestError,
)
from conversations.providers.base import Endpoint
from conversations.providers.errors import Refusal, provider_error, redacted

_POLICY: Final = "The provider's rules for content refused this request. Rephrase your message."
_PICTURE: Final = "The provider can't use one of the pictures: its format, size or address is not what it takes."
_KINDS: Final[dict[str, tuple[type[ProviderError], str]]] = {
    "rate_limit_exceeded": (ProviderRateLimitError, ""),
    "slow_down": (ProviderRateLimitError, ""),
    "invalid_api_key": (ProviderAuthenticationError, ""),
    "invalid_prompt": (ProviderRequestError, "The provider refused the words of this request. Rephrase your message."),
    "bio_policy": (ProviderRequestError, _POLICY),
    "misalignment_policy_violation": (ProviderRequestError, _POLICY),
    "image_content_policy_violation": (ProviderRequestError, _POLICY),
    "content_filter": (ProviderRequestError, _POLICY),
    "data_residency_mismatch": (
        ProviderRequestError,
        "The provider may not answer this in the region that the site's account is bound to. Ask an admin.",
    ),
    **dict.fromkeys(
        (
            "invalid_image", "invalid_image_format", "invalid_base64_image", "invalid_image_url", "image_too_large",
            "image_too_small", "image_parse_error", "invalid_image_mode", "image_file_too_large",
            "unsupported_image_media_type", "empty_image_file", "failed_to_download_image", "image_file_not_found",
        ),
        (ProviderRequestError, _PICTURE),
    ),
}  # fmt: skip


def answer_error(endpoint: Endpoint, refusal: Refusal, request_id: str) -> ProviderError:
    """The error for a failed answer or an error event; codes we don't know count as the provider's own fault."""
    kind, message = _KINDS.get(refusal.code) or _KINDS.get(refusal.kind) or (None, "")
    if kind is None:
        return provider_error(endpoint, refusal, status=None, request_id=request_id)
    return kind(message, detail=redacted(endpoint, refusal.message or refusal.code), request_id=request_id)
