"""Models: which people can choose, in which order, and with which defaults."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet, URLField
from django.http import HttpRequest

from conversations.actions.language_models import save_model
from conversations.admin.base import ChatModelAdmin
from conversations.admin.site import site
from conversations.forms.language_models import SCHEMA_FIELDS, STEP_PRICES, LanguageModelForm, LanguageModelRowForm
from conversations.models import LanguageModel

PRICES = ("input_price", "cached_price", "output_price")


@admin.register(LanguageModel, site=site)
class LanguageModelAdmin(ChatModelAdmin):
    title = "Models"
    purpose = "What people can choose, in which order, and with which defaults."
    singular = "model"
    position = 2
    form = LanguageModelForm
    list_per_page = 100
    list_display = ("name", "provider", "wire_name", "position", "is_enabled", "marks")
    list_editable = ("position", "is_enabled")
    list_filter = ("is_enabled", ("provider", admin.RelatedOnlyFieldListFilter))
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
                "fields": (PRICES, "step_tokens", STEP_PRICES),
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
                "description": "JSON Schema (2020-12): each property is one parameter of the form.",
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
