"""The ledger, to read: who used which model, how many tokens, what it cost. It holds no texts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from conversations.admin.base import ChatModelAdmin
from conversations.admin.pages import UncountedPaginator, page_number
from conversations.admin.site import site
from conversations.admin.usage_totals import MOST_LINES, totals
from conversations.models import Usage

_PERIODS = {"1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days", "365": "Last year"}
_USUAL_PERIOD = "30"


class PeriodFilter(admin.SimpleListFilter):
    """Always on: without it a search would read the whole ledger."""

    title = "period"
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(_PERIODS.items())

    def value(self) -> str:
        value = super().value()
        return value if value in _PERIODS else _USUAL_PERIOD

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == self.value(), "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(created_at__gte=timezone.now() - timedelta(days=int(self.value())))


@admin.register(Usage, site=site)
class UsageAdmin(ChatModelAdmin):
    title = "Usage"
    purpose = "Tokens and cost of each answer."
    singular = "row"
    position = 6
    list_display = (
        "created_at", "person", "asked", "served_by", "status", "input_tokens", "output_tokens", "cached_tokens",
        "price",
    )  # fmt: skip
    list_filter = (PeriodFilter,)
    list_per_page = 100
    search_fields = ("user_name__istartswith", "model_name__istartswith")
    search_help_text = "Begins with this name of a person or a model"
    sortable_by = ()
    ordering = ("-created_at",)

    @admin.display(description="person")
    def person(self, usage: Usage) -> str:
        return usage.user_name

    @admin.display(description="model")
    def asked(self, usage: Usage) -> str:
        return usage.model_name

    @admin.display(description="provider")
    def served_by(self, usage: Usage) -> str:
        return usage.provider_name

    @admin.display(description="cost (USD)")
    def price(self, usage: Usage) -> str:
        if usage.cost is None:
            return ""
        shown = f"{usage.cost:.6f}".rstrip("0").ljust(4, "0").rstrip(".")
        return f"~{shown}" if usage.is_estimated else shown

    def get_paginator(
        self, request: HttpRequest, queryset: Any, per_page: int, *_: Any, **__: Any
    ) -> UncountedPaginator:
        return UncountedPaginator(queryset, per_page, page_number(request))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.totals_view)
        return [path("totals/", view, name="conversations_usage_totals"), *super().get_urls()]

    def totals_view(self, request: HttpRequest) -> HttpResponse:
        """What each model and each person cost in a period."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("days", "")
        days = asked if asked in _PERIODS else _USUAL_PERIOD
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Totals",
            "periods": [(value, title, value == days) for value, title in _PERIODS.items()],
            "totals": totals(timezone.now() - timedelta(days=int(days))),
            "most_people": MOST_LINES,
        }
        return TemplateResponse(request, "admin/usage/totals.html", context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Usage | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Usage | None = None) -> bool:
        return False
