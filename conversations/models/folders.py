"""Folders and tags: each person's own order of conversations."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from conversations.models.ids import new_id
from conversations.models.users import User

NAME_LENGTH = 60
DEEPEST = 4
"""How many folders may stand inside each other."""
MOST_FOLDERS = 500
MOST_TAGS = 500


class FolderQuerySet(models.QuerySet["Folder"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner=user) if isinstance(user, User) else self.none()


class Folder(models.Model):
    """Holds conversations and folders of one person; listed by name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="folders")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=NAME_LENGTH)
    created_at = models.DateTimeField(default=timezone.now)

    objects = FolderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="folder_not_in_itself"),
        ]

    def __str__(self) -> str:
        return self.name


class TagQuerySet(models.QuerySet["Tag"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner=user) if isinstance(user, User) else self.none()


class Tag(models.Model):
    """A word of one person's; a conversation has any number of them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=NAME_LENGTH)

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("owner", Lower("name"), name="tag_once_per_owner"),
        ]

    def __str__(self) -> str:
        return self.name
