"""Providers: their address, their key, and two buttons that ask the endpoint itself."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from conversations.actions.language_models import FetchResult
from conversations.actions.providers import check_provider, fetch_models
from conversations.admin.base import ChatModelAdmin
from conversations.admin.site import site
from conversations.exceptions import ProviderError
from conversations.forms.providers import ProviderForm
from conversations.models import LanguageModel, Provider
from conversations.providers.kinds import KINDS

security = logging.getLogger("chatsite.security")


@admin.register(Provider, site=site)
class ProviderAdmin(ChatModelAdmin):
    title = "Providers"
    purpose = "Endpoints that serve models, with their address and key."
    singular = "provider"
    position = 1
    form = ProviderForm
    list_display = ("name", "kind", "address", "has_stored_key", "is_enabled")
    list_filter = ("kind", "is_enabled")
    search_fields = ("name", "base_url", "account_id")
    readonly_fields = ("address",)

    @admin.display(description="address in use")
    def address(self, provider: Provider) -> str:
        return "built in" if provider.is_demo else provider.address.partition("?")[0]

    @admin.display(description="key", boolean=True)
    def has_stored_key(self, provider: Provider) -> bool:
        return provider.has_key

    def get_fieldsets(self, request: HttpRequest, obj: Provider | None = None) -> Any:
        key = ("key", "clear_key") if obj and obj.has_key else ("key",)
        headers = ("headers", "clear_headers") if obj and obj.has_headers else ("headers",)
        address = ("base_url", "address") if obj else ("base_url",)
        return (
            (None, {"fields": ("name", "kind", *key, "is_enabled")}),
            ("Address", {"fields": ("route", "account_id", "gateway_id", *address)}),
            ("Headers and query", {"classes": ("collapse",), "fields": (*headers, "query")}),
            (
                "Fine tuning",
                {
                    "classes": ("collapse",),
                    "fields": (
                        "length_field", "system_role", "sends_stream_options", "returns_reasoning",
                        "first_event_seconds", "idle_seconds", "concurrency",
                    ),
                },
            ),
        )  # fmt: skip

    @method_decorator(sensitive_post_parameters("key", "headers"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changes_key:
            state = "set" if obj.has_key else "forgotten"
            security.info("Provider key %s: provider %s by user %s", state, obj.pk, request.user.pk)
        if form.changes_headers:
            state = "set" if obj.has_headers else "forgotten"
            security.info("Provider headers %s: provider %s by user %s", state, obj.pk, request.user.pk)
        if change and form.changes_address:
            security.info("Provider address changed: provider %s by user %s", obj.pk, request.user.pk)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        return super().render_change_form(request, {**context, "kinds": list(KINDS.values())}, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Provider, post_url_continue: str | None = None) -> HttpResponse:
        """Goes on to the provider's page, where the buttons are."""
        if "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, f"{obj} is saved. Now test the connection and fetch its models.")
        return self._page_of(obj)

    def get_urls(self) -> list[URLPattern]:
        tools = [("test", self.test), ("fetch", self.fetch)]
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"conversations_provider_{name}",
            )
            for name, view in tools
        ]
        return [*own, *super().get_urls()]

    def test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The button *Test connection*."""
        return self._ask(request, object_id, check_provider)

    def fetch(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The button *Fetch models*."""
        if not request.user.has_perm("conversations.add_languagemodel"):
            raise PermissionDenied
        return self._ask(request, object_id, lambda provider: _told(fetch_models(provider)))

    def _ask(self, request: HttpRequest, object_id: str, question: Callable[[Provider], str]) -> HttpResponse:
        provider = self.get_object(request, object_id)
        if not isinstance(provider, Provider):
            raise Http404
        if not self.has_change_permission(request, provider):
            raise PermissionDenied
        try:
            messages.success(request, question(provider))
        except ProviderError as error:
            said = f"It said: {error.detail[:300]}" if error.detail and error.status else ""
            messages.error(request, " ".join(filter(None, [error.message, error.for_admins, said])))
        return self._page_of(provider)

    def _page_of(self, provider: Provider) -> HttpResponse:
        return redirect("admin:conversations_provider_change", provider.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        models = reverse("admin:conversations_languagemodel_changelist")
        context = {
            "models_url": f"{models}?provider__id__exact={object_id}",
            "can_fetch": request.user.has_perm("conversations.add_languagemodel"),
            "model_count": LanguageModel.objects.filter(provider=self.get_object(request, object_id)).count(),
        }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})


def _told(result: FetchResult) -> str:
    if not result.added and not result.kept:
        return "The provider lists no models. Load one there, or add its name by hand."
    parts = [f"{_count(result.added, 'new model')} added, {result.enabled} of them enabled" if result.added else ""]
    parts += [f"{_count(result.kept, 'model')} known already and left as they were" if result.kept else ""]
    parts += [f"{_count(result.skipped, 'model')} past the limit left out" if result.skipped else ""]
    return "; ".join(part for part in parts if part) + "."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
