"""Models: which people can choose, in which order, and with which defaults."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet, URLField
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from conversations.actions.catalogue import differences, entry_of, offers_changes
from conversations.actions.language_models import save_model
from conversations.admin.catalogue import CatalogueViews
from conversations.admin.parameters import rules_url
from conversations.admin.site import site
from conversations.forms.language_models import (
    BASE_PRICES,
    SCHEMA_FIELDS,
    STEP_PRICES,
    LanguageModelForm,
    LanguageModelRowForm,
)
from conversations.models import LanguageModel


class StateFilter(admin.SimpleListFilter):
    """What an admin may have to do something about."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("offered", "Catalogue has changes"), ("past", "Shut down"), ("ending", "Will be shut down")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        if self.value() == "past":
            return queryset.filter(shutdown_on__lte=today)
        if self.value() == "ending":
            return queryset.filter(shutdown_on__gt=today)
        if self.value() == "offered":
            models = LanguageModel.objects.select_related("provider")
            return queryset.filter(pk__in=[model.pk for model in models if offers_changes(model)])
        return queryset


@admin.register(LanguageModel, site=site)
class LanguageModelAdmin(CatalogueViews):
    title = "Models"
    purpose = "What people can choose, in which order, and with which defaults."
    singular = "model"
    position = 2
    form = LanguageModelForm
    list_per_page = 100
    list_display = ("name", "provider", "wire_name", "position", "is_enabled", "marks", "state")
    list_editable = ("position", "is_enabled")
    list_filter = ("is_enabled", StateFilter, ("provider", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("provider",)
    search_fields = ("name", "wire_name")
    actions = ("make_default", "enable", "disable")
    fieldsets = (
        (None, {"fields": ("provider", "wire_name", "name", "description", "position")}),
        ("Use", {"fields": ("is_enabled", "is_default", "is_title_model", "starters")}),
        ("Requests", {"fields": ("system_prompt", "request_format", "other_formats", "overflow")}),
        ("Size and abilities", {"fields": (("context_window", "output_limit"), "abilities")}),
        (
            "Prices",
            {
                "description": "USD per million tokens. Without them no cost is shown.",
                "fields": (BASE_PRICES, "step_tokens", STEP_PRICES),
            },
        ),
        (
            "Card",
            {"fields": ("information_url", "terms_url", "has_zero_retention", ("deprecated_on", "shutdown_on"))},
        ),
        (
            "Parameter schemas",
            {
                "classes": ("collapse",),
                "description": "JSON Schema (2020-12): each property is one parameter of the form. "
                "To go back to the catalogue's, use the button Catalogue above.",
                "fields": tuple(SCHEMA_FIELDS),
            },
        ),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A plain select for the provider: they are few, and have a section of their own."""
        if db_field.name == "provider":
            return db_field.formfield()
        if isinstance(db_field, URLField):
            return db_field.formfield(**{**kwargs, "assume_scheme": "https"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, **{"form": LanguageModelRowForm, **kwargs})

    @admin.display(description="used as")
    def marks(self, model: LanguageModel) -> str:
        names = {"default": model.is_default, "titles": model.is_title_model}
        return ", ".join(name for name, holds in names.items() if holds)

    @admin.display(description="state")
    def state(self, model: LanguageModel) -> str:
        """Its end, and whether the catalogue offers changes."""
        link = reverse("admin:conversations_languagemodel_compare", args=[model.pk])
        offer = format_html('<a href="{}">Catalogue has changes</a>', link) if offers_changes(model) else ""
        found = _end(model)
        end = format_html('<span class="mark mark--{}">{}</span>', *found) if found else ""
        return format_html("{}<br>{}", end, offer) if end and offer else end or offer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        model = self.get_object(request, object_id)
        context = {}
        if isinstance(model, LanguageModel):
            found = differences(model)
            context = {
                "end": _end(model),
                "rules_url": rules_url(model, None),
                "has_entry": entry_of(model) is not None,
                "offer_count": sum(difference.is_offered for difference in found),
                "difference_count": len(found),
            }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: LanguageModel, form: Any, change: bool) -> None:
        save_model(obj)

    @admin.action(description="Make it the default for new conversations", permissions=["change"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[LanguageModel]) -> None:
        chosen = list(queryset[:2])
        if len(chosen) != 1 or not chosen[0].is_enabled:
            messages.error(request, "Choose one model that is enabled.")
            return
        chosen[0].is_default = True
        save_model(chosen[0])
        messages.success(request, f"New conversations now begin with {chosen[0]}.")

    @admin.action(description="Enable", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[LanguageModel]) -> None:
        messages.success(request, f"Enabled: {queryset.update(is_enabled=True)}.")

    @admin.action(description="Disable", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[LanguageModel]) -> None:
        count = queryset.update(is_enabled=False, is_default=False, is_title_model=False)
        messages.success(request, f"Disabled: {count}.")


def _end(model: LanguageModel) -> tuple[str, str] | None:
    """How it looks and what it says, if the model's days are counted."""
    if model.shutdown_on and model.is_shut_down:
        return "past", f"Shut down since {date_format(model.shutdown_on)}"
    if model.shutdown_on:
        return "ending", f"Shuts down on {date_format(model.shutdown_on)}"
    if model.deprecated_on and model.deprecated_on <= timezone.localdate():
        return "ending", f"Deprecated since {date_format(model.deprecated_on)}"
    return None
