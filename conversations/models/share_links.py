"""Share links: a branch as it was when it was shared, to be read by whoever has the address."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.conversations import TITLE_LENGTH, Conversation
from conversations.models.files import File
from conversations.models.ids import new_id
from conversations.models.users import User


class Audience(models.TextChoices):
    TEAM = "team", "People who can sign in here"
    ANYONE = "anyone", "Anyone who has the link"


def audiences() -> list[tuple[str, str]]:
    return list(Audience.choices)


def new_token() -> str:
    """128 random bits, as 22 characters."""
    return secrets.token_urlsafe(16)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner=user) if isinstance(user, User) else self.none()

    def live(self, now: datetime | None = None) -> Self:
        """Neither revoked nor expired, of conversations that are not in the bin, by people who are still here."""
        now = now or timezone.now()
        in_time = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(in_time, revoked_at=None, conversation__deleted_at=None, owner__is_active=True)


class ShareLink(models.Model):
    """A snapshot. ``messages`` holds the shared texts themselves: what is written or deleted later changes nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token = models.CharField(max_length=30, unique=True, default=new_token, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="share_links")
    owner = models.ForeignKey(User, models.CASCADE, related_name="share_links")
    audience = models.CharField(max_length=10, choices=audiences, default=Audience.TEAM)
    password = models.CharField(max_length=200, blank=True)
    """Hashed as sign-in passwords are; "" without one."""
    title = models.CharField(max_length=TITLE_LENGTH)
    messages = models.JSONField(default=list)
    """[{"role", "text", "html", "html_version", "author", "model", "created_at", ...}], root to leaf."""
    files = models.ManyToManyField(File, related_name="share_links", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "-created_at"], name="share_link_of_owner")]

    def __str__(self) -> str:
        return self.title
