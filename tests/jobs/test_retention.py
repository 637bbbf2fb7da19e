"""How long things are kept: the bin, temporary conversations, rules of the site and of groups."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations import search
from conversations.actions.bins import remove_for_good
from conversations.actions.conversations import delete_conversation, restore_conversation
from conversations.actions.files import store_image
from conversations.jobs.removal import remove_conversations
from conversations.jobs.retention import STEP, days_kept, tidy_step
from conversations.models import (
    Conversation,
    File,
    Generation,
    GroupRetention,
    Message,
    MessageImage,
    SitePolicy,
    Usage,
    User,
)
from tests.media.pictures import drawing
from tests.trees import answered, say

pytestmark = pytest.mark.usefixtures("model")
NOW = timezone.now()


def tidy(now: datetime) -> int:
    """All steps that are due; how many things they did."""
    done = 0
    while step := tidy_step(now):
        done += step
    return done


def deleted(owner: User) -> Conversation:
    conversation = answered(owner).conversation
    delete_conversation(conversation)
    return conversation


def test_the_bin_is_kept_for_thirty_days_and_then_gone(alice: User) -> None:
    conversation = deleted(alice)
    assert tidy(NOW + timedelta(days=29, hours=23)) == 0
    assert tidy(NOW + timedelta(days=30, hours=1)) == 1
    assert not Conversation.objects.filter(pk=conversation.pk).exists()
    assert not Message.objects.filter(conversation=conversation.pk).exists()
    assert not Generation.objects.filter(conversation=conversation.pk).exists()


def test_what_it_cost_stays_in_the_ledger(alice: User) -> None:
    conversation = deleted(alice)
    tidy(NOW + timedelta(days=31))
    assert Usage.objects.filter(conversation_id=conversation.pk).count() == 1


def test_its_pictures_go_with_it_unless_something_else_uses_them(alice: User) -> None:
    (alone, _), (twice, _) = store_image(alice, "a.png", drawing(60)), store_image(alice, "b.png", drawing(70))
    gone, kept = answered(alice), answered(alice)
    for position, (message, file) in enumerate([(gone, alone), (gone, twice), (kept, twice)]):
        MessageImage.objects.create(message=message, position=position, file=file)
    delete_conversation(gone.conversation)
    tidy(NOW + timedelta(days=31))
    assert list(File.objects.all()) == [twice]
    assert not alone.place.exists()
    assert twice.place.exists()


def test_an_admin_decides_how_long_the_bin_keeps(alice: User) -> None:
    SitePolicy.objects.create(bin_days=2)
    deleted(alice)
    assert tidy(NOW + timedelta(days=3)) == 1


def test_a_conversation_of_ten_thousand_messages_can_be_removed(alice: User) -> None:
    conversation = answered(alice).conversation
    parent = conversation.selected_leaf
    rows = []
    for _ in range(10_000):
        parent = Message(conversation=conversation, parent=parent, role="user", text="x")
        rows.append(parent)
    Message.objects.bulk_create(rows, batch_size=500)
    delete_conversation(conversation)
    assert tidy(NOW + timedelta(days=31)) == 1
    assert not Message.objects.filter(conversation=conversation.pk).exists()


def test_what_is_removed_for_good_is_gone_at_once_and_for_its_owner_alone(alice: User, bob: User) -> None:
    mine, theirs = deleted(alice), deleted(bob)
    assert remove_for_good(alice, [mine.pk, theirs.pk]) == 1
    assert not Conversation.objects.deleted_by(alice).exists()
    assert tidy(NOW) == 1
    assert list(Conversation.objects.all()) == [theirs]


def test_temporary_ones_are_gone_after_a_day_without_a_word(alice: User) -> None:
    conversation = answered(alice).conversation
    Conversation.objects.filter(pk=conversation.pk).update(is_temporary=True)
    assert tidy(NOW + timedelta(hours=23)) == 0
    assert tidy(NOW + timedelta(hours=25)) == 1
    assert not Conversation.objects.exists()


@pytest.fixture
def group(alice: User) -> Group:
    group = Group.objects.create(name="Trainees")
    alice.groups.add(group)
    return group


def test_a_group_has_its_own_time_and_the_shortest_holds(alice: User, bob: User, group: Group) -> None:
    SitePolicy.objects.create(retention_days=100)
    GroupRetention.objects.create(group=group, days=50)
    other = Group.objects.create(name="Guests")
    alice.groups.add(other)
    GroupRetention.objects.create(group=other, days=10)
    assert (days_kept(alice.pk), days_kept(bob.pk)) == (10, 100)
    short, long = answered(alice).conversation, answered(bob).conversation
    assert tidy(NOW + timedelta(days=11)) == 1
    assert Conversation.objects.deleted_by(alice).get() == short
    assert tidy(NOW + timedelta(days=99)) == 1, "alice's, long in the bin"
    assert Conversation.objects.get() == long
    assert tidy_step(NOW + timedelta(days=101)) == 1
    assert Conversation.objects.deleted_by(bob).get() == long


def test_without_a_rule_everything_is_kept(alice: User) -> None:
    answered(alice)
    assert days_kept(alice.pk) is None
    assert tidy(NOW + timedelta(days=9999)) == 0


def test_where_an_answer_still_runs_nothing_is_retired(alice: User) -> None:
    SitePolicy.objects.create(retention_days=1)
    say(alice)
    assert tidy(NOW + timedelta(days=5)) == 0


def test_what_the_rule_puts_into_the_bin_is_not_found_any_more(alice: User) -> None:
    SitePolicy.objects.create(retention_days=1)
    answered(alice, "Where is the pomegranate?")
    assert search.search(alice, "pomegranate").hits
    tidy(NOW + timedelta(days=5))
    assert not search.search(alice, "pomegranate").hits


def test_a_full_bin_is_emptied_in_small_steps(alice: User) -> None:
    """Others write between them."""
    rows = [Conversation(owner=alice, title=f"{n}", deleted_at=NOW - timedelta(days=40)) for n in range(10_000)]
    Conversation.objects.bulk_create(rows, batch_size=500)
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            assert tidy_step(NOW) == STEP
        counts.append(len(queries))
    assert max(counts) < 40
    assert Conversation.objects.count() == 10_000 - 3 * STEP


def test_what_was_brought_back_meanwhile_stays(alice: User) -> None:
    kept, gone = deleted(alice), deleted(alice)
    due = Conversation.objects.filter(deleted_at__isnull=False)
    ids = [kept.pk, gone.pk]
    restore_conversation(kept)
    assert remove_conversations(ids, among=due) == 1
    assert Message.objects.filter(conversation=kept).exists()


def test_what_was_removed_for_good_can_be_imported_again(alice: User) -> None:
    conversation = deleted(alice)
    Conversation.objects.filter(pk=conversation.pk).update(import_key="chatgpt:1:abc")
    remove_for_good(alice)
    Conversation.objects.create(owner=alice, import_key="chatgpt:1:abc")
