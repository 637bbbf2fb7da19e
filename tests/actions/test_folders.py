"""Folders: names, places, limits, no circles; removed and brought back as they were."""

import threading
from typing import Any

import pytest
from django.db import close_old_connections, connection

from conversations.actions.folders import create_folder, delete_folder, move_folder, rename_folder
from conversations.actions.selections import move_conversations
from conversations.actions.undo_steps import undo
from conversations.exceptions import ChatError, ConflictError, InvalidInputError, LimitError, NotFoundError
from conversations.models import Conversation, Folder, User
from conversations.models.folders import DEEPEST, MOST_FOLDERS, grown

pytestmark = pytest.mark.django_db


def nested(owner: User, *names: str) -> list[Folder]:
    """Each inside the one before."""
    made: list[Folder] = []
    for name in names:
        made.append(create_folder(owner, name, made[-1] if made else None))
    return made


def places(owner: User) -> dict[str, str | None]:
    folders = Folder.objects.filter(owner=owner)
    return {folder.name: folder.parent.name if folder.parent else None for folder in folders}


def test_a_name_is_one_clean_line(alice: User) -> None:
    folder = create_folder(alice, "  two\nlines\0 \ud800 ")
    assert folder.name == "two lines\ufffd \ufffd"
    rename_folder(folder, "x" * 60)
    for name in ("", " \n ", "x" * 61):
        with pytest.raises(InvalidInputError):
            rename_folder(folder, name)


def test_folders_stand_only_so_deep_inside_each_other(alice: User) -> None:
    deepest = nested(alice, *"abcd"[:DEEPEST])[-1]
    with pytest.raises(InvalidInputError, match="at most 4 deep"):
        create_folder(alice, "e", deepest)
    outer, _ = nested(alice, "x", "y")
    with pytest.raises(InvalidInputError):
        move_folder(outer, deepest.parent)


def test_a_folder_can_not_be_moved_into_itself(alice: User) -> None:
    a, _, c = nested(alice, "a", "b", "c")
    for place in (a, c):
        with pytest.raises(ConflictError):
            move_folder(a, place)
    assert places(alice) == {"a": None, "b": "a", "c": "b"}


def test_moving_can_be_undone(alice: User) -> None:
    _, b, c = nested(alice, "a", "b", "c")
    step = move_folder(c, None)
    assert step.sentence == "Moved “\u2068c\u2069” to the list."
    undo(step)
    assert places(alice)["c"] == "b"
    with pytest.raises(NotFoundError):
        undo(step)
    undo_later = move_folder(c, None)
    move_folder(b, c)
    undo(undo_later)  # it would stand inside itself now: it stays
    assert places(alice) == {"a": None, "b": "c", "c": None}


def test_there_are_only_so_many_folders(alice: User) -> None:
    Folder.objects.bulk_create(Folder(owner=alice, name=str(number)) for number in range(MOST_FOLDERS))
    with pytest.raises(LimitError):
        create_folder(alice, "one more")


def test_what_a_folder_held_goes_back_to_the_list_and_undo_restores_it(alice: User) -> None:
    _, b, c = nested(alice, "a", "b", "c")
    rows = [Conversation.objects.create(owner=alice, folder=b) for _ in range(3)]
    step = delete_folder(b)
    assert step.sentence == "Deleted the folder “\u2068b\u2069”. 3 conversations went back to the list."
    assert Conversation.objects.owned_by(alice).recent().count() == 3
    assert places(alice) == {"a": None, "c": None}
    move_conversations(alice, rows[:1], c)
    undo(step)
    assert places(alice) == {"a": None, "b": "a", "c": "b"}
    assert set(Conversation.objects.values_list("folder", flat=True)) == {b.pk}


def test_a_folder_that_is_gone_takes_nothing(alice: User) -> None:
    folder = create_folder(alice, "a")
    row = Conversation.objects.create(owner=alice)
    Folder.objects.all().delete()
    with pytest.raises(NotFoundError):
        move_conversations(alice, [row], folder)
    with pytest.raises(NotFoundError):
        create_folder(alice, "b", folder)


def test_undoing_a_move_out_of_a_folder_that_is_gone_leaves_it_in_the_list(alice: User) -> None:
    folder = create_folder(alice, "a")
    row = Conversation.objects.create(owner=alice, folder=folder)
    step = move_conversations(alice, [row], None)
    delete_folder(folder)
    undo(step)
    row.refresh_from_db()
    assert row.folder is None


def test_folders_come_by_name_whatever_their_capitals(alice: User) -> None:
    for name in ("b", "C", "a"):
        create_folder(alice, name)
    assert [branch.folder.name for branch in grown(Folder.objects.all())] == ["a", "b", "C"]


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="one writer at a time anyway, and none beside it in memory")
@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_make_no_circle(alice: User) -> None:
    a, b = create_folder(alice, "a"), create_folder(alice, "b")
    barrier = threading.Barrier(2)
    outcomes: list[Any] = []

    def move(folder: Folder, parent: Folder) -> None:
        barrier.wait()
        try:
            outcomes.append(move_folder(folder, parent))
        except ChatError as error:
            outcomes.append(error)
        finally:
            connection.close()
            close_old_connections()

    threads = [threading.Thread(target=move, args=pair) for pair in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(each, ConflictError) for each in outcomes) == 1
    assert len([branch for root in grown(Folder.objects.all()) for branch in root.walk()]) == 2
