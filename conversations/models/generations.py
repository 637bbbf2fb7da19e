"""Generations: one run for one answer. The rows that are queued are the queue."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from conversations.models.conversations import Conversation
from conversations.models.ids import new_id
from conversations.models.language_models import LanguageModel
from conversations.models.messages import Message
from conversations.models.users import User

LEASE = timedelta(seconds=15)


class GenerationStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    COMPLETE = "complete", "Complete"
    STOPPED = "stopped", "Stopped"
    INTERRUPTED = "interrupted", "Interrupted"
    FAILED = "failed", "Failed"


UNFINISHED = (GenerationStatus.QUEUED, GenerationStatus.RUNNING)


def is_answering() -> Exists:
    """For annotating conversations: whether an answer is queued or running in them."""
    return Exists(Generation.objects.unfinished().filter(conversation=OuterRef("pk")))


def generation_statuses() -> list[tuple[str, str]]:
    return list(GenerationStatus.choices)


class GenerationQuerySet(models.QuerySet["Generation"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        if not isinstance(user, User):
            return self.none()
        return self.filter(conversation__in=Conversation.objects.visible_to(user))

    def editable_by(self, user: User | AnonymousUser) -> Self:
        if not isinstance(user, User):
            return self.none()
        return self.filter(conversation__in=Conversation.objects.editable_by(user))

    def queued(self) -> Self:
        return self.filter(status=GenerationStatus.QUEUED).order_by("id")

    def running(self) -> Self:
        return self.filter(status=GenerationStatus.RUNNING)

    def unfinished(self) -> Self:
        return self.filter(status__in=UNFINISHED)

    def orphaned(self) -> Self:
        """Running ones whose worker has not renewed its lease."""
        return self.running().filter(lease_until__lt=timezone.now())

    def held_by(self, worker: str) -> Self:
        return self.running().filter(worker=worker)

    def claim(self, ids: list[uuid.UUID], worker: str) -> list[uuid.UUID]:
        """Take queued generations for one worker; returns those it got (another may have been first).

        Those that somebody is about to stop are left: else each of the two could wait for the other.
        """
        now = timezone.now()
        free = self.queued().filter(pk__in=ids).select_for_update(skip_locked=True).values_list("pk", flat=True)
        self.filter(pk__in=list(free), status=GenerationStatus.QUEUED).update(
            status=GenerationStatus.RUNNING,
            worker=worker,
            fence=F("fence") + 1,
            lease_until=now + LEASE,
            started_at=now,
        )
        return list(self.held_by(worker).filter(pk__in=ids).order_by("id").values_list("pk", flat=True))

    def renew(self, worker: str) -> int:
        return self.held_by(worker).update(lease_until=timezone.now() + LEASE)


class Generation(models.Model):
    """One run. Terminal states are final; every write of a running one carries its fence."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="generations")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="generations")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    model = models.ForeignKey(LanguageModel, models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=12, choices=generation_statuses, default=GenerationStatus.QUEUED)

    fence = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)

    client_id = models.UUIDField(null=True, blank=True, editable=False)
    is_continuation = models.BooleanField(default=False)
    request_format = models.CharField(max_length=30, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    """What the person chose for this run, before rules and defaults; ``request`` holds what was sent."""
    request = models.JSONField(default=dict, blank=True)
    prices = models.JSONField(default=dict, blank=True)
    """USD per million tokens when it ran, as texts, by the names of ``conversations.pricing.Prices``."""
    seq = models.PositiveIntegerField(default=0)
    length = models.PositiveIntegerField(default=0)

    started_at = models.DateTimeField(null=True, blank=True)
    first_token_at = models.DateTimeField(null=True, blank=True)
    reasoned_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    finish_reason = models.CharField(max_length=30, blank=True)
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    error_detail = models.TextField(blank=True)
    error_parameter = models.CharField(max_length=100, blank=True)
    """Which setting the provider refused, by its name on the wire."""
    request_id = models.CharField(max_length=200, blank=True)

    input_tokens = models.PositiveIntegerField(null=True, blank=True)
    output_tokens = models.PositiveIntegerField(null=True, blank=True)
    cached_tokens = models.PositiveIntegerField(null=True, blank=True)
    reasoning_tokens = models.PositiveIntegerField(null=True, blank=True)
    is_estimated = models.BooleanField(default=False)
    cost = models.DecimalField(max_digits=14, decimal_places=8, null=True, blank=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["status", "owner"], condition=Q(status__in=["queued", "running"]), name="generation_open"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "client_id"], name="generation_client_id_once"),
            models.UniqueConstraint(
                fields=["message"],
                condition=Q(status__in=["queued", "running"]),
                name="generation_one_open_per_message",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.pk}"
