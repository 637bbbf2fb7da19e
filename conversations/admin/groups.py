"""Groups: their names and members. What holds for a group is decided on the page of parameters."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from conversations.actions.groups import add_members, group_changed, remove_members
from conversations.admin.base import ChatModelAdmin, acting
from conversations.admin.pages import UncountedPaginator, page_number
from conversations.admin.parameters import rules_url
from conversations.admin.site import site
from conversations.forms.groups import GroupForm, NewMembersForm, is_id
from conversations.models import ParameterRule, User

PEOPLE_PER_PAGE = 50


@admin.register(Group, site=site)
class GroupAdmin(ChatModelAdmin):
    title = "Groups"
    purpose = "People for whom the same rules hold."
    singular = "group"
    position = 5
    form = GroupForm
    list_display = ("name", "member_count")
    search_fields = ("name",)
    ordering = ("name",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        groups: QuerySet[Group] = super().get_queryset(request).annotate(members=Count("user"))
        return groups

    @admin.display(description="members", ordering="members")
    def member_count(self, group: Group) -> int:
        return int(getattr(group, "members", 0))

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Who is no administrator can't take rights by way of a group that has some."""
        is_above = obj is not None and not acting(request).is_superuser and obj.permissions.exists()
        return not is_above and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        group_changed(acting(request), obj, "renamed" if change else "created")

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        group_changed(acting(request), obj, "deleted")
        super().delete_model(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with a group, counted: its members may be thousands, and they stay."""
        told: list[Any] = []
        counts: dict[str, int] = {}
        for group in objs:
            rules = ParameterRule.objects.filter(group=group).count()
            told.append(f"The group {group}. Its members stay, and are members no more.")
            counts = {"groups": len(objs), "rules about parameters": rules + counts.get("rules about parameters", 0)}
        return told, {name: count for name, count in counts.items() if count}, set(), []

    def response_add(self, request: HttpRequest, obj: Group, post_url_continue: str | None = None) -> HttpResponse:
        """Goes on to the members."""
        if "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, f"{obj} is saved. Now add its members.")
        return redirect(_members_url(obj))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        group = self.get_object(request, object_id)
        links = {"members_url": _members_url(group), "rules_url": rules_url(None, group)} if group else {}
        return super().change_view(request, object_id, form_url, {**links, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.members_view)
        return [path("<path:object_id>/members/", view, name="auth_group_members"), *super().get_urls()]

    def members_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who is in the group, page by page; some are added or taken out."""
        group = self.get_object(request, object_id)
        if not isinstance(group, Group):
            raise Http404
        if not self.has_view_or_change_permission(request, group):
            raise PermissionDenied
        form = NewMembersForm(site=self.admin_site)
        if request.method == "POST":
            if not self.has_change_permission(request, group):
                raise PermissionDenied
            if "remove" in request.POST:
                return self._remove(request, group)
            form = NewMembersForm(request.POST, site=self.admin_site)
            if form.is_valid():
                count = add_members(acting(request), group, list(form.cleaned_data["people"]))
                messages.success(request, f"{_people(count)} added.")
                return redirect(_members_url(group))
        return self._members_page(request, group, form)

    def _remove(self, request: HttpRequest, group: Group) -> HttpResponse:
        chosen = [int(pk) for pk in request.POST.getlist("remove") if is_id(pk)]
        people = list(User.objects.filter(pk__in=chosen[:PEOPLE_PER_PAGE]))
        count = remove_members(acting(request), group, people)
        messages.success(request, f"{_people(count)} taken out of the group.")
        return redirect(request.get_full_path())

    def _members_page(self, request: HttpRequest, group: Group, form: NewMembersForm) -> HttpResponse:
        asked = request.GET.get("q", "").strip()[:150]
        found = group.user_set.order_by("username")
        if asked:
            found = found.filter(Q(username__icontains=asked) | Q(display_name__icontains=asked))
        number = page_number(request)
        page = UncountedPaginator(found, PEOPLE_PER_PAGE, number).get_page(number)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Members of {group}",
            "group": group,
            "form": form,
            "page": page,
            "asked": asked,
            "can_change": self.has_change_permission(request, group),
        }
        return TemplateResponse(request, "admin/auth/group/members.html", context)


def _members_url(group: Group) -> str:
    return reverse("admin:auth_group_members", args=[group.pk])


def _people(count: int) -> str:
    return "One person" if count == 1 else f"{count} people"
