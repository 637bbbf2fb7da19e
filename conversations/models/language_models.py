"""The models that people choose from."""

from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.ids import new_id
from conversations.models.providers import Provider
from conversations.pricing import Prices
from conversations.providers.base import CHAT_COMPLETIONS, FORM, RESPONSES, UsageReport
from conversations.schemas.generic import generic_schema
from conversations.schemas.parameters import Schema

HIGHEST_COST = Decimal("999999.99999999")


MOST_STARTERS = 4


def storable_cost(prices: Prices, usage: UsageReport) -> Decimal | None:
    """USD, bounded by what the columns of costs hold; None where no price is known."""
    found = prices.cost(usage)
    return None if found is None else min(found, HIGHEST_COST)


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


class RequestFormat(models.TextChoices):
    CHAT_COMPLETIONS = CHAT_COMPLETIONS, "Chat Completions"
    RESPONSES = RESPONSES, "Responses"
    FORM = FORM, "Form (one prompt)"


class Overflow(models.TextChoices):
    REFUSE = "refuse", "Refuse, and say so"
    DROP_OLDEST = "drop_oldest", "Leave out the oldest messages, and mark it"


def request_formats() -> list[tuple[str, str]]:
    return list(RequestFormat.choices)


def overflow_strategies() -> list[tuple[str, str]]:
    return list(Overflow.choices)


class LanguageModelQuerySet(models.QuerySet["LanguageModel"]):
    def available(self) -> Self:
        """Those a person may choose: enabled, of an enabled provider, in the admin's order."""
        return self.filter(is_enabled=True, provider__is_enabled=True).select_related("provider")

    def to_list(self) -> Self:
        """The available ones for a list of them: what is long is only read when it is asked for."""
        return self.available().defer("schemas", "catalogue_offer", "system_prompt")

    def to_send(self) -> Self:
        """The available ones with what queueing a run needs; the rest is only read when it is asked for."""
        return self.available().only(
            "name", "is_enabled", "request_format", "other_formats", "abilities", "shutdown_on", "provider__is_enabled"
        )

    def default(self) -> "LanguageModel | None":
        """The admin's default, else the first available one; one that was shut down only if there is no other."""
        gone = Q(shutdown_on__isnull=False, shutdown_on__lte=timezone.localdate())
        is_gone = models.ExpressionWrapper(gone, output_field=models.BooleanField())
        return self.available().order_by(is_gone, "-is_default", "position", "name").first()


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
    request_format = models.CharField(max_length=30, choices=request_formats, default=RequestFormat.CHAT_COMPLETIONS)
    other_formats = models.JSONField("further request formats", default=list, blank=True)
    schemas = models.JSONField("parameter schemas", default=dict, blank=True)
    abilities = models.JSONField(default=list, blank=True)
    context_window = models.PositiveIntegerField("context window (tokens)", null=True, blank=True)
    output_limit = models.PositiveIntegerField("maximum output (tokens)", null=True, blank=True)
    overflow = models.CharField(
        "when a conversation is too long", max_length=20, choices=overflow_strategies, default=Overflow.REFUSE
    )
    input_price = _price()
    cached_price = _price()
    output_price = _price()
    step_tokens = models.PositiveIntegerField("higher prices above (input tokens)", null=True, blank=True)
    step_input_price = _price()
    step_cached_price = _price()
    step_output_price = _price()
    information_url = models.URLField("more information", blank=True)
    terms_url = models.URLField("terms and license", blank=True)
    has_zero_retention = models.BooleanField("zero data retention", null=True, blank=True)
    deprecated_on = models.DateField(null=True, blank=True)
    shutdown_on = models.DateField(null=True, blank=True)
    catalogue_key = models.CharField(max_length=200, blank=True, editable=False)
    catalogue_offer = models.JSONField(default=dict, blank=True, editable=False)
    """The catalogue's entry as it was when it was last taken over: what differs from it now is the admin's."""
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

    @property
    def formats(self) -> list[str]:
        """The request formats one may choose from, the usual one first."""
        return list(dict.fromkeys([self.request_format, *self.other_formats]))

    def format_for(self, wanted: str) -> str:
        """The request format asked for, where the model offers it, else its usual one."""
        return wanted if wanted in self.formats else self.request_format

    def schema(self, request_format: str = "") -> Schema:
        """The JSON Schema of its parameters in a format: its own, else what its kind of provider generally takes."""
        chosen = self.format_for(request_format)
        own: Schema | None = self.schemas.get(chosen)
        return own or generic_schema(self.provider.kind, chosen, length_field=self.provider.length_field)

    def can(self, ability: str) -> bool:
        """vision, tools, reasoning, structured, …; whatever is not known is not refused: see ``knows_abilities``."""
        return ability in self.abilities

    @property
    def knows_abilities(self) -> bool:
        return bool(self.abilities)

    @property
    def is_available(self) -> bool:
        """Whether a person may choose it, as ``available()`` says it of rows."""
        return self.is_enabled and self.provider.is_enabled

    @property
    def is_shut_down(self) -> bool:
        return self.shutdown_on is not None and self.shutdown_on <= timezone.localdate()

    def cost_of(self, usage: UsageReport) -> Decimal | None:
        """USD at the prices of now, or None where none is known."""
        return storable_cost(self.prices, usage)

    @property
    def prices(self) -> Prices:
        """What it costs now."""
        return Prices(
            input=self.input_price, cached=self.cached_price, output=self.output_price,
            step_tokens=self.step_tokens, step_input=self.step_input_price,
            step_cached=self.step_cached_price, step_output=self.step_output_price,
        )  # fmt: skip
