"""Shared pages, from the side of whoever has the address. Nothing here needs a script, and nothing may be kept.

Who learns what:
- Links for the team ask visitors to sign in before anything is looked up. Whether the link exists, was revoked or has
  expired makes no difference to them: the token itself says that it is one for the team (``needs_sign_in``).
- Whatever does not open for a visitor is one page with one sentence: an unknown token, a link that was revoked or has
  expired, a conversation in the bin, an owner who is gone, links for anyone where the site allows none.
- A password is asked for before anything is shown, the title included.

The pages send no referrer, so browsers send "null" as the origin of their forms, and Django's check of CSRF would
refuse them. Instead, "continue" carries an order signed for this person and this link, which no other site can know;
and the password is taken only where the browser does not say that the form is another site's: all it could win is
that somebody reads what they hold the password of.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.actions.share_links import UNLOCKED_FOR, is_unlocked, require_share_password, unlock_mark
from conversations.actions.shared import continue_as_own
from conversations.actions.snapshots import read_snapshot
from conversations.exceptions import ChatError, ConflictError, InvalidInputError, LimitError, NotFoundError
from conversations.forms.share_links import UnlockForm
from conversations.models import File, ShareLink, User
from conversations.models.ids import new_id
from conversations.models.share_links import needs_sign_in
from conversations.views.access import wants_data
from conversations.views.addresses import client_network
from conversations.views.errors import chat_error, status_of
from conversations.views.files import given_out

UNLOCK_COOKIE = "__Secure-unlocked" if settings.IS_HTTPS else "unlocked"
_SALT = "chatsite.share.continue"
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,40}")
_ORDER_LIFE = timedelta(days=1)
_OUT_OF_DATE = "This page is out of date. Load it again and try once more."

P = ParamSpec("P")


@dataclass(frozen=True)
class Visit:
    """Somebody who has the address of a link, and may see it but for its password."""

    request: HttpRequest
    link: ShareLink

    @property
    def is_open(self) -> bool:
        return is_unlocked(self.link, self.request.COOKIES.get(UNLOCK_COOKIE, ""))

    @property
    def page(self) -> str:
        return reverse("shared", args=[self.link.token])


def shared(view: Callable[Concatenate[Visit, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Let visitors through for whom the link opens; the headers of all that is said below its address."""

    def guarded(request: HttpRequest, /, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = _answered(view, request, token, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    update_wrapper(guarded, view)
    return guarded


def _answered(
    view: Callable[Concatenate[Visit, P], HttpResponse],
    request: HttpRequest,
    token: str,
    *args: P.args,
    **kwargs: P.kwargs,
) -> HttpResponse:
    if needs_sign_in(token) and not request.user.is_authenticated:
        return _sign_in(request, token)
    try:
        return view(Visit(request, _link(request, token)), *args, **kwargs)
    except NotFoundError as error:
        return chat_error(request, error) if wants_data(request) else render(request, "shared/none.html", status=404)
    except ChatError as error:
        return chat_error(request, error)


def _link(request: HttpRequest, token: str) -> ShareLink:
    if not _TOKEN.fullmatch(token):
        raise NotFoundError
    rows = ShareLink.objects.visible_to(request.user).select_related("owner").defer("messages")
    link = rows.filter(token=token).first()
    if link is None:
        raise NotFoundError
    return link


def _sign_in(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(status=401) if wants_data(request) else redirect_to_login(reverse("shared", args=[token]))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@shared
def detail(visit: Visit) -> HttpResponse:
    """The page; where a password stands before it, the form that asks for it and posts here."""
    if visit.request.method == "POST":
        return HttpResponseRedirect(visit.page) if visit.is_open else _unlock(visit)
    if not visit.is_open:
        return _password_page(visit, UnlockForm())
    request, link = visit.request, visit.link
    messages = read_snapshot(link)
    context = {
        "link": link,
        "shown": messages,
        "needs_tools": any(each.is_result or each.tool_calls or each.citations for each in messages),
        "can_continue": any(each.is_answer for each in messages),
        "order": _order(link, request.user) if isinstance(request.user, User) else "",
    }
    return render(request, "shared/detail.html", context)


@csrf_exempt
@require_POST
@shared
def copy(visit: Visit) -> HttpResponse:
    """Make the messages the viewer's own conversation, and open it."""
    request, link = visit.request, visit.link
    if not isinstance(request.user, User):
        return _sign_in(request, link.token)
    if not visit.is_open:
        return HttpResponseRedirect(visit.page)
    client_id = _ordered(link, request.user, request.POST.get("order", ""))
    conversation = continue_as_own(link, request.user, client_id=client_id)
    return HttpResponseRedirect(reverse("conversation-detail", args=[conversation.pk]))


@require_safe
@shared
def file(visit: Visit, pk: uuid.UUID) -> HttpResponse:
    found = _file(visit, pk)
    return given_out(visit.request, found, found.place, found.media_type)


@require_safe
@shared
def thumbnail(visit: Visit, pk: uuid.UUID) -> HttpResponse:
    found = _file(visit, pk)
    return given_out(visit.request, found, found.thumbnail_place, "image/webp")


def _file(visit: Visit, pk: uuid.UUID) -> File:
    """One of the snapshot's; nothing is told of others, nor before the password."""
    found = visit.link.files.filter(pk=pk).first() if visit.is_open else None
    if found is None:
        raise NotFoundError
    return found


def _unlock(visit: Visit) -> HttpResponse:
    form = UnlockForm(visit.request.POST)
    if not form.is_valid():
        return _password_page(visit, form, status=400)
    try:
        _require_own_form(visit.request)
        network = client_network(visit.request)
        require_share_password(visit.link, form.cleaned_data["password"], network=network)
    except (InvalidInputError, LimitError) as error:
        form.add_error("password", error.message)
        return _password_page(visit, form, status=status_of(error))
    response = HttpResponseRedirect(visit.page)
    response.set_cookie(
        UNLOCK_COOKIE,
        unlock_mark(visit.link),
        max_age=UNLOCKED_FOR,
        path=visit.page,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


def _password_page(visit: Visit, form: UnlockForm, *, status: int = 200) -> HttpResponse:
    return render(visit.request, "shared/password.html", {"form": form}, status=status)


def _require_own_form(request: HttpRequest) -> None:
    """Raises InvalidInputError where the browser says that the form is another site's."""
    origin = request.headers.get("Origin", "null")
    is_ours = origin == "null" or origin in settings.SITE_ORIGINS
    if not is_ours or request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise InvalidInputError(_OUT_OF_DATE)


def _order(link: ShareLink, viewer: User) -> str:
    """What only this page can hand in for this person; done once, however often it is handed in."""
    return signing.dumps([str(link.pk), viewer.pk, str(new_id())], salt=_SALT)


def _ordered(link: ShareLink, viewer: User, order: str) -> uuid.UUID:
    """The id of an order by ``_order``. Raises ConflictError for any other."""
    try:
        pk, viewer_id, client_id = signing.loads(order, salt=_SALT, max_age=_ORDER_LIFE)
    except (signing.BadSignature, ValueError, TypeError):
        raise ConflictError(_OUT_OF_DATE) from None
    if (pk, viewer_id) != (str(link.pk), viewer.pk):
        raise ConflictError(_OUT_OF_DATE)
    return uuid.UUID(client_id)
