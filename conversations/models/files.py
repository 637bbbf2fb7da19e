"""Files that people hand over: stored once per person, in the data folder, never in a row."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from conversations.exceptions import ConflictError
from conversations.models.ids import new_id
from conversations.models.messages import Message
from conversations.models.users import User
from conversations.providers.base import ImagePart


class FileQuerySet(models.QuerySet["File"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        """Those one has handed over, and may send."""
        return self.filter(owner=user) if isinstance(user, User) else self.none()

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, and those in the conversations one may read."""
        if not isinstance(user, User):
            return self.none()
        shown = MessageImage.objects.filter(file=OuterRef("pk"), message__in=Message.objects.visible_to(user))
        return self.filter(Q(owner=user) | Exists(shown))

    def unused(self, before: datetime) -> Self:
        """Handed over before that and part of no message, nor of one that was shared."""
        sent = Exists(MessageImage.objects.filter(file=OuterRef("pk")))
        return self.filter(created_at__lt=before, share_links=None).exclude(sent)


class File(models.Model):
    """A picture, re-encoded and without anything its camera wrote into it. ``path`` is below the data folder."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=50)
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    thumbnail_path = models.CharField(max_length=200, blank=True)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = FileQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "sha256"], name="file_once_per_owner"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Path:
        return Path(settings.DATA_DIR) / self.path

    @property
    def thumbnail_place(self) -> Path:
        return Path(settings.DATA_DIR) / self.thumbnail_path

    def data_url(self) -> str:
        """The picture inside an address. Raises ConflictError where its bytes are gone from the data folder."""
        try:
            data = self.place.read_bytes()
        except OSError as error:
            message = (
                f"The picture {self.name} can't be read from the server's disk any more. Edit the message without it."
            )
            raise ConflictError(message) from error
        return f"data:{self.media_type};base64,{base64.b64encode(data).decode()}"


class Detail(models.TextChoices):
    AUTO = "auto", "Automatic"
    LOW = "low", "Low"
    HIGH = "high", "High"


def details() -> list[tuple[str, str]]:
    return list(Detail.choices)


class MessageImage(models.Model):
    """A picture that belongs to a person's message: a file of theirs, or an address the provider fetches."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="images")
    position = models.PositiveSmallIntegerField(validators=[MinValueValidator(0)])
    file = models.ForeignKey(File, models.RESTRICT, null=True, blank=True, related_name="uses")
    url = models.CharField(max_length=2000, blank=True)
    detail = models.CharField(max_length=10, choices=details, default=Detail.AUTO)
    description = models.CharField("alternative text", max_length=1000, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "position"], name="message_image_position_once"),
            models.CheckConstraint(
                condition=Q(file__isnull=False, url="") | (Q(file=None) & ~Q(url="")),
                name="message_image_file_or_url",
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url or "picture"

    @property
    def host(self) -> str:
        """Of an address: whose server the provider will ask."""
        return urlsplit(self.url).hostname or ""

    @property
    def given(self) -> str:
        """As an order names it (JSON), for the page's script."""
        named = {"file": str(self.file_id)} if self.file else {"url": self.url}
        size = {"name": self.file.name, "width": self.file.width, "height": self.file.height} if self.file else {}
        return json.dumps({**named, "detail": self.detail, "description": self.description, **size})

    def part(self) -> ImagePart:
        """As it is sent."""
        return ImagePart(self.file.data_url() if self.file else self.url, self.detail)
