"""A damaged index is noticed and put right."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from conversations.models import LanguageModel, Message, SearchDocument, User
from conversations.search import rebuilding
from tests.search.said import asked, messages, texts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def said(alice: User, model: LanguageModel) -> None:
    for number in range(3):
        asked(alice, f"walnut {number}", "no")


ALL = ["walnut 0", "walnut 1", "walnut 2"]


def reindex(*arguments: str) -> str:
    out = StringIO()
    call_command("reindex_search", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def damage() -> None:
    """One document is lost, one has lost its words, one is of an older version."""
    first, second, third = SearchDocument.objects.filter(message__text__startswith="walnut").order_by("pk")
    first.delete()
    SearchDocument.objects.filter(pk=second.pk).update(version=0)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM conversations_searchwords_docsize WHERE id = %s", [third.pk])
        else:
            cursor.execute("UPDATE conversations_searchdocument SET words = NULL WHERE id = %s", [third.pk])


def test_a_right_index_is_left_alone(alice: User) -> None:
    assert "Messages: 6 of 6" in reindex("--check")
    assert reindex() == "Everything was right.\n"


def test_a_damaged_index_is_noticed(alice: User) -> None:
    damage()
    with pytest.raises(CommandError, match="run reindex_search"):
        reindex("--check")


def test_a_damaged_index_is_put_right(alice: User) -> None:
    damage()
    assert len(texts(alice, "walnut")) < 6
    reindex()
    assert messages(alice, "walnut ") == ALL
    assert rebuilding.count().is_right


def test_the_index_can_be_made_anew(alice: User) -> None:
    SearchDocument.objects.filter(message__text="walnut 1").delete()
    Message.objects.filter(text="walnut 2").update(text="walnut 3")
    assert reindex("--anew").startswith("Put right 9")
    assert messages(alice, "walnut ") == ["walnut 0", "walnut 1", "walnut 3"]
    counts = rebuilding.count()
    assert (counts.is_right, counts.orphans) == (True, 0)


def test_it_can_be_ended_and_goes_on(alice: User) -> None:
    rebuilding.clear()
    next(rebuilding.rebuild())
    assert "Put right 6" in reindex()
    assert messages(alice, "walnut ") == ALL
