"""Conversations: what the sidebar lists. Listing never loads messages."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import connection, models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils import timezone

from conversations.models.folders import Folder, Tag
from conversations.models.ids import new_id
from conversations.models.language_models import LanguageModel
from conversations.models.users import User

TITLE_LENGTH = 200
MOST_PINNED = 100
UNTITLED = "New conversation"
GONE = datetime(1970, 1, 1, tzinfo=UTC)
"""When a conversation was deleted that nobody can bring back: the site removes it at once."""


def title_from(text: str) -> str:
    """The first words of the first message, on one line, at most 60 characters and cut between words."""
    line = " ".join(text.split())
    if len(line) <= 60:
        return line or UNTITLED
    head, _, _ = line[:60].rpartition(" ")
    return (head if len(head) >= 30 else line[:59]).rstrip(" ,.;:–-") + "…"


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        """One's own, the bin left out: whoever may also delete, archive, move, share and invite."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(owner=user, deleted_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, and those one was invited to, alone or with a group."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(owner=user) | Q(pk__in=self._shared_with(user)), deleted_at=None)

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """Those one may write in: as owner, or invited as editor."""
        if not isinstance(user, User):
            return self.none()
        shared = self._shared_with(user, members__role="editor")
        return self.filter(Q(owner=user) | Q(pk__in=shared), deleted_at=None)

    def shared_with(self, user: User) -> Self:
        """Others' conversations that one was invited to."""
        return self.filter(pk__in=self._shared_with(user), deleted_at=None).exclude(owner=user)

    def unseen_by(self, user: User) -> Self:
        """With ``is_unseen``: whether something was answered since ``user`` looked.

        The owner of a conversation has a column for it; of everybody else the last look is remembered.
        """
        visits: Any = self.model.visits.rel.related_model  # defined in modules above this one
        runs: Any = self.model.generations.rel.related_model
        looked = visits.objects.filter(
            conversation=OuterRef("conversation"), user=user, seen_at__gte=OuterRef("finished_at")
        )
        fresh = runs.objects.filter(conversation=OuterRef("pk"), finished_at__isnull=False).exclude(Exists(looked))
        return self.annotate(is_unseen=Case(When(owner=user, then=F("has_unseen_answer")), default=Exists(fresh)))

    def _shared_with(self, user: User, **conditions: object) -> models.QuerySet[Conversation, uuid.UUID]:
        invited = Q(members__user=user) | Q(members__group__user=user)
        return self.model.objects.filter(invited, **conditions).values_list("pk", flat=True)

    def deleted_by(self, user: User | AnonymousUser) -> Self:
        """Those in the bin that ``user`` may bring back."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(owner=user, deleted_at__gt=GONE)

    def pinned(self) -> Self:
        return self.filter(pinned_at__isnull=False).order_by("-pinned_at", "-id")

    def recent(self, before: tuple[datetime, uuid.UUID] | None = None) -> Self:
        """What the sidebar lists by day: neither pinned nor in a folder, archived or temporary."""
        return self.filter(pinned_at=None, archived_at=None, folder=None, is_temporary=False).newest_first(before)

    def filed(self, before: tuple[datetime, uuid.UUID] | None = None) -> Self:
        """What the sidebar lists inside folders."""
        rows = self.filter(pinned_at=None, archived_at=None, folder__isnull=False, is_temporary=False)
        return rows.newest_first(before)

    def newest_first(self, before: tuple[datetime, uuid.UUID] | None = None) -> Self:
        """Newest activity first; ``before`` is the last row already shown (keyset)."""
        rows = self.order_by("-active_at", "-id")
        if before is None:
            return rows
        moment, pk = before
        return rows.filter(Q(active_at__lt=moment) | Q(active_at=moment, id__lt=pk), active_at__lte=moment)


class Conversation(models.Model):
    """A tree of messages with one selected leaf: the end of the branch that is shown."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=TITLE_LENGTH, default=UNTITLED)
    has_own_title = models.BooleanField(default=False)
    client_id = models.UUIDField(null=True, blank=True, editable=False)
    model = models.ForeignKey(LanguageModel, models.SET_NULL, null=True, blank=True, related_name="+")
    request_format = models.CharField(max_length=30, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    folder = models.ForeignKey(Folder, models.SET_NULL, null=True, blank=True, related_name="conversations")
    tags = models.ManyToManyField(Tag, related_name="conversations", blank=True)
    selected_leaf = models.ForeignKey("conversations.Message", models.SET_NULL, null=True, blank=True, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    has_members = models.BooleanField(default=False, editable=False)
    """Whether anybody was invited; a copy of what ``members`` says, for whoever has only this row."""
    has_unseen_answer = models.BooleanField(default=False)
    is_temporary = models.BooleanField(default=False)
    """In no list and no search, gone after a day."""
    forked_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    import_key = models.CharField(max_length=200, blank=True, editable=False)
    """What it was imported from, by which the same import makes it only once."""
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    active_at = models.DateTimeField(default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["owner", "-pinned_at", "-id"],
                condition=Q(deleted_at=None, pinned_at__isnull=False),
                name="conversation_pinned",
            ),
            models.Index(
                fields=["folder", "-active_at", "-id"],
                condition=Q(deleted_at=None, folder__isnull=False),
                name="conversation_in_folder",
            ),
            models.Index(
                fields=["owner", "folder", "-active_at", "-id"],
                condition=Q(
                    deleted_at=None, pinned_at=None, archived_at=None, folder__isnull=False, is_temporary=False
                ),
                name="conversation_filed",
            ),
            models.Index(
                fields=["owner", "-active_at", "-id"],
                condition=Q(deleted_at=None, is_temporary=False),
                name="conversation_all",
            ),
            models.Index(
                fields=["owner", "-deleted_at", "-id"], condition=Q(deleted_at__isnull=False), name="conversation_bin"
            ),
            models.Index(fields=["active_at"], condition=Q(is_temporary=True), name="conversation_temporary"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="conversation_deleted"),
            # SQLite takes the youngest of those that serve equally well: the narrowest stand last
            models.Index(
                fields=["owner", "-active_at", "-id"],
                condition=Q(deleted_at=None, archived_at__isnull=False),
                name="conversation_archived",
            ),
            models.Index(
                fields=["owner", "-active_at", "-id"],
                condition=Q(deleted_at=None, pinned_at=None, archived_at=None, folder=None, is_temporary=False),
                name="conversation_recent",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "client_id"], name="conversation_client_id_once"),
            models.UniqueConstraint(
                fields=["owner", "import_key"], condition=~Q(import_key=""), name="conversation_imported_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_pinned(self) -> bool:
        return self.pinned_at is not None

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def place_for(self, viewer: User) -> str:
        """Where the sidebar of ``viewer`` lists it: shared, folder-<id> or ``group``; "" if nowhere."""
        if self.owner_id != viewer.pk:
            return "shared"
        if self.is_temporary or self.is_archived:
            return ""
        return f"folder-{self.folder_id}" if self.folder_id and not self.is_pinned else self.group

    @property
    def group(self) -> str:
        """The sidebar's group: pinned, today, yesterday, week, or a month as 2026-10; days of the active time zone."""
        if self.is_pinned:
            return "pinned"
        day, today = timezone.localdate(self.active_at), timezone.localdate()
        if day >= today:
            return "today"
        if day == today - timedelta(days=1):
            return "yesterday"
        return "week" if day >= today - timedelta(days=7) else f"{day:%Y-%m}"

    def may_be_edited_by(self, user: User) -> bool:
        """Whether somebody who may read it may write in it too; no query for its owner."""
        return self.owner_id == user.pk or Conversation.objects.editable_by(user).filter(pk=self.pk).exists()

    def origin_for(self, viewer: User) -> Conversation | None:
        """The conversation it is a copy of, where ``viewer`` may still read that; no query for one that is none."""
        if self.forked_from_id is None:
            return None
        return Conversation.objects.visible_to(viewer).only("title").filter(pk=self.forked_from_id).first()

    def lock(self) -> None:
        """Let nobody else change the tree until this transaction ends (SQLite has one writer anyway).

        Rows that only point here are let pass: PostgreSQL looks at them again when their transaction ends.
        """
        if connection.features.has_select_for_update:
            Conversation.objects.select_for_update(no_key=True).filter(pk=self.pk).values_list("pk").first()

    def touch(self, **changes: object) -> None:
        """Write ``changes`` and count the revision, by which open pages see that they are behind.

        ``revision`` is the new one then: in one query where nobody else counted since this row was read.
        """
        row, counted = Conversation.objects.filter(pk=self.pk), self.revision + 1
        if not row.filter(revision=self.revision).update(revision=counted, **changes):
            row.update(revision=F("revision") + 1, **changes)
            counted = row.values_list("revision", flat=True).first() or counted
        self.revision = counted
