"""Take a deed back: what it removed comes again, what it changed is as it was, as far as it is still there."""

import uuid
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from conversations.actions.folders import lock_owner, tell_sidebars
from conversations.actions.selections import restore_conversations
from conversations.exceptions import NotFoundError
from conversations.models import Conversation, Folder, Tag, UndoStep, User
from conversations.models.folders import DEEPEST, grown

TIMES = ("pinned_at", "archived_at")
AT_ONCE = 500


@transaction.atomic
def undo(step: UndoStep) -> None:
    """Once only: raises NotFoundError for a step that was taken back already."""
    lock_owner(step.owner_id)
    if not UndoStep.objects.filter(pk=step.pk).delete()[0]:
        raise NotFoundError
    before = step.before
    _bring_back_folders(step.owner, before.get("folders", []), before.get("folder_places", {}))
    _bring_back_tags(step.owner, before.get("tags", []), before.get("tagged", {}))
    _change_back(step.owner, before.get("conversations", {}))
    deleted = Conversation.objects.deleted_by(step.owner).filter(pk__in=before.get("deleted", []))
    restore_conversations(list(deleted))
    tell_sidebars(step.owner_id, whole=True)


def _bring_back_folders(owner: User, folders: list[dict[str, str | None]], places: dict[str, str | None]) -> None:
    Folder.objects.bulk_create(
        [Folder(owner=owner, id=uuid.UUID(str(row["id"])), name=str(row["name"])) for row in folders],
        ignore_conflicts=True,
    )
    wanted = {str(row["id"]): row["parent"] for row in folders} | places
    for pk, parent in wanted.items():
        _place(owner, uuid.UUID(pk), uuid.UUID(parent) if parent else None)


def _place(owner: User, pk: uuid.UUID, parent: uuid.UUID | None) -> None:
    """Put a folder back where it stood; where that would be too deep or inside itself by now, it stays."""
    tree = {branch.folder.pk: branch for root in grown(Folder.objects.filter(owner=owner)) for branch in root.walk()}
    branch, place = tree.get(pk), tree.get(parent) if parent else None
    if branch is None or (place and (place.folder.pk in branch.ids or place.depth + branch.height > DEEPEST)):
        return
    Folder.objects.filter(pk=pk).update(parent=place.folder if place else None)


def _bring_back_tags(owner: User, tags: list[dict[str, Any]], tagged: dict[str, list[str]]) -> None:
    Tag.objects.bulk_create(
        [Tag(owner=owner, id=uuid.UUID(row["id"]), name=row["name"]) for row in tags], ignore_conflicts=True
    )
    links = [(pk, row["id"]) for row in tags for pk in row["conversations"]]
    links += [(pk, tag) for pk, held in tagged.items() for tag in held]
    there = _own(owner, {pk for pk, _ in links} | {*tagged})
    known = {str(pk) for pk in Tag.objects.filter(owner=owner).values_list("pk", flat=True)}
    through = Conversation.tags.through
    through.objects.filter(conversation__pk__in=there & {*tagged}).delete()
    rows = [
        through(conversation_id=uuid.UUID(pk), tag_id=uuid.UUID(tag))
        for pk, tag in links
        if pk in there and tag in known
    ]
    through.objects.bulk_create(rows, ignore_conflicts=True)


def _own(owner: User, ids: set[str]) -> set[str]:
    """Those of ``ids`` that still are conversations of ``owner``."""
    own = Conversation.objects.filter(owner=owner)
    parts = [own.filter(pk__in=part).values_list("pk", flat=True) for part in _parts(sorted(ids))]
    return {str(pk) for part in parts for pk in part}


def _parts(ids: list[str]) -> list[list[str]]:
    """Few enough at a time for one query."""
    return [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]


def _change_back(owner: User, rows: dict[str, dict[str, str | None]]) -> None:
    """Folder, pin and archive of each as they were."""
    folders = {str(pk) for pk in Folder.objects.filter(owner=owner).values_list("pk", flat=True)}
    alike: dict[tuple[tuple[str, str | None], ...], list[str]] = {}
    for pk, values in rows.items():
        alike.setdefault(tuple(sorted(values.items())), []).append(pk)
    for was, ids in alike.items():
        changes: dict[str, Any] = {name: value and parse_datetime(value) for name, value in was if name in TIMES}
        changes |= {name: value if value in folders else None for name, value in was if name == "folder"}
        for part in _parts(ids):
            Conversation.objects.filter(owner=owner, pk__in=part).update(**changes)
