"""Make, name, move and remove folders. What changes their order waits for the owner's other changes of it."""

import uuid
from functools import partial
from typing import Any

from django.db import transaction

from conversations.actions.names import counted, quoted, require_name
from conversations.events import SidebarChanged, publish, user_topic
from conversations.exceptions import ConflictError, InvalidInputError, LimitError, NotFoundError
from conversations.models import Conversation, Folder, UndoStep, User
from conversations.models.folders import DEEPEST, MOST_FOLDERS, NAME_LENGTH, Branch, grown


def tell_sidebars(owner_id: int, *, whole: bool = False) -> None:
    """Let the owner's sidebars be fetched anew, once it is committed."""
    transaction.on_commit(partial(publish, user_topic(owner_id), SidebarChanged(whole)))


def lock_owner(owner_id: int) -> None:
    """Let nobody else change this person's folders and tags until the transaction ends."""
    User.objects.select_for_update(no_key=True).filter(pk=owner_id).values_list("pk").first()


@transaction.atomic
def create_folder(owner: User, name: str, parent: Folder | None = None) -> Folder:
    """Raises InvalidInputError for the name or too deep a place, LimitError past MOST_FOLDERS."""
    line = require_name(name, NAME_LENGTH, "A folder")
    lock_owner(owner.pk)
    tree = _tree(owner.pk)
    if len(tree) >= MOST_FOLDERS:
        raise LimitError(f"At most {MOST_FOLDERS} folders can be kept. Remove one first.")
    _require_room(tree, parent, 1)
    folder = Folder.objects.create(owner=owner, name=line, parent=parent)
    tell_sidebars(owner.pk)
    return folder


@transaction.atomic
def rename_folder(folder: Folder, name: str) -> None:
    """Raises InvalidInputError."""
    folder.name = require_name(name, NAME_LENGTH, "A folder")
    folder.save(update_fields=["name"])
    tell_sidebars(folder.owner_id)


@transaction.atomic
def move_folder(folder: Folder, parent: Folder | None) -> UndoStep:
    """Put a folder into another one, or into the list. Raises ConflictError for a place inside itself, LimitError past
    DEEPEST, NotFoundError where one of them is gone."""
    lock_owner(folder.owner_id)
    tree = _tree(folder.owner_id)
    branch = tree.get(folder.pk)
    if branch is None:
        raise NotFoundError
    if parent is not None and parent.pk in branch.ids:
        raise ConflictError("A folder can't be moved into itself.")
    _require_room(tree, parent, branch.height)
    before = {"folder_places": {str(folder.pk): _text(branch.folder.parent_id)}}
    Folder.objects.filter(pk=folder.pk).update(parent=parent)
    tell_sidebars(folder.owner_id)
    target = quoted(parent.name) if parent else "the list"
    return UndoStep.objects.remember(folder.owner, f"Moved {quoted(folder.name)} to {target}.", before)


@transaction.atomic
def delete_folder(folder: Folder) -> UndoStep:
    """Remove a folder: its conversations and the folders inside it go back to the list."""
    lock_owner(folder.owner_id)
    conversations = Conversation.objects.filter(folder=folder)
    children = Folder.objects.filter(parent=folder)
    held = [str(pk) for pk in conversations.values_list("pk", flat=True)]
    before: dict[str, Any] = {
        "folders": [{"id": str(folder.pk), "name": folder.name, "parent": _text(folder.parent_id)}],
        "folder_places": {str(pk): str(folder.pk) for pk in children.values_list("pk", flat=True)},
        "conversations": {pk: {"folder": str(folder.pk)} for pk in held},
    }
    conversations.update(folder=None)
    children.update(parent=None)
    owner = folder.owner
    Folder.objects.filter(pk=folder.pk).delete()
    tell_sidebars(owner.pk, whole=True)
    rest = f" {counted(len(held), 'conversation')} went back to the list." if held else ""
    return UndoStep.objects.remember(owner, f"Deleted the folder {quoted(folder.name)}.{rest}", before)


def _tree(owner_id: int) -> dict[uuid.UUID, Branch]:
    roots = grown(Folder.objects.filter(owner=owner_id))
    return {branch.folder.pk: branch for root in roots for branch in root.walk()}


def _require_room(tree: dict[uuid.UUID, Branch], parent: Folder | None, height: int) -> None:
    if parent is None:
        return
    place = tree.get(parent.pk)
    if place is None:
        raise NotFoundError
    if place.depth + height > DEEPEST:
        raise InvalidInputError(f"Folders can stand at most {DEEPEST} deep inside each other.", field="parent")


def _text(pk: uuid.UUID | None) -> str | None:
    return str(pk) if pk else None
