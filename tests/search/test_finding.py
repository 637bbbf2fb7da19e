"""Finding titles and messages: words, phrases, beginnings, scripts, rank, pages, and what it costs."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations import search
from conversations.actions.conversations import rename_conversation
from conversations.actions.messages import edit_message
from conversations.models import Conversation, LanguageModel, Message, Role, User
from tests.search.said import asked, marked, messages, texts, titles
from tests.trees import fresh, play, question_of

pytestmark = pytest.mark.django_db


def many(owner: User, count: int, text: str = "the common word", *, each: int = 1) -> list[Conversation]:
    """Conversations of some questions, a day between each, the oldest first."""
    now = timezone.now()
    conversations = [
        Conversation(owner=owner, title=f"Number {n}", created_at=now - timedelta(days=count - n)) for n in range(count)
    ]
    rows = [
        Message(conversation=c, role=Role.USER, text=f"{text} {n}", created_at=c.created_at)
        for c in conversations
        for n in range(each)
    ]
    Conversation.objects.bulk_create(conversations)
    Message.objects.bulk_create(rows)
    search.index_new([search.Entry.of_title(c) for c in conversations])
    search.index_new([search.Entry.of_message(row, owner.pk) for row in rows])
    return conversations


def test_all_words_must_occur(alice: User, model: LanguageModel) -> None:
    asked(alice, "red apples", "A green pear.")
    asked(alice, "red pears")
    assert messages(alice, "red apples ") == ["red apples"]
    assert messages(alice, "apples pear ") == []
    assert messages(alice, "red ") == ["red apples", "red pears"]


def test_answers_are_found_and_reasoning_is_not(alice: User, model: LanguageModel) -> None:
    answer = asked(alice, "Why?", "Because of entropy.")
    Message.objects.filter(pk=answer.pk).update(reasoning="secretly")
    search.index_messages([answer.pk])
    assert messages(alice, "entropy") == ["Because of entropy."]
    assert not messages(alice, "secretly")


def test_a_phrase_stands_in_order(alice: User, model: LanguageModel) -> None:
    asked(alice, "the budget of next year")
    asked(alice, "next year the budget")
    assert messages(alice, '"budget of next"') == ["the budget of next year"]
    assert messages(alice, '"budget of nex') == ["the budget of next year"]


def test_the_last_word_is_found_by_its_beginning(alice: User, model: LanguageModel) -> None:
    asked(alice, "some budgeting")
    assert messages(alice, "some budg") == ["some budgeting"]
    assert messages(alice, "some budg ") == []
    assert messages(alice, "budg some") == []


def test_titles_are_found_by_one_letter(alice: User, model: LanguageModel) -> None:
    rename_conversation(asked(alice, "Hello").conversation, "Quarterly numbers")
    assert titles(alice, "q") == ["Quarterly numbers"]
    assert titles(alice, "numb quar ") == []


def test_excluded_words_do_not_occur(alice: User, model: LanguageModel) -> None:
    asked(alice, "red apples and pears")
    asked(alice, "red apples")
    assert messages(alice, "apples -pears") == ["red apples"]
    assert messages(alice, 'red -"apples and"') == ["red apples"]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我们讨论了东京大学的研究", "大学"),
        ("我们讨论了东京大学的研究", "究"),
        ("東京大学でPython入門を学ぶ", "python入門"),
        ("ประเทศไทยสวยงาม", "สวย"),
        ("اللُّغة العربية جميلة", "العربيه جميله"),
        ("Die Größe der Straße", "strasse grosse"),
        ("Kỹ thuật phần mềm Đà Nẵng", "ky thuat da nang"),
        ("학교에서 만나요", "학교"),
        ("हिन्दी में लिखें", "हिन्दी"),
    ],
)
def test_any_script_is_found(alice: User, model: LanguageModel, text: str, query: str) -> None:
    asked(alice, text)
    asked(alice, "something else")
    found = search.search(alice, f"{query} ").hits
    assert {hit.message_id for hit in found if hit.message_id} == {Message.objects.get(text=text).pk}
    assert all(marked(hit) for hit in found if hit.message_id)


def test_identifiers_are_found_whole_and_by_parts(alice: User, model: LanguageModel) -> None:
    text = "call getUserName in src/app/main_file.py, see https://example.org/a-path"
    asked(alice, text)
    for query in ("getusername ", "user ", "app/main_file ", "main_file.py ", "example.org/a-path ", "main "):
        assert messages(alice, query) == [text], query


def test_titles_phrases_and_dense_texts_come_first(alice: User, model: LanguageModel) -> None:
    asked(alice, "a report: " + "many words stand between it " * 20 + "about sales")
    asked(alice, "the sales report")
    rename_conversation(asked(alice, "Hello").conversation, "Sales report")
    found = texts(alice, "sales report ")
    assert found[:3] == ["[Sales report]", "[the sales report]", "the sales report"]
    assert found[-1].startswith("a report: many words")


def test_of_equals_the_newest_comes_first(alice: User) -> None:
    many(alice, 3)
    assert [hit.title for hit in search.search(alice, "common ").hits] == ["Number 2", "Number 1", "Number 0"]


def test_a_conversation_shows_three_hits_and_says_how_many_more(alice: User) -> None:
    (conversation,) = many(alice, 1, each=10)
    hits = search.search(alice, "common ").hits
    assert (len(hits), hits[0].more) == (3, 7)
    assert len(search.search(alice, "common ", conversation=conversation).hits) == 10


def test_pages_follow_each_other_to_the_oldest(alice: User) -> None:
    conversations = many(alice, 450)
    found, cursor = [], ""
    for _ in range(12):
        page = search.search(alice, "common ", limit=50, after=cursor)
        found += [hit.conversation_id for hit in page.hits]
        cursor = page.cursor
        if not cursor:
            break
    assert cursor == ""
    assert found == [conversation.pk for conversation in reversed(conversations)]


def test_a_made_up_cursor_is_the_first_page(alice: User) -> None:
    many(alice, 2)
    for cursor in ("x", "r.1.1", "o." + "9" * 30, "r.999999999999.999999999999.9999999999999999999"):
        search.search(alice, "common ", after=cursor)
    assert len(search.search(alice, "common ", after="nonsense").hits) == 2


@pytest.mark.parametrize("query", ["common ", "common word ", "comm", '"common word"', "is:pinned common", "nothing"])
def test_the_number_of_queries_does_not_grow(alice: User, query: str) -> None:
    counts = []
    for size in (3, 57):
        for conversation in many(alice, size):
            conversation.pinned_at = timezone.now()
            conversation.save(update_fields=["pinned_at"])
        search.search(alice, query)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            search.search(alice, query)
        counts.append(len(captured))
    assert counts[1] <= counts[0] <= 20


def test_matches_within_stand_in_reading_order_shown_branch_first(alice: User, model: LanguageModel) -> None:
    first = asked(alice, "an apple", "no")
    hidden = asked(alice, "apple again", "apple pie", under=first)
    edit_message(alice, question_of(hidden), text="one apple more", client_id=uuid.uuid4())
    play("an apple a day")
    conversation = fresh(first).conversation
    found = search.matches_in(conversation, "apple ")
    assert [Message.objects.get(pk=pk).text for pk in found] == [
        "an apple",
        "one apple more",
        "an apple a day",
        "apple again",
        "apple pie",
    ]
