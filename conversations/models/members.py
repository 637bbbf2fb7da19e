"""Members: colleagues who were invited to a conversation, alone or as a group; and when each looked at it last."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.conversations import Conversation
from conversations.models.ids import new_id
from conversations.models.users import User


class MemberRole(models.TextChoices):
    VIEWER = "viewer", "Can read"
    EDITOR = "editor", "Can write"


def member_roles() -> list[tuple[str, str]]:
    return list(MemberRole.choices)


class Member(models.Model):
    """A person or a group that may read a conversation, or write in it too. The owner is none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="memberships")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=10, choices=member_roles, default=MemberRole.VIEWER)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group=None) | Q(user=None, group__isnull=False),
                name="member_person_or_group",
            ),
            models.UniqueConstraint(fields=["conversation", "user"], name="member_person_once"),
            models.UniqueConstraint(fields=["conversation", "group"], name="member_group_once"),
        ]

    def __str__(self) -> str:
        return str(self.user or self.group)


class Visit(models.Model):
    """When a member looked at a conversation last: what is newer has a dot. The owner's is a column of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="visits")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "user"], name="visit_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.seen_at}"
