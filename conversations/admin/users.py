"""People: who may sign in, and who is an admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.views.decorators.debug import sensitive_post_parameters

from conversations.actions.accounts import account_changed
from conversations.actions.members import person_goes
from conversations.admin.base import ChatModelAdmin
from conversations.admin.site import site
from conversations.forms.people import PersonForm
from conversations.models import Conversation, Message, User

_NAMES = ("username", "display_name", "email")


class AdministratorFilter(admin.BooleanFieldListFilter):
    """Django calls them superusers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "administrator"


@admin.register(User, site=site)
class UserAdmin(ChatModelAdmin):
    title = "People"
    purpose = "Who may sign in, and who is an administrator."
    singular = "person"
    position = 4
    form = PersonForm
    list_display = ("username", "display_name", "is_active", "is_admin", "last_login", "date_joined")
    list_filter = ("is_active", ("is_superuser", AdministratorFilter))
    search_fields = _NAMES
    ordering = ("username",)
    actions = None
    readonly_fields = ("last_login", "date_joined", "memberships")

    @admin.display(description="administrator", boolean=True, ordering="is_superuser")
    def is_admin(self, user: User) -> bool:
        return user.is_superuser

    @admin.display(description="member of")
    def memberships(self, user: User) -> str:
        links = [(reverse("admin:auth_group_members", args=[pk]), name) for pk, name in _groups_of(user)]
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "No group"

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        passwords = ("new_password", "again")
        if obj is None:
            return ((None, {"fields": (*_NAMES, *passwords, "is_admin")}),)
        return (
            (None, {"fields": (*_NAMES, "is_active", "is_admin")}),
            (
                "New password",
                {
                    "classes": ("collapse",),
                    "description": "It replaces the old one and ends this person's sessions.",
                    "fields": passwords,
                },
            ),
            ("Groups", {"fields": ("memberships",)}),
            ("Activity", {"fields": ("last_login", "date_joined")}),
        )

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("PersonFormOf", (form,), {"admin": request.user})

    @method_decorator(sensitive_post_parameters("new_password", "again"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if isinstance(request.user, User):
            account_changed(obj, request.user, form.changed_data)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        person_goes(obj)
        super().delete_model(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Who is no admin can't change one, and so become one."""
        is_above = obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", False)
        return not is_above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only an account that was never used: others are deactivated, so that nothing of theirs is lost."""
        if obj is None or obj.is_staff or Conversation.objects.filter(owner=obj).exists():
            return False
        if Message.objects.filter(author=obj).exists():
            return False
        return super().has_delete_permission(request, obj)


def _groups_of(user: User) -> list[tuple[int, str]]:
    return list(user.groups.order_by("name").values_list("pk", "name"))
