"""Signing in and out, the first admin's set-up, a new password."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from conversations.actions import sessions
from conversations.actions.accounts import (
    announce_session_end,
    change_password,
    create_first_admin,
    find_setup_link,
    has_admin,
)
from conversations.actions.sign_in import DEVICE_LIFE, device_mark, require_password, sign_in
from conversations.exceptions import ConflictError, InvalidInputError, LimitError
from conversations.forms.accounts import PasswordForm, SetupForm, SignInForm
from conversations.models import User
from conversations.views.access import SignedInRequest, signed_in
from conversations.views.addresses import client_network

security = logging.getLogger("chatsite.security")

DEVICE_COOKIE = "__Host-device" if settings.IS_HTTPS else "device"


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@never_cache
def enter(request: HttpRequest) -> HttpResponse:
    """The sign-in page; ``next`` says where to go on, on this site."""
    target = own_path(request.POST.get("next", request.GET.get("next", "")))
    if request.user.is_authenticated:
        return redirect(target or "home")
    form = SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _sign_in_page(request, form, target)
    try:
        user = sign_in(
            form.cleaned_data["username"],
            form.cleaned_data["password"],
            network=client_network(request),
            device=request.COOKIES.get(DEVICE_COOKIE, ""),
        )
    except LimitError as error:
        form.add_error(None, error.message)
        return _sign_in_page(request, form, target, status=429)
    except InvalidInputError as error:
        form.add_error(None, error.message)
        return _sign_in_page(request, form, target)
    return _signed_in(request, user, target)


def _sign_in_page(request: HttpRequest, form: SignInForm, target: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "next": target, "needs_setup": not has_admin()}
    return render(request, "accounts/sign_in.html", context, status=status)


def _signed_in(request: HttpRequest, user: User, target: str) -> HttpResponse:
    login(request, user)
    sessions.begin(request.session)
    response = redirect(target or "home")
    response.set_cookie(
        DEVICE_COOKIE,
        device_mark(user.username),
        max_age=DEVICE_LIFE,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Signing out."""
    user = request.user
    logout(request)
    if isinstance(user, User):
        security.info("Signed out: user %s", user.pk)
        announce_session_end(user)
    return redirect("sign-in")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "again")
@never_cache
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link: name and password of the first admin."""
    link = find_setup_link(token)
    if link is None:
        return _link_refused(request)
    form = SetupForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/setup.html", {"form": form})
    names = {name: form.cleaned_data[name] for name in ("username", "display_name", "password")}
    try:
        user = create_first_admin(link, **names)
    except ConflictError:
        return _link_refused(request)
    return _signed_in(request, user, reverse("home"))


def _link_refused(request: HttpRequest) -> HttpResponse:
    security.warning("Set-up link refused from %s", client_network(request))
    return render(request, "accounts/setup_refused.html", status=404)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("current", "password", "again")
@never_cache
@signed_in
def password(request: SignedInRequest) -> HttpResponse:
    """A new password; this session goes on, the person's others end."""
    user = request.user
    form = PasswordForm(user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/password.html", {"form": form})
    try:
        require_password(user, form.cleaned_data["current"])
    except (LimitError, InvalidInputError) as error:
        form.add_error("current", error.message)
        return render(request, "accounts/password.html", {"form": form})
    change_password(user, form.cleaned_data["password"])
    update_session_auth_hash(request, user)
    messages.success(request, "Your password is changed. You are signed out everywhere else.")
    return redirect("home")


def own_path(target: str) -> str:
    """The target if it is a path on this site, else ""."""
    is_own = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_own else ""
