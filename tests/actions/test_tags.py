"""Tags: put on and taken off many at once, named once whatever the capitals, brought back by Undo."""

import pytest

from conversations.actions.tags import TAGS_OF_ONE, delete_tag, rename_tag, tag_conversations
from conversations.actions.undo_steps import undo
from conversations.exceptions import ConflictError, InvalidInputError, LimitError
from conversations.models import Conversation, Tag, User
from conversations.models.folders import MOST_TAGS

pytestmark = pytest.mark.django_db


def named(conversation: Conversation) -> set[str]:
    return set(conversation.tags.values_list("name", flat=True))


def test_tags_are_put_on_and_taken_off_and_undo_restores_each(alice: User) -> None:
    one, two = (Conversation.objects.create(owner=alice) for _ in range(2))
    tag_conversations(alice, [one], new=["old"])
    old = Tag.objects.get()
    step = tag_conversations(alice, [one, two], new=["new", "other"], remove=[old])
    assert (named(one), named(two)) == ({"new", "other"}, {"new", "other"})
    undo(step)
    assert (named(one), named(two)) == ({"old"}, set())


def test_a_tag_of_the_same_name_is_the_same_tag(alice: User, carol: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    for name in ("Größe", "GRÖSSE", " größe "):
        tag_conversations(alice, [conversation], new=[name])
    assert named(conversation) == {"Größe"}
    tag_conversations(carol, [Conversation.objects.create(owner=carol)], new=["Größe"])
    assert Tag.objects.count() == 2


def test_a_name_that_is_taken_is_refused(alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    tag_conversations(alice, [conversation], new=["a", "b"])
    with pytest.raises(ConflictError):
        rename_tag(Tag.objects.get(name="a"), "B")
    rename_tag(Tag.objects.get(name="a"), "A")
    assert named(conversation) == {"A", "b"}


def test_a_deleted_tag_comes_back_where_it_was(alice: User) -> None:
    rows = [Conversation.objects.create(owner=alice) for _ in range(3)]
    tag_conversations(alice, rows[:2], new=["a"])
    step = delete_tag(Tag.objects.get())
    assert named(rows[0]) == set()
    undo(step)
    assert [named(row) for row in rows] == [{"a"}, {"a"}, set()]


def test_there_are_only_so_many_tags(alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    with pytest.raises(InvalidInputError):
        tag_conversations(alice, [conversation], new=[str(number) for number in range(TAGS_OF_ONE + 1)])
    Tag.objects.all().delete()
    Tag.objects.bulk_create(Tag(owner=alice, name=str(number)) for number in range(MOST_TAGS))
    with pytest.raises(LimitError):
        tag_conversations(alice, [conversation], new=["one more"])
