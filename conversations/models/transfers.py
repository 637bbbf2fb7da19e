"""Transfers: exports and imports, done in the background with progress. The rows that are queued are the queue."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from conversations.models.ids import new_id
from conversations.models.users import User


class TransferKind(models.TextChoices):
    EXPORT = "export", "Export"
    IMPORT = "import", "Import"


class TransferStatus(models.TextChoices):
    UPLOADING = "uploading", "Uploading"
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    COMPLETE = "complete", "Done"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


def transfer_kinds() -> list[tuple[str, str]]:
    return list(TransferKind.choices)


def transfer_statuses() -> list[tuple[str, str]]:
    return list(TransferStatus.choices)


class TransferQuerySet(models.QuerySet["Transfer"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner=user) if isinstance(user, User) else self.none()

    def unfinished(self) -> Self:
        return self.filter(status__in=[TransferStatus.QUEUED, TransferStatus.RUNNING])


class Transfer(models.Model):
    """One export or import. ``path`` is below the data folder: what was uploaded, or what may be downloaded."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="transfers")
    kind = models.CharField(max_length=10, choices=transfer_kinds)
    format = models.CharField(max_length=20)
    """Export: "archive", "markdown" or "html"; import: what the file was found to be."""
    is_dry_run = models.BooleanField(default=False)
    options = models.JSONField(default=dict, blank=True)
    """Export: {"conversations": [ids] or null for all}; import: {"name": of the uploaded file, "size": bytes}.
    "begun_again": a process that had begun it died."""
    status = models.CharField(max_length=10, choices=transfer_statuses, default=TransferStatus.QUEUED)
    total = models.PositiveIntegerField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict, blank=True)
    """{"made", "again", "refused": counts, "lines": [{"title", "outcome", "reason"}], "notes": [...]}"""
    path = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    error_message = models.CharField(max_length=500, blank=True)
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "-created_at"], name="transfer_of_owner")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def place(self) -> Path:
        return Path(settings.DATA_DIR) / self.path
