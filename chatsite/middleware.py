"""What every response and every request of the site needs and no view should have to think of."""

import logging
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.contrib.sessions.backends.base import SessionBase
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

from conversations.exceptions import ChatError, UnavailableError
from conversations.time_zones import browser_zone
from conversations.views.errors import chat_error

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]
ASKED_ANEW = "private, no-cache"
"""What a browser may keep (a picture) if it asks each time whether it still may show it."""

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope",
        "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "usb",
        "xr-spatial-tracking",
    )
)  # fmt: skip


@sync_and_async_middleware
def headers_middleware(get_response: Any) -> Any:
    """Refuse powers no page needs, keep others from embedding us, and keep signed-in pages out of every cache."""
    if iscoroutinefunction(get_response):

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            return _with_headers(request, await get_response(request))

        return answer_later

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _with_headers(request, get_response(request))

    return answer


def _with_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if response.headers.get("Content-Type", "").startswith("text/html"):  # of a page; elsewhere it is only weight
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    response.headers.setdefault("X-Robots-Tag", "noindex")
    if _reads_session(request) and response.headers.get("Cache-Control") != ASKED_ANEW:
        response.headers["Cache-Control"] = "private, no-store"
    return response


class TimeZoneMiddleware:
    """Days and times in the zone of the person's browser, which a script put into the cookie ``tz``."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = browser_zone(request.COOKIES.get("tz", ""))
        if zone is None:
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)


class ChatErrorMiddleware:
    """Turn errors raised on purpose, and a database that is away, into a page or into data for a script."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError):
            logger.error("The database did not do what a page needed", exc_info=exception)
            exception = UnavailableError()
        return chat_error(request, exception) if isinstance(exception, ChatError) else None


def _reads_session(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    return isinstance(session, SessionBase) and session.accessed
