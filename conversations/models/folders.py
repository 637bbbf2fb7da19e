"""Folders and tags: each person's own order of conversations."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
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


@dataclass
class Branch:
    """A folder with those inside it, as deep as they go; ``depth`` 1 is the list itself."""

    folder: Folder
    depth: int
    inside: list[Branch] = field(default_factory=list)

    @property
    def height(self) -> int:
        """How many levels it takes itself, at least 1."""
        return 1 + max((branch.height for branch in self.inside), default=0)

    @property
    def ids(self) -> set[uuid.UUID]:
        return {self.folder.pk}.union(*(branch.ids for branch in self.inside))

    def walk(self) -> Iterable[Branch]:
        """This one and all inside it, in the order of a list."""
        yield self
        for branch in self.inside:
            yield from branch.walk()


def grown(folders: Iterable[Folder]) -> list[Branch]:
    """One person's folders as trees, each level by name."""
    ordered = sorted(folders, key=lambda folder: (folder.name.casefold(), folder.pk))
    known = {folder.pk for folder in ordered}
    children: dict[uuid.UUID | None, list[Folder]] = {}
    for folder in ordered:
        children.setdefault(folder.parent_id if folder.parent_id in known else None, []).append(folder)

    def branches(parent: uuid.UUID | None, depth: int) -> list[Branch]:
        return [Branch(each, depth, branches(each.pk, depth + 1)) for each in children.get(parent, [])]

    return branches(None, 1)


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
