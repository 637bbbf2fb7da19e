"""The archive, and what is done to many conversations at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.actions.conversations import pin_conversation
from conversations.actions.selections import archive_conversations, delete_conversations
from conversations.actions.undo_steps import undo
from conversations.models import Conversation, LanguageModel, UndoStep, User
from tests.trees import answered, fresh, say

pytestmark = pytest.mark.django_db


def test_archiving_unpins_and_undo_pins_at_the_same_place(alice: User) -> None:
    row, other = (Conversation.objects.create(owner=alice, title=title) for title in "ab")
    pin_conversation(row, is_pinned=True)
    pin_conversation(other, is_pinned=True)
    pinned_at = row.pinned_at
    step = archive_conversations(alice, [row], is_archived=True)
    assert step.sentence == "Archived “\u2068a\u2069”."
    row.refresh_from_db()
    assert (row.is_archived, row.is_pinned, row.place_for(alice)) == (True, False, "")
    assert not Conversation.objects.owned_by(alice).recent().exists()
    undo(step)
    row.refresh_from_db()
    assert (row.is_archived, row.pinned_at) == (False, pinned_at)


def test_a_new_message_brings_a_conversation_back_from_the_archive(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    archive_conversations(alice, [answer.conversation], is_archived=True)
    say(alice, "And now?", under=fresh(answer))
    assert not Conversation.objects.get().is_archived


def test_undo_touches_only_what_the_deed_changed(alice: User) -> None:
    rows = [Conversation.objects.create(owner=alice) for _ in range(3)]
    archive_conversations(alice, rows[:1], is_archived=True)
    archived = list(Conversation.objects.order_by("pk"))
    step = archive_conversations(alice, archived, is_archived=True)
    undo(step)
    assert Conversation.objects.exclude(archived_at=None).count() == 1


def test_what_was_deleted_together_comes_back_together(alice: User) -> None:
    rows = [Conversation.objects.create(owner=alice) for _ in range(3)]
    step = delete_conversations(alice, rows[:2])
    assert step.sentence == "Deleted 2 conversations."
    assert Conversation.objects.owned_by(alice).count() == 1
    undo(step)
    assert Conversation.objects.owned_by(alice).count() == 3


def test_archiving_many_takes_as_many_queries_as_archiving_few(alice: User) -> None:
    counts = []
    for count in (3, 60):
        rows = Conversation.objects.bulk_create(Conversation(owner=alice) for _ in range(count))
        with CaptureQueriesContext(connection) as queries:
            archive_conversations(alice, rows, is_archived=True)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert UndoStep.objects.count() == 2
