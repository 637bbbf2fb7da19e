"""The one-time link with which the first admin sets name and password."""

import secrets
from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from conversations.models.ids import new_id

VALID_FOR = timedelta(hours=24)


def new_nonce() -> str:
    return secrets.token_hex(16)


class SetupLinkQuerySet(models.QuerySet["SetupLink"]):
    def valid(self) -> Self:
        return self.filter(used_at=None, created_at__gt=timezone.now() - VALID_FOR)


class SetupLink(models.Model):
    """Valid until used or for 24 h. The token is not stored: it is an HMAC of the row under the secret key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    nonce = models.CharField(max_length=32, default=new_nonce)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = SetupLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"set-up link of {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def token(self) -> str:
        """128 bits as 32 hexadecimal digits."""
        return salted_hmac("chatsite.setup", f"{self.pk}:{self.nonce}", algorithm="sha256").hexdigest()[:32]

    def matches(self, token: str) -> bool:
        return constant_time_compare(self.token, token)

    def use(self) -> bool:
        """Spend the link; False if it was spent before or has run out."""
        return SetupLink.objects.valid().filter(pk=self.pk).update(used_at=timezone.now()) == 1
