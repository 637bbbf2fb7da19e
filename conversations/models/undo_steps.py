"""What a deed on many conversations, a folder or a tag replaced, so that one Undo brings it back as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from conversations.models.ids import new_id
from conversations.models.users import User

KEPT = timedelta(hours=1)
"""How long a deed can be taken back; the toast that offers it stays for seconds."""


class UndoStepQuerySet(models.QuerySet["UndoStep"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        if not isinstance(user, User):
            return self.none()
        return self.filter(owner=user, created_at__gt=timezone.now() - KEPT)

    def remember(self, owner: User, sentence: str, before: dict[str, Any]) -> UndoStep:
        """Keep what was; the owner's older steps that can't be taken back any more go."""
        self.filter(owner=owner, created_at__lte=timezone.now() - KEPT).delete()
        return self.create(owner=owner, sentence=sentence, before=before)


class UndoStep(models.Model):
    """``before`` holds, by ``actions/undo_steps.py``, the rows that a deed removed and the columns that it changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    sentence = models.CharField(max_length=400)
    """What was done, for the toast."""
    before = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    objects = UndoStepQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "created_at"], name="undo_step_of_owner")]

    def __str__(self) -> str:
        return self.sentence
