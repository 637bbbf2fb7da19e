"""Conversations: titles and the order of the sidebar."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from conversations.models import Conversation, User
from conversations.models.conversations import UNTITLED, title_from


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("How  are\nyou?", "How are you?"),
        ("   ", UNTITLED),
        ("x" * 100, "x" * 59 + "…"),
        ("word " * 30, ("word " * 12).strip() + "…"),
        ("short " + "y" * 90, "short " + "y" * 53 + "…"),
    ],
)
def test_a_title_is_made_of_the_first_words(text: str, title: str) -> None:
    assert title_from(text) == title
    assert len(title_from(text)) <= 60


@pytest.mark.django_db
def test_keyset_pages_hold_everything_once_also_where_times_are_equal(alice: User) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(25):
        Conversation.objects.create(owner=alice, title=str(number), active_at=moment + timedelta(hours=number // 5))
    seen: list[Conversation] = []
    before = None
    while page := list(Conversation.objects.visible_to(alice).recent(before)[:4]):
        seen += page
        before = page[-1].active_at, page[-1].pk
    assert len({row.pk for row in seen}) == len(seen) == 25
    assert [row.active_at for row in seen] == sorted((row.active_at for row in seen), reverse=True)


@pytest.mark.django_db
def test_a_row_that_becomes_active_while_paging_is_not_lost_below(alice: User) -> None:
    rows = [Conversation.objects.create(owner=alice) for _ in range(6)]
    first = list(Conversation.objects.visible_to(alice).recent()[:3])
    Conversation.objects.filter(pk=rows[0].pk).update(active_at=timezone.now())
    rest = list(Conversation.objects.visible_to(alice).recent((first[-1].active_at, first[-1].pk)))
    assert {row.pk for row in first + rest} == {row.pk for row in rows[1:]}


@pytest.mark.django_db
def test_nobody_and_strangers_see_nothing(alice: User, carol: User) -> None:
    Conversation.objects.create(owner=alice)
    assert not Conversation.objects.visible_to(AnonymousUser()).exists()
    assert not Conversation.objects.visible_to(carol).exists()
    assert not Conversation.objects.deleted_by(carol).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "group"), [(0, "today"), (1, "yesterday"), (3, "week"), (7, "week"), (40, None)])
def test_groups_follow_days_of_the_active_time_zone(alice: User, days: int, group: str | None) -> None:
    moment = timezone.now() - timedelta(days=days)
    conversation = Conversation(owner=alice, active_at=moment)
    assert conversation.group == (group or f"{timezone.localdate(moment):%Y-%m}")


@pytest.mark.django_db
def test_every_change_counts_also_where_somebody_else_counted_meanwhile(alice: User) -> None:
    row = Conversation.objects.create(owner=alice)
    stale = Conversation.objects.get(pk=row.pk)
    row.touch(title="One")
    stale.touch(title="Two")
    assert (row.revision, stale.revision) == (1, 2)
    row.refresh_from_db()
    assert (row.title, row.revision) == ("Two", 2)
