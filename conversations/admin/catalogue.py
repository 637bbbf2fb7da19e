"""The catalogue in the admin: models added from it, and what it offers for those that are there."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from conversations.actions.catalogue import (
    Difference,
    differences,
    entry_of,
    import_entries,
    keep_own,
    take_over,
    version,
)
from conversations.admin.base import ChatModelAdmin, acting
from conversations.exceptions import ConflictError
from conversations.forms.language_models import ABILITIES, SCHEMA_FIELDS, ImportForm, LanguageModelForm
from conversations.models import LanguageModel
from conversations.models.language_models import RequestFormat
from conversations.schemas.sentences import plain

_NOTHING = "nothing"


class CatalogueViews(ChatModelAdmin):
    """Two pages for the section of models: *Add from the catalogue*, and what a model and its entry differ in."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [
            path("catalogue/", guard(self.import_view), name="conversations_languagemodel_catalogue"),
            path("<path:object_id>/catalogue/", guard(self.compare), name="conversations_languagemodel_compare"),
        ]
        return [*own, *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The entries for a provider of one's choice, those it has already marked."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.GET, request.POST if request.method == "POST" else None)
        if form.is_valid() and form.provider:
            made = import_entries(acting(request), form.provider, form.cleaned_data["entries"])
            names = ", ".join(str(model) for model in made)
            messages.success(request, f"Added: {names}." if made else "They were there already.")
            models = reverse("admin:conversations_languagemodel_changelist")
            return redirect(f"{models}?provider__id__exact={form.provider.pk}")
        return self._page(request, "import", {"title": "Add from the catalogue", "form": form})

    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the catalogue says otherwise, to take over or to decline."""
        model = self.get_object(request, object_id)
        if not isinstance(model, LanguageModel) or entry_of(model) is None:
            raise Http404
        if not self.has_view_or_change_permission(request, model):
            raise PermissionDenied
        if request.method == "POST":
            if not self.has_change_permission(request, model):
                raise PermissionDenied
            return self._decide(request, model)
        context = {
            "title": f"{model} and the catalogue",
            "model": model,
            "entry": entry_of(model),
            "rows": [_row(difference) for difference in differences(model)],
            "version": version(model),
            "can_change": self.has_change_permission(request, model),
        }
        return self._page(request, "compare", context)

    def _decide(self, request: HttpRequest, model: LanguageModel) -> HttpResponse:
        here = redirect("admin:conversations_languagemodel_compare", model.pk)
        offer = request.POST.get("version", "")
        fields = request.POST.getlist("fields")
        try:
            if "keep" in request.POST:
                keep_own(acting(request), model, offer=offer)
                messages.success(request, "Yours is kept. The same is not offered again.")
            elif not fields:
                messages.error(request, "Tick what to take over, or keep yours.")
                return here
            else:
                taken = take_over(acting(request), model, fields, offer=offer)
                self.log_change(request, model, f"Taken over from the catalogue: {', '.join(taken)}.")
                messages.success(request, f"Taken over: {', '.join(_label(name) for name in taken) or 'nothing'}.")
        except ConflictError as error:
            messages.error(request, error.message)
            return here
        return here if differences(model) else redirect("admin:conversations_languagemodel_change", model.pk)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"admin/catalogue/{name}.html", {**shared, **context})


def _row(difference: Difference) -> dict[str, Any]:
    is_schema = difference.field == "schemas"
    return {
        "difference": difference,
        "label": _label(difference.field),
        "old": _text(difference.field, difference.old),
        "new": _text(difference.field, difference.new),
        "yours": _text(difference.field, difference.yours),
        "is_ticked": difference.is_offered and not difference.is_own,
        "details": _schema_changes(difference.yours, difference.new) if is_schema else [],
    }


def _label(name: str) -> str:
    if name == "schemas":
        return "Parameter schemas"
    label = str(LanguageModelForm.base_fields[name].label)
    if not name.endswith("_price"):
        return label
    return f"Price: {label.lower()}"


def _text(name: str, value: Any) -> str:
    """A value of a field as people read it."""
    if value is None or value in ("", [], {}):
        return _NOTHING
    if name.endswith("_price"):
        return f"{Decimal(value).normalize():f} USD"
    return _TEXTS[name](value) if name in _TEXTS else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return f"{value:,}" if isinstance(value, int) else value.isoformat() if isinstance(value, date) else str(value)


def _sizes(schemas: Mapping[str, Any]) -> str:
    counts = [f"{_format(name)}: {len(schema.get('properties', {}))} parameters" for name, schema in schemas.items()]
    return "; ".join(counts)


def _format(name: str) -> str:
    return str(dict(RequestFormat.choices).get(name, name))


def _schema_changes(yours: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What would happen to the parameters, format by format, if the catalogue's were taken over."""
    told = []
    for request_format in dict.fromkeys([*SCHEMA_FIELDS.values(), *yours, *new]):
        before = yours.get(request_format, {}).get("properties", {})
        after = new.get(request_format, {}).get("properties", {})
        changed = [name for name in after if name in before and _json(before[name]) != _json(after[name])]
        parts = {
            "adds": [name for name in after if name not in before],
            "removes": [name for name in before if name not in after],
            "changes": changed,
        }
        said = "; ".join(f"{verb} {_listed(names)}" for verb, names in parts.items() if names)
        if said:
            told.append(f"{_format(request_format)}: {said}.")
    return told


def _listed(names: list[str]) -> str:
    return ", ".join(plain(name) for name in names)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


_TEXTS: Mapping[str, Callable[[Any], str]] = {
    "schemas": _sizes,
    "abilities": lambda names: ", ".join(ABILITIES.get(name, name) for name in names),
    "request_format": _format,
    "other_formats": lambda names: ", ".join(_format(name) for name in names),
}
