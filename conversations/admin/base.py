"""What all lists and forms of the admin have in common: nothing that counts or loads a whole table."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from conversations.models import User


def acting(request: HttpRequest) -> User:
    """The admin who is signed in; pages of the admin let nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class ChatModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no argument at run time
    """A section: ``title`` heads it, ``purpose`` says what it is for, ``singular`` names one of its rows.

    Numbers over the whole table are neither shown nor asked for.
    """

    title = ""
    purpose = ""
    singular = ""
    position = 0
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(
            request, {"title": self.title, "singular": self.singular, **(extra_context or {})}
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Heads the form with what it is about."""
        named = self.get_object(request, object_id) if object_id else None
        title = str(named) if named else f"New {self.singular}"
        context = {"title": title, "subtitle": None, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)
