"""The admin's site: Django's own, with the product's sign-in and for the product's admins only."""

from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


class ChatAdminSite(AdminSite):
    """One page to sign in and one limit on guesses; people who are no admins find nothing here."""

    site_title = "chatsite"
    site_header = "chatsite"
    index_title = "Administration"
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def hidden(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return guarded(request, *args, **kwargs)

        return update_wrapper(hidden, guarded)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The sections in our own words and order, whichever app their tables belong to."""
        apps = super().get_app_list(request, app_label)
        sections = [entry for app in apps for entry in app["models"]]
        for entry in sections:
            entry["section"] = self.get_model_admin(entry["model"])
        sections.sort(key=lambda entry: entry["section"].position)
        return [{**apps[0], "models": sections}] if apps else []

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        target = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(target, login_url=reverse("sign-in"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("sign-out", preserve_request=True)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("home")


site = ChatAdminSite()
