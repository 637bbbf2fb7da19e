"""Filters of a search, each."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from conversations import search
from conversations.actions.images import ImageGiven
from conversations.actions.members import invite
from conversations.actions.messages import send_message
from conversations.models import (
    Conversation,
    Folder,
    GenerationStatus,
    LanguageModel,
    Message,
    Tag,
    User,
)
from conversations.models.ids import new_id
from tests.search.said import asked, messages, titles
from tests.trees import other_model, play, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(alice: User, model: LanguageModel) -> Conversation:
    """A conversation with one question, "a plum", and one answer, "the plum"."""
    return asked(alice, "a plum", "the plum").conversation


@pytest.fixture
def other(alice: User, model: LanguageModel) -> Conversation:
    return asked(alice, "another plum", "no").conversation


def put(conversation: Conversation, **values: object) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(**values)


def test_from_tells_people_and_models_apart(alice: User, mine: Conversation) -> None:
    assert messages(alice, "from:me plum") == ["a plum"]
    assert messages(alice, "from:model plum") == ["the plum"]
    assert messages(alice, "-from:me plum") == ["the plum"]


def test_model_is_found_by_any_word_of_its_name(alice: User, model: LanguageModel) -> None:
    answer = asked(alice, "a plum", "the plum")
    Message.objects.filter(pk=answer.pk).update(model_name="GPT-4.1 mini")
    search.index_messages([answer.pk])
    for name in ("gpt-4", "GPT-4.1", "mini", "gpt", '"gpt-4.1 mini"'):
        assert messages(alice, f"model:{name} plum") == ["the plum"], name
    assert messages(alice, "model:oak plum") == []
    assert messages(alice, "model:oak model:mini plum") == ["the plum"]


def test_folder_holds_what_is_inside_folders_in_it(alice: User, mine: Conversation, other: Conversation) -> None:
    work = Folder.objects.create(owner=alice, name="Größeres")
    put(mine, folder=Folder.objects.create(owner=alice, name="Inner", parent=work))
    assert messages(alice, "folder:grosseres plum") == ["a plum", "the plum"]
    assert messages(alice, "-folder:grosseres plum") == ["another plum"]


def test_tag(alice: User, mine: Conversation, other: Conversation) -> None:
    mine.tags.add(Tag.objects.create(owner=alice, name="To do"))
    assert messages(alice, 'tag:"to do" plum') == ["a plum", "the plum"]
    assert messages(alice, '-tag:"to do" plum') == ["another plum"]


def test_others_folders_and_tags_are_unknown(alice: User, bob: User, mine: Conversation) -> None:
    Folder.objects.create(owner=bob, name="Secret")
    Tag.objects.create(owner=bob, name="Hidden")
    results = search.search(alice, "folder:secret tag:hidden plum")
    assert set(results.notes) == {"You have no folder “secret”.", "You have no tag “hidden”."}
    assert len(results.hits) == 3


def test_days(alice: User, mine: Conversation) -> None:
    for day in (datetime(2025, 3, 1, 12, tzinfo=UTC), datetime(2025, 4, 1, 0, tzinfo=UTC)):
        message = Message(conversation=mine, role="user", text=f"plum of {day:%B}", created_at=day)
        message.save(force_insert=True)
        search.index_new([search.Entry.of_message(message, alice.pk)])
    assert messages(alice, "before:2025-04 plum") == ["plum of March"]
    assert messages(alice, "after:2025-04 before:2026 plum") == ["plum of April"]
    assert messages(alice, "after:2025 before:2025-12-31 plum") == ["plum of April", "plum of March"]
    assert messages(alice, "after:yesterday plum") == ["a plum", "the plum"]
    assert messages(alice, "before:7d plum") == ["plum of April", "plum of March"]


def test_a_title_is_as_new_as_its_conversation(alice: User, mine: Conversation) -> None:
    put(mine, created_at=datetime(2020, 1, 1, tzinfo=UTC))
    search.forget_conversations([mine.pk])
    search.index_conversations([mine.pk])
    assert titles(alice, "after:today plum") == ["a plum"]
    assert titles(alice, "before:2021 plum") == []


def test_has(alice: User, model: LanguageModel) -> None:
    asked(alice, "a plum", "plum:\n```python\nx\n```")
    say(alice, "plum two")
    play("half a plum", status=GenerationStatus.FAILED)
    assert messages(alice, "has:code plum") == ["plum:\n```python\nx\n```"]
    assert messages(alice, "has:error plum") == ["half a plum"]


def test_has_image(alice: User, model: LanguageModel) -> None:
    model.abilities = ["vision"]
    model.save()
    image = ImageGiven(url="https://example.org/plum.png")
    given = {"conversation": None, "parent": None, "model": None, "client_id": new_id()}
    send_message(alice, text="this plum", images=[image], **given)  # type: ignore[arg-type]
    asked(alice, "a plum")
    assert messages(alice, "has:image plum") == ["this plum"]
    assert messages(alice, "has:images ") == ["this plum"]


def test_is(alice: User, bob: User, mine: Conversation, other: Conversation) -> None:
    put(mine, archived_at=timezone.now())
    put(other, pinned_at=timezone.now())
    assert messages(alice, "plum") == ["a plum", "another plum", "the plum"]
    assert messages(alice, "is:archived plum") == ["a plum", "the plum"]
    assert messages(alice, "-is:archived plum") == ["another plum"]
    assert messages(alice, "is:pinned plum") == ["another plum"]
    assert messages(alice, "is:shared plum") == []
    invite(alice, other, bob, "viewer")
    assert messages(alice, "is:shared plum") == ["another plum"]
    assert messages(bob, "is:shared plum") == ["another plum"]


def test_filters_alone_list_titles(alice: User, mine: Conversation, other: Conversation) -> None:
    put(mine, archived_at=timezone.now())
    assert titles(alice, "is:archived") == ["a plum"]


@pytest.mark.parametrize(
    "query", ["from:bob", "has:legs", "is:nice", "before:soon", "folder:none", "tag:none", "model:!"]
)
def test_what_a_filter_does_not_know_is_said_and_the_rest_searched(alice: User, mine: Conversation, query: str) -> None:
    results = search.search(alice, f"{query} plum")
    assert len(results.notes) == 1
    assert len(results.hits) == 3


def test_many_conversations_can_be_filtered(alice: User, model: LanguageModel) -> None:
    rows = [Conversation(owner=alice, title=f"plum {n}", archived_at=timezone.now()) for n in range(400)]
    Conversation.objects.bulk_create(rows)
    search.index_new([search.Entry.of_title(row) for row in rows])
    other_model()
    asked(alice, "plum left")
    assert len(search.search(alice, "is:archived plum", limit=100).hits) == 100
    assert messages(alice, "-is:archived plum") == ["plum left"]
