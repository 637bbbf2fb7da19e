"""Who may come in, and how a refusal looks to a page and to a script."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from conversations.models import User

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    """A request behind ``signed_in``."""

    user: User


def wants_data(request: HttpRequest) -> bool:
    """Whether a script asks and no page is to be shown."""
    return request.headers.get("Accept", "").startswith("application/json")


def signed_in(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let only people through who have signed in: others go to the sign-in page, scripts get 401."""

    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)  # type: ignore[arg-type]  # user is a User from here on
        if wants_data(request) or request.headers.get("Sec-Fetch-Dest") == "empty":
            return HttpResponse(status=401)
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")

    update_wrapper(guarded, view)
    return guarded


def back(request: HttpRequest) -> HttpResponse:
    """After a change: nothing for a script, else the page it came from, which is one of this site."""
    if wants_data(request):
        return HttpResponse(status=204)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=request.is_secure()):
        target = "/"
    return HttpResponseRedirect(target)
