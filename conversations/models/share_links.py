"""Share links: a branch as it was when it was shared, to be read by whoever has the address."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, Q
from django.urls import reverse
from django.utils import timezone

from conversations.models.conversations import TITLE_LENGTH, Conversation
from conversations.models.files import File
from conversations.models.ids import new_id
from conversations.models.retention import SitePolicy
from conversations.models.users import User


class Audience(models.TextChoices):
    TEAM = "team", "People who can sign in here"
    ANYONE = "anyone", "Anyone who has the link"


def audiences() -> list[tuple[str, str]]:
    return list(Audience.choices)


_FOR_ANYONE = "any."
"""How tokens of links for anyone begin; the random part of a token has no dot."""


def new_token(audience: str = Audience.TEAM) -> str:
    """128 random bits, as 22 characters, behind a mark if the link is for anyone."""
    return (_FOR_ANYONE if audience == Audience.ANYONE else "") + secrets.token_urlsafe(16)


def needs_sign_in(token: str) -> bool:
    """Whether a link with such a token is for people who sign in.

    The token itself says so: one may ask a visitor to sign in without looking whether the link exists, and say the
    same for links that were revoked, have expired, or never were.
    """
    return not token.startswith(_FOR_ANYONE)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner=user) if isinstance(user, User) else self.none()

    def live(self, now: datetime | None = None) -> Self:
        """Neither revoked nor expired, of conversations that are not in the bin, by people who are still here."""
        now = now or timezone.now()
        in_time = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(in_time, revoked_at=None, conversation__deleted_at=None, owner__is_active=True)

    def ended(self, now: datetime | None = None) -> Self:
        """Those that ``live`` leaves out, of people who are still here."""
        is_over = Q(expires_at__lte=now or timezone.now()) | Q(revoked_at__isnull=False)
        return self.filter(is_over | Q(conversation__deleted_at__isnull=False), owner__is_active=True)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those that open for whoever has the address: for anyone only as long as the site's policy allows such links.

        Unlike other rows, nobody finds them without their token; a password may stand before them still.
        """
        is_allowed = Exists(SitePolicy.objects.filter(allows_public_links=True))
        for_anyone = Q(is_allowed, audience=Audience.ANYONE)
        is_seen = for_anyone | Q(audience=Audience.TEAM) if isinstance(user, User) else for_anyone
        return self.live().filter(is_seen)

    def newest_first(self, before: tuple[datetime, uuid.UUID] | None = None) -> Self:
        """Without what they show, which may be large; ``before`` is the last row already listed (keyset)."""
        rows = self.defer("messages").order_by("-created_at", "-id")
        if before is None:
            return rows
        moment, pk = before
        return rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, id__lt=pk), created_at__lte=moment)


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
    shows_names = models.BooleanField(default=True)
    """Whether it says who wrote and who shared it; else people are called "Person"."""
    files = models.ManyToManyField(File, related_name="share_links", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "-created_at"], name="share_link_of_owner")]

    def __str__(self) -> str:
        return self.title

    @property
    def url(self) -> str:
        """Its address, with the site's own name before it."""
        return f"{settings.SITE_URL}{reverse('shared', args=[self.token])}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_for_anyone(self) -> bool:
        return self.audience == Audience.ANYONE
