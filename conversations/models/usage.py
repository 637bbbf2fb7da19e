"""The ledger: what each generation used. A row outlives conversation, user and model."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.models.ids import new_id
from conversations.models.prepared import Prepared
from conversations.models.users import User


@dataclass(frozen=True)
class Spent:
    """What a conversation had used when one of its runs ended; ``cost`` is None as long as no price was known."""

    tokens: int = 0
    cost: Decimal | None = None
    is_estimated: bool = False
    is_partly_unpriced: bool = False

    def with_entry(self, tokens: int, cost: Decimal | None, *, is_estimated: bool) -> Spent:
        return Spent(
            tokens=self.tokens + tokens,
            cost=self.cost if cost is None else (self.cost or Decimal(0)) + cost,
            is_estimated=self.is_estimated or is_estimated,
            is_partly_unpriced=self.is_partly_unpriced or (cost is None and tokens > 0),
        )


class UsageQuerySet(models.QuerySet["Usage"]):
    def spent_in(self, conversation_id: uuid.UUID) -> dict[uuid.UUID, Spent]:
        """What the conversation had used in all by the end of each of its runs, by the run's id; one query.

        All branches count, and its title: what was spent stays spent.
        """
        found, so_far = {}, Spent()
        for generation_id, input_tokens, output_tokens, cost, is_estimated in _ENTRIES_OF(conversation_id):
            so_far = so_far.with_entry(input_tokens + output_tokens, cost, is_estimated=is_estimated)
            found[generation_id] = so_far
        return found


class Usage(models.Model):
    """Tokens and USD of one generation, written once, in the transaction that ends it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    generation_id = models.UUIDField(unique=True)
    conversation_id = models.UUIDField()
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    user_name = models.CharField(max_length=150)
    provider_name = models.CharField(max_length=100)
    model_name = models.CharField(max_length=200)
    status = models.CharField(max_length=12)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    is_estimated = models.BooleanField(default=False)
    cost = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = UsageQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "usage"
        indexes: ClassVar = [
            models.Index(fields=["user", "created_at"], name="usage_of_user"),
            models.Index(fields=["created_at"], name="usage_by_time"),
            models.Index(fields=["conversation_id"], name="usage_of_conversation"),
        ]

    def __str__(self) -> str:
        return f"{self.model_name}: {self.input_tokens} + {self.output_tokens} tokens"


_ENTRIES_OF = Prepared(
    lambda conversation: (
        Usage.objects.filter(conversation_id=conversation)
        .order_by("id")
        .values_list("generation_id", "input_tokens", "output_tokens", "cost", "is_estimated")
    ),
    uuid.UUID,
)
