"""The models that people choose from."""

from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.ids import new_id
from conversations.models.providers import Provider
from conversations.pricing import cost
from conversations.providers.base import UsageReport

HIGHEST_COST = Decimal("999999.99999999")


MOST_STARTERS = 4


def check_starters(value: Any) -> None:
    good = (
        isinstance(value, list)
        and len(value) <= MOST_STARTERS
        and all(isinstance(v, str) and 0 < len(v) <= 300 for v in value)
    )
    if not good:
        raise ValidationError("Starters are a list of up to four texts of up to 300 characters.")


def _price() -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        max_digits=12, decimal_places=6, null=True, blank=True, validators=[MinValueValidator(Decimal(0))],
        help_text="USD per million tokens",
    )  # fmt: skip


class LanguageModelQuerySet(models.QuerySet["LanguageModel"]):
    def available(self) -> Self:
        """Those a person may choose: enabled, of an enabled provider, in the admin's order."""
        return self.filter(is_enabled=True, provider__is_enabled=True).select_related("provider")

    def default(self) -> "LanguageModel | None":
        """The admin's default, else the first available one."""
        return self.available().order_by("-is_default", "position", "name").first()


class LanguageModel(models.Model):
    """A model that a provider serves, with the admin's choices for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="models")
    wire_name = models.CharField("model id", max_length=200, help_text="What the provider calls it, e.g. gpt-4.1-mini")
    name = models.CharField(max_length=100, help_text="What people read in the picker")
    description = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField("order", default=100)
    is_enabled = models.BooleanField("enabled", default=True)
    is_default = models.BooleanField("default for new conversations", default=False)
    is_title_model = models.BooleanField("writes titles", default=False)
    system_prompt = models.TextField("default system prompt", blank=True, max_length=20_000)
    temperature = models.FloatField(
        "default temperature", null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(2)]
    )
    max_output_tokens = models.PositiveIntegerField(
        "default maximum of output tokens", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    context_window = models.PositiveIntegerField("context window (tokens)", null=True, blank=True)
    input_price = _price()
    cached_price = _price()
    output_price = _price()
    starters = models.JSONField(default=list, blank=True, validators=[check_starters])
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = LanguageModelQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "wire_name"], name="language_model_once_per_provider"),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="language_model_one_default"
            ),
            models.UniqueConstraint(
                fields=["is_title_model"], condition=Q(is_title_model=True), name="language_model_one_for_titles"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def cost_of(self, usage: UsageReport) -> Decimal | None:
        """USD, or None where no price is known; bounded by what the columns of costs hold."""
        prices = {
            "input_price": self.input_price, "output_price": self.output_price, "cached_price": self.cached_price
        }  # fmt: skip
        found = cost(usage, **prices)
        return None if found is None else min(found, HIGHEST_COST)
