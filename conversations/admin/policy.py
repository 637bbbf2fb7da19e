"""The site's policy, one form; and how long conversations of a group's people are kept."""

import logging
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from conversations.admin.base import ChatModelAdmin, acting
from conversations.admin.site import site
from conversations.models import GroupRetention, SitePolicy

security = logging.getLogger("chatsite.security")


@admin.register(SitePolicy, site=site)
class SitePolicyAdmin(ChatModelAdmin):
    """There is one row, or none yet while the defaults hold: its form opens at once and can't be added or deleted."""

    title = "Sharing and retention"
    purpose = "Whether links may be for anyone, how long the bin keeps what was deleted, and when old conversations go."
    singular = "policy"
    position = 7
    fieldsets = (
        (
            "Sharing",
            {
                "fields": ("allows_public_links",),
                "description": "People can always share with those who sign in here. Taken back, links for anyone stop"
                " working at once; allowed again, those that were not revoked work again.",
            },
        ),
        ("Retention", {"fields": ("bin_days", "retention_days")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SitePolicy | None = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> SitePolicy | None:
        """The row, or one with the defaults, saved when the form is."""
        return SitePolicy.current() if object_id == "1" else None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            return super().changelist_view(request, extra_context)
        return redirect("admin:conversations_sitepolicy_change", "1")

    def response_post_save_change(self, request: HttpRequest, obj: SitePolicy) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:index"))

    def save_model(self, request: HttpRequest, obj: SitePolicy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        for field in form.changed_data:
            value = getattr(obj, field)
            security.info("Site policy changed: %s is %s, by user %s", field, value, acting(request).pk)


@admin.register(GroupRetention, site=site)
class GroupRetentionAdmin(ChatModelAdmin):
    title = "Retention of groups"
    purpose = "A time of their own for the conversations of a group's people. Of several groups the shortest holds."
    singular = "group's retention"
    position = 8
    list_display = ("group", "days")
    search_fields = ("group__name",)
    list_select_related = ("group",)
    autocomplete_fields = ("group",)
    ordering = ("group__name",)
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: GroupRetention | None = None) -> tuple[str, ...]:
        """The group is the row's key: another group is another row."""
        return ("group",) if obj else ()

    def save_model(self, request: HttpRequest, obj: GroupRetention, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        who = acting(request).pk
        security.info("Retention of a group changed: group %s, %s days, by user %s", obj.group_id, obj.days, who)

    def delete_model(self, request: HttpRequest, obj: GroupRetention) -> None:
        security.info("Retention of a group ended: group %s by user %s", obj.group_id, acting(request).pk)
        super().delete_model(request, obj)
