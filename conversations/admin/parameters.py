"""Parameters: what people may set, decided for all models or one, for everybody or one group."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from conversations.actions.parameters import resolution
from conversations.actions.rules import save_rules
from conversations.admin.base import ChatModelAdmin, acting
from conversations.admin.site import site
from conversations.forms.rules import PlaceForm, PreviewForm, RulesForm, place
from conversations.models import LanguageModel, ParameterRule
from conversations.schemas.sentences import plain

_SOURCES = {
    "": "not sent",
    "schema": "the model's own default, not sent",
    "site": "rule for all models",
    "model": "rule for this model",
    "group": "rule for a group",
    "own": "own default",
}


@admin.register(ParameterRule, site=site)
class ParameterRuleAdmin(ChatModelAdmin):
    """One page instead of a list and forms: all rules of one place."""

    title = "Parameters"
    purpose = "What people may set: free, bounded, fixed or hidden."
    singular = "rule"
    position = 3

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ParameterRule | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        views = {"": ("changelist", self.changelist_view), "effective/": ("effective", self.effective_view)}
        return [
            path(route, self.admin_site.admin_view(view), name=f"conversations_parameterrule_{name}")
            for route, (name, view) in views.items()
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The rules of one place, to read and to change."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        places = PlaceForm(request.GET)
        if not places.is_valid():
            raise Http404
        model, group = places.cleaned_data["model"], places.cleaned_data["group"]
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            form = RulesForm(model, group, request.POST)
            if form.is_valid():
                return self._save(request, model, group, form)
        else:
            form = RulesForm(model, group)
        context = {
            "title": "Parameters",
            "places": places,
            "form": form,
            "model": model,
            "place": place(model, group),
            "elsewhere": _places_with_rules(),
            "can_change": self.has_change_permission(request),
        }
        return self._page(request, "rules", context)

    def effective_view(self, request: HttpRequest) -> HttpResponse:
        """What is in force when a person begins a conversation with a model."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        asked = request.GET if "person" in request.GET else None
        form = PreviewForm(asked, site=self.admin_site, initial={"model": request.GET.get("model")})
        rows: list[dict[str, Any]] = []
        if form.is_valid():
            chosen = form.cleaned_data
            found = resolution(chosen["person"], chosen["model"], request_format=chosen["request_format"], chosen={})
            rows = [
                {"effective": one, "value": "" if one.value is None else plain(one.value), "source": _source(one)}
                for one in found.parameters
            ]
        return self._page(request, "effective", {"title": "What holds for a person", "form": form, "rows": rows})

    def _save(
        self, request: HttpRequest, model: LanguageModel | None, group: Group | None, form: RulesForm
    ) -> HttpResponse:
        changed = save_rules(acting(request), model, group, form.rules)
        said = f"Saved for {place(model, group)}: {', '.join(changed)}." if changed else "Nothing was changed."
        messages.success(request, said)
        return redirect(rules_url(model, group))

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"admin/parameters/{name}.html", {**shared, **context})


def rules_url(model: LanguageModel | None, group: Group | None) -> str:
    """The page of the rules of one place."""
    chosen = {"model": model.pk if model else "", "group": group.pk if group else ""}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return reverse("admin:conversations_parameterrule_changelist") + (f"?{query}" if query else "")


def _places_with_rules() -> list[dict[str, Any]]:
    """Where rules stand, and how many."""
    rows = ParameterRule.objects.order_by("model__name", "group__name").values(
        "model", "model__name", "group", "group__name"
    )
    return [
        {
            "name": f"{row['model__name'] or 'All models'}, {row['group__name'] or 'everybody'}",
            "count": row["count"],
            "query": urlencode({name: row[name] for name in ("model", "group") if row[name]}),
        }
        for row in rows.annotate(count=Count("pk"))
    ]


def _source(effective: Any) -> str:
    said = _SOURCES.get(effective.source, effective.source)
    return f"{said}, hidden" if effective.is_hidden else f"{said}, fixed" if effective.is_locked else said
