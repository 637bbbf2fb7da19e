"""Every error raised on purpose. The message of each may be shown to the person it happened to.

ChatError
├── InvalidInputError          what was sent cannot be used (names the field)
│   ├── TooLargeError          a limit of size was passed
│   ├── MediaError             a file can't be used
│   │   ├── UnknownMediaError      it is of no kind we take
│   │   ├── DamagedMediaError      it can't be read, or takes too long to read
│   │   └── TooManyPixelsError     unpacked it would be too large
│   └── UnknownOrderError      a frame of a kind we do not know
├── NotFoundError              unknown, or not visible to this person: the same answer
├── ConflictError              the state does not allow it (any more)
├── LimitError                 too many at once, or too often
├── UnavailableError           a part of our own (the database) does not answer now
├── TransferError              a file to be imported can't be used
│   ├── UnknownTransferError       it is of no format we read
│   ├── DamagedTransferError       cut off, or not what it says it is
│   ├── UnsafeTransferError        an archive made to do harm: bombs, tricks with names, encryption
│   └── OversizedTransferError     a limit of size was passed
└── ProviderError              the endpoint of a model
    ├── ProviderConnectionError    refused, DNS, TLS, reset before the first byte
    ├── ProviderTimeoutError       no connection, no first byte, silence, or over the total time
    ├── ProviderAuthenticationError  401, 403
    ├── ProviderRequestError       400, 404, 413, 422: the request was refused (``param``: which setting)
    │   ├── ContextOverflowError   more tokens than the context window takes
    │   └── ContentFilterError     a content filter or guardrail refused the question or the answer
    ├── ProviderRateLimitError     429 (``retry_after`` seconds where it said so)
    │   └── ProviderQuotaError     429 for money: never retried
    ├── ProviderServerError        5xx, or an error event inside the stream
    ├── ProviderProtocolError      it answered, but not with what the format says
    ├── AnswerTruncatedError       the stream ended without a finish mark
    └── AnswerTooLargeError        a bound on line or answer was passed
"""

from typing import ClassVar


class ChatError(Exception):
    """Root of all errors raised on purpose.

    ``code`` is stable and goes over the wire; the message is a plain sentence that may be shown;
    ``retryable`` says whether trying the same again can help.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    sentence: ClassVar[str] = "Something went wrong."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.sentence)

    @property
    def message(self) -> str:
        return str(self.args[0])


class InvalidInputError(ChatError):
    code = "invalid"
    sentence = "That can't be used as it is."

    def __init__(self, message: str = "", *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TooLargeError(InvalidInputError):
    code = "too_large"
    sentence = "That is too large."


class MediaError(InvalidInputError):
    code = "media"
    sentence = "This file can't be used."


class UnknownMediaError(MediaError):
    code = "unknown_media"
    sentence = "This is no picture that can be used: PNG, JPEG, WebP and GIF are."


class DamagedMediaError(MediaError):
    code = "damaged_media"
    sentence = "This picture is damaged and can't be read. Save it anew and add it again."


class TooManyPixelsError(MediaError):
    code = "too_many_pixels"
    sentence = "This picture has too many pixels. Scale it down and add it again."


class UnknownOrderError(InvalidInputError):
    code = "unknown_order"
    sentence = "This page and the server speak different versions. Reload the page."


class NotFoundError(ChatError):
    code = "not_found"
    sentence = "There is nothing here, or it isn't yours to see."


class ConflictError(ChatError):
    code = "conflict"
    sentence = "That isn't possible now."


class LimitError(ChatError):
    code = "limit"
    retryable = True
    sentence = "That was too much at once. Wait a moment and try again."


class UnavailableError(ChatError):
    code = "unavailable"
    retryable = True
    sentence = "The server can't save anything right now. Your text is kept here; try again shortly."


class TransferError(ChatError):
    code = "transfer"
    sentence = "This file can't be imported."


class UnknownTransferError(TransferError):
    code = "unknown_transfer"
    sentence = "This file is none that can be imported: exports of chatsite, ChatGPT, Open WebUI and LibreChat are."


class DamagedTransferError(TransferError):
    code = "damaged_transfer"
    sentence = "This file is damaged or cut off. Export or download it again."


class UnsafeTransferError(TransferError):
    code = "unsafe_transfer"
    sentence = "This archive isn't built as an export is, and may do harm."


class OversizedTransferError(TransferError):
    code = "oversized_transfer"
    sentence = "This file is too large to be imported."


class ProviderError(ChatError):
    """The endpoint of a model did not do what was asked.

    ``detail`` is the upstream's own text (untrusted, bounded, without any key), ``status`` its HTTP
    status, ``request_id`` what its headers named, for the details a person can open. ``for_admins`` says
    which endpoint and key it is about, without the key.
    """

    code = "provider"
    sentence = "The model's provider did not answer as it should."

    def __init__(
        self,
        message: str = "",
        *,
        detail: str = "",
        status: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.detail = detail[:2000]
        self.status = status
        self.request_id = request_id[:200]
        self.retry_after = retry_after
        self.for_admins = ""


class ProviderConnectionError(ProviderError):
    code = "provider_connection"
    retryable = True
    sentence = "The model's provider can't be reached."


class ProviderTimeoutError(ProviderError):
    code = "provider_timeout"
    retryable = True
    sentence = "The model's provider took too long."


class ProviderAuthenticationError(ProviderError):
    code = "provider_authentication"
    sentence = "The provider refused the site's key. Ask an admin to check it."


class ProviderRequestError(ProviderError):
    """``param`` names the setting that the model does not take so, by its name on the wire; "" if it is none."""

    code = "provider_request"
    sentence = "The provider refused the request."
    param: str = ""


class ContextOverflowError(ProviderRequestError):
    code = "context_overflow"
    sentence = "The conversation is longer than this model can read. Start a new one or edit an earlier message."


class ContentFilterError(ProviderRequestError):
    code = "content_filter"
    sentence = "The provider's content filter refused this request. Rephrase your message."


class ProviderRateLimitError(ProviderError):
    code = "provider_rate_limit"
    retryable = True
    sentence = "The provider is limiting requests right now. Try again in a moment."


class ProviderQuotaError(ProviderRateLimitError):
    code = "provider_quota"
    retryable = False
    sentence = "The site's credit at this provider is used up. Ask an admin."


class ProviderServerError(ProviderError):
    code = "provider_server"
    retryable = True
    sentence = "The provider had an error of its own."


class ProviderProtocolError(ProviderError):
    code = "provider_protocol"
    sentence = "The provider answered with something that isn't an answer. An admin may want to check its address."


class AnswerTruncatedError(ProviderError):
    code = "answer_truncated"
    retryable = True
    sentence = "The provider closed the connection in the middle of the answer. What had arrived is kept."


class AnswerTooLargeError(ProviderError):
    code = "answer_too_large"
    sentence = "The answer grew past the site's limit. What had arrived is kept."
