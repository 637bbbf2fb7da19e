"""Pages of the admin as a browser sees them: their addresses, and their forms as they stand."""

from typing import Any

from django.db.models import Model
from django.forms import BaseForm
from django.urls import reverse


def path(row: Model, name: str = "change") -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[row.pk])


def filled(page: Any) -> dict[str, Any]:
    """What the form of an admin's change page sends when nothing is touched."""
    return values_of(page.context["adminform"].form)


def values_of(form: BaseForm) -> dict[str, Any]:
    """What a browser sends for a form as it is shown: nothing for a box without a tick."""
    data: dict[str, Any] = {}
    for bound in form:
        value = bound.field.prepare_value(bound.value())
        shown = bound.field.widget.format_value(value)
        is_box = getattr(bound.field.widget, "input_type", "") == "checkbox"
        if value in (None, "", []) or (is_box and value is False):
            continue
        data[bound.html_name] = "on" if value is True else shown
    return data
