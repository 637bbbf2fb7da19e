"""How long things are kept: the bin, temporary conversations, and what groups' rules say. Sync, in small steps."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db import models, transaction
from django.db.models import Min
from django.utils import timezone

from conversations.actions.conversations import delete_conversation
from conversations.jobs.removal import remove_conversations, remove_messages
from conversations.jobs.transfers import remove_old
from conversations.models import Conversation, Deletion, Generation, GroupRetention, SitePolicy

TEMPORARY_FOR: Final = timedelta(hours=24)
STEP: Final = 50
"""Conversations in one transaction: others write between the steps."""


def tidy_step(now: datetime | None = None) -> int:
    """Do one step of what is due; how many things it removed or put into the bin (0: nothing is due)."""
    now, policy = now or timezone.now(), SitePolicy.current()
    return (
        _remove_temporary(now)
        or _empty_bin(now - timedelta(days=policy.bin_days))
        or _forget_deletions(now - timedelta(days=policy.bin_days))
        or _retire(now, policy)
        or remove_old(now)
    )


def days_kept(person: int, policy: SitePolicy | None = None) -> int | None:
    """After how many days without activity this person's conversations go into the bin; None: they are kept."""
    shortest = GroupRetention.objects.filter(group__user=person).aggregate(days=Min("days"))["days"]
    return shortest or (policy or SitePolicy.current()).retention_days


def _remove_temporary(now: datetime) -> int:
    due = Conversation.objects.filter(is_temporary=True, active_at__lt=now - TEMPORARY_FOR)
    return _remove(due, "active_at", "This temporary conversation is gone: a day has passed since its last message.")


def _empty_bin(before: datetime) -> int:
    return _remove(Conversation.objects.filter(deleted_at__lt=before), "deleted_at")


def _remove(due: models.QuerySet[Conversation], order: str, why: str = "") -> int:
    """In one step the first of those that are due, unless they are no longer when their turn comes."""
    return remove_conversations(due.order_by(order).values_list("pk", flat=True)[:STEP], among=due, why=why)


def _forget_deletions(before: datetime) -> int:
    """Messages that were deleted from a tree so long ago can't come back any more."""
    due = list(Deletion.objects.filter(created_at__lt=before).order_by("created_at")[:STEP])
    for deletion in due:
        with transaction.atomic():
            remove_messages(uuid.UUID(pk) for pk in deletion.messages)
            deletion.delete()
    return len(due)


def _retire(now: datetime, policy: SitePolicy) -> int:
    """Put into the bin what nobody wrote in for as long as its owner's rule says."""
    rows = Conversation.objects.filter(deleted_at=None, is_temporary=False).exclude(
        generations__in=Generation.objects.unfinished()
    )
    by_group = _days_by_person()
    done = 0
    for days in sorted(set(by_group.values())):
        owners = [person for person, shortest in by_group.items() if shortest == days]
        done += _put_into_bin(rows.filter(owner__in=owners, active_at__lt=now - timedelta(days=days)))
    if policy.retention_days:
        old = rows.filter(active_at__lt=now - timedelta(days=policy.retention_days))
        done += _put_into_bin(old.exclude(owner__in=list(by_group)))
    return done


def _days_by_person() -> dict[int, int]:
    rules = GroupRetention.objects.filter(group__user__isnull=False).values_list("group__user")
    return dict(rules.annotate(shortest=Min("days")).order_by())


@transaction.atomic
def _put_into_bin(due: models.QuerySet[Conversation]) -> int:
    conversations = list(due.order_by("active_at")[:STEP])
    for conversation in conversations:
        delete_conversation(conversation)
    return len(conversations)
