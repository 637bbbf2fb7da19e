"""Queries that are compiled once give what the same queries give when they are compiled each time."""

import threading
import uuid
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from conversations.actions import runs
from conversations.consumers import deeds, frames
from conversations.generation import endings
from conversations.models import Conversation, Generation, LanguageModel, Message, User, usage
from conversations.models import messages as message_models
from conversations.models.prepared import Prepared
from tests.trees import answered, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(alice: User, bob: User, model: LanguageModel) -> list[Generation]:
    """A run of each person, ended, in a conversation of their own; each has asked for another since."""
    ended = [answered(person) for person in (alice, bob)]
    for person in (alice, bob):
        say(person)
    return [Generation.objects.select_related("message").get(message=each) for each in ended]


def found(query: Prepared[Any], *values: Any) -> list[Any]:
    """What it gives, after it was asked for something else first."""
    query(*(uuid.uuid4() if isinstance(value, uuid.UUID) else -1 for value in values))
    return [_all_of(row) for row in query(*values)]


def _all_of(row: Any) -> Any:
    """Its columns and what was annotated, those of related rows too."""
    if not isinstance(row, models.Model):
        return row
    related = {name: _all_of(each) for name, each in row._state.fields_cache.items()}
    return {name: value for name, value in vars(row).items() if name != "_state"} | related


def plain(query: Prepared[Any], *values: Any) -> list[Any]:
    return [_all_of(row) for row in query._build(*values)]


def test_all_that_are_prepared_give_what_they_say(two: list[Generation]) -> None:
    for row in two:
        asked: list[tuple[Prepared[Any], tuple[Any, ...]]] = [
            (deeds._MODEL_TO_SEND, (row.model_id,)),
            (runs._UNFINISHED_OF, (row.owner_id,)),
            (frames._OWN, (row.owner_id, row.conversation_id)),
            (frames._OWN_ROW, (row.owner_id, row.conversation_id)),
            (endings._ENDED, (row.pk,)),
            (usage._ENTRIES_OF, (row.conversation_id,)),
            (message_models._RUNS_OF_ONE, (row.message_id,)),
            (message_models._ONE_LIVE, (row.conversation_id, row.message_id)),
            (message_models._CHILDREN, (row.conversation_id, row.message.parent_id)),
        ]
        for query, values in asked:
            assert found(query, *values) == plain(query, *values) != []


def test_somebody_elses_conversation_is_not_among_ones_own(two: list[Generation], bob: User) -> None:
    assert frames._OWN.first(bob.pk, two[0].conversation_id) is None
    assert frames._OWN.first(bob.pk, two[1].conversation_id) == two[1].conversation


def test_it_is_one_query_as_django_would_put_it(two: list[Generation]) -> None:
    query = Prepared(lambda pk: Message.objects.filter(pk=pk), uuid.UUID)
    with CaptureQueriesContext(connection) as queries:
        (row,) = query(two[0].message_id)
        assert list(Message.objects.filter(pk=two[0].message_id)) == [row]
    first, second = (each["sql"] for each in queries.captured_queries)
    assert first == second


def test_a_row_that_changed_meanwhile_is_read_anew(two: list[Generation]) -> None:
    query = Prepared(lambda pk: Conversation.objects.filter(pk=pk), uuid.UUID)
    pk = two[0].conversation_id
    assert query(pk)[0] is not query(pk)[0]
    Conversation.objects.filter(pk=pk).update(title="Another one")
    assert query(pk)[0].title == "Another one"


def test_a_value_may_stand_in_several_places(two: list[Generation]) -> None:
    query = Prepared(
        lambda pk: Message.objects.filter(models.Q(pk=pk) | models.Q(parent=pk)).values_list("pk", flat=True), uuid.UUID
    )
    question = two[1].message.parent_id
    assert set(query(question)) == {question, two[1].message_id}


def test_one_that_leaves_a_value_out_is_refused() -> None:
    with pytest.raises(TypeError):
        Prepared(lambda pk, _other: Message.objects.filter(pk=pk), uuid.UUID, uuid.UUID)(uuid.uuid4(), uuid.uuid4())


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_share_what_they_ask(two: list[Generation]) -> None:
    query = Prepared(lambda pk: Conversation.objects.filter(pk=pk), uuid.UUID)
    wrong: list[object] = []

    def ask(pk: uuid.UUID) -> None:
        try:
            for _ in range(200):
                wrong.extend(row.pk for row in query(pk) if row.pk != pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(row.conversation_id,)) for row in two * 2]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []
