"""Whether to try again, and after how long: at most twice, only before the first event, visibly, 30 seconds in all."""

import email.utils
import math
import random
import re
import time
from collections.abc import Mapping
from typing import Final

from conversations.exceptions import ProviderConnectionError, ProviderError, ProviderQuotaError, ProviderRateLimitError

MOST_RETRIES: Final = 2
LONGEST_WAIT: Final = 30.0
_QUICK_FAILURE: Final = 1.5  # a connection that took longer to fail is not tried again: the person waits already
_LIMITED: Final = ("requests", "tokens", "project-tokens")
_DURATION: Final = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9})ms)?")
_RETRIED_STATUSES: Final = frozenset({408, 409, 429})


_jitter = random.SystemRandom()


class Retries:
    """The attempts of one call. ``over`` ends them: an event arrived, or the provider said that it is no use."""

    def __init__(self) -> None:
        self.over = False
        self._tried = 0
        self._waited = 0.0
        self._began = time.monotonic()

    def wait_after(self, error: ProviderError) -> float | None:
        """Seconds to wait before the next attempt, or None: give up."""
        if self.over or self._tried >= MOST_RETRIES or not self._can_help(error):
            return None
        wait = self._wait(error)
        if self._waited + wait > LONGEST_WAIT:
            return None
        self._tried += 1
        self._waited += wait
        return wait

    def _can_help(self, error: ProviderError) -> bool:
        if isinstance(error, ProviderConnectionError):
            return error.retryable and time.monotonic() - self._began - self._waited < _QUICK_FAILURE
        if error.status is None or isinstance(error, ProviderQuotaError):
            return False
        return error.status in _RETRIED_STATUSES or error.status >= 500

    def _wait(self, error: ProviderError) -> float:
        if isinstance(error, ProviderConnectionError):
            return _jitter.uniform(0.3, 0.8)
        if error.retry_after is not None:
            return error.retry_after
        return 0.5 * 2.0**self._tried * _jitter.uniform(0.75, 1.0)


def why(error: ProviderError) -> str:
    """A plain sentence for the person who waits: what happened, without what to do about it."""
    if isinstance(error, ProviderRateLimitError):
        return "The provider is limiting requests."
    if isinstance(error, ProviderConnectionError):
        return "The model's provider can't be reached."
    return f"The provider had an error of its own ({error.status})."


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as ``retry-after-ms`` or ``retry-after`` (number or date) say, or until a used-up limit of
    ``x-ratelimit-…`` is filled again; None for nonsense."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    if not text:
        return _reset(headers)
    seconds = _number(text)
    return seconds if seconds is not None else _until(text)


def _reset(headers: Mapping[str, str]) -> float | None:
    """The longest of the resets, such as ``6m0s``, whose limit has nothing left."""
    used_up = [kind for kind in _LIMITED if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0"]
    waits = [_duration(headers.get(f"x-ratelimit-reset-{kind}", "")) for kind in used_up]
    return max((wait for wait in waits if wait is not None), default=None)


def _duration(text: str) -> float | None:
    match = _DURATION.fullmatch(text.strip())
    if not text.strip() or not match:
        return None
    parts = [float(part or 0) for part in match.groups()]
    return sum(part * size for part, size in zip(parts, (3600, 60, 1, 0.001), strict=True))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(text: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return max(0.0, moment.timestamp() - time.time())
    except (ValueError, OverflowError, OSError):
        return None
