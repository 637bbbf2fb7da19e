"""Pages for what went wrong: plain words, a way on, and no database."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from conversations.exceptions import (
    ChatError,
    ConflictError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
)
from conversations.models import Theme
from conversations.views.access import wants_data

_STATUS: tuple[tuple[type[ChatError], int], ...] = (
    (TooLargeError, 413),
    (InvalidInputError, 400),
    (NotFoundError, 404),
    (ConflictError, 409),
    (LimitError, 429),
    (UnavailableError, 503),
)


def status_of(error: ChatError) -> int:
    """The HTTP status of an error; what a provider did wrong is 502."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 502)


def chat_error(request: HttpRequest, error: ChatError) -> HttpResponse:
    """An error raised on purpose, as a page with its sentence, or as data where a script asked."""
    status = status_of(error)
    if wants_data(request):
        data = {"code": error.code, "message": error.message, "retryable": error.retryable}
        return JsonResponse(data, status=status)
    template = "404.html" if status == 404 else "errors/refused.html"
    return render(request, template, {"sentence": error.message, "code": status}, status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: whoever it is, asking could be what failed."""
    theme = request.COOKIES.get("theme", "")
    context = {"theme": theme if theme in Theme.values else Theme.SYSTEM.value}
    return HttpResponse(render_to_string("500.html", context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if wants_data(request):
        message = "This page is out of date. Reload it and try again."
        return JsonResponse({"code": "csrf", "message": message, "retryable": False}, status=403)
    return render(request, "403_csrf.html", status=403)
