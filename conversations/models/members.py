"""Members: colleagues who were invited to a conversation, alone or as a group; and when each looked at it last."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import ClassVar, Final, Self

from django.contrib.auth.models import AnonymousUser, Group
from django.db import models
from django.db.models import Count, F, Q, Value
from django.utils import timezone

from conversations.models.conversations import Conversation
from conversations.models.ids import new_id
from conversations.models.users import User

MOST_MEMBERS: Final = 50
"""People and groups that one conversation may be shared with."""
OWNER: Final = "owner"
_AT_ONCE = 2000


class MemberRole(models.TextChoices):
    VIEWER = "viewer", "Can read"
    EDITOR = "editor", "Can write"


def member_roles() -> list[tuple[str, str]]:
    return list(MemberRole.choices)


class MemberQuerySet(models.QuerySet["Member"]):
    def managed_by(self, user: User | AnonymousUser) -> Self:
        """Those of one's own conversations."""
        return self.filter(conversation__in=Conversation.objects.owned_by(user))

    def removable_by(self, user: User | AnonymousUser) -> Self:
        """Those of one's own conversations, and oneself in others'."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(conversation__owner=user) | Q(user=user), conversation__deleted_at=None)

    def listed(self) -> Self:
        """In the order of inviting, ready to show; of groups also how many people are in them: ``people_count``."""
        counted = self.annotate(people_count=Count("group__user", filter=Q(group__user__is_active=True)))
        return counted.select_related("user", "group").order_by("created_at", "id")


class Member(models.Model):
    """A person or a group that may read a conversation, or write in it too. The owner is none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="memberships")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=10, choices=member_roles, default=MemberRole.VIEWER)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = MemberQuerySet.as_manager()
    people_count: int
    """Set by ``listed()``."""

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


def roles_in(conversations: Collection[uuid.UUID], people: Collection[int]) -> dict[tuple[uuid.UUID, int], str]:
    """Who of these people may do what in these conversations, those in the bin left out: OWNER or a MemberRole.

    One query for two thousand conversations; who may not read one is not in the answer.
    """
    found: dict[tuple[uuid.UUID, int], str] = {}
    ids = list(conversations)
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        live = Conversation.objects.filter(pk__in=part, deleted_at=None, owner__in=people)
        rows = Member.objects.filter(conversation__in=part, conversation__deleted_at=None)
        owners = live.values_list("pk", "owner", Value(OWNER))
        alone = rows.filter(user__in=people).values_list("conversation", "user", F("role"))
        grouped = rows.filter(group__user__in=people).values_list("conversation", "group__user", F("role"))
        for pk, person, role in owners.union(alone, grouped):
            found[pk, person] = max(found.get((pk, person), ""), role, key=_RANK.index)
    return found


_RANK: Final = ("", MemberRole.VIEWER.value, MemberRole.EDITOR.value, OWNER)
