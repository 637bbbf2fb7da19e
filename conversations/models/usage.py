"""The ledger: what each generation used. A row outlives conversation, user and model."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.models.ids import new_id
from conversations.models.users import User


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

    class Meta:
        verbose_name_plural = "usage"
        indexes: ClassVar = [
            models.Index(fields=["user", "created_at"], name="usage_of_user"),
            models.Index(fields=["created_at"], name="usage_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.model_name}: {self.input_tokens} + {self.output_tokens} tokens"
