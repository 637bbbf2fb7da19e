"""The page for searching, what the palette lists, and finding in one conversation."""

import html
import re
import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations.actions.conversations import rename_conversation
from conversations.actions.messages import regenerate_answer
from conversations.forms.searches import LONGEST, written
from conversations.models import Conversation, Folder, LanguageModel, Message, Tag, User
from conversations.templatetags.searches import when
from tests.trees import answered, play, question_of
from tests.views.pages import DATA, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]
SEARCH, HITS = "/search/", "/search/hits/"


@pytest.fixture
def hers(client: Client, alice: User, model: LanguageModel) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def page(client: Client, address: str, **query: str) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return text_of(response)


def links(text: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="(/conversations/[^"]+)"', text)]


def find(client: Client, conversation: Conversation, **query: str) -> Any:
    address = reverse("conversation-find", args=[conversation.pk])
    return client.get(address, query, headers=DATA).json()["matches"]


@pytest.mark.parametrize("address", [SEARCH, HITS])
def test_a_hit_is_marked_and_leads_to_its_message(hers: Client, alice: User, address: str) -> None:
    answer = answered(alice, "Hello", answer="The quick brown fox.")
    text = page(hers, address, q="quick brow")
    assert "<mark>quick</mark> <mark>brown</mark> fox" in text
    message = urlsplit(links(text)[0])
    assert message.path == reverse("conversation-detail", args=[answer.conversation_id])
    assert parse_qs(message.query) == {"message": [str(answer.pk)], "q": ["quick brow"]}
    assert message.fragment == f"message-{answer.pk}"


@pytest.mark.parametrize("address", [SEARCH, HITS])
def test_what_people_and_models_wrote_is_never_markup(hers: Client, alice: User, address: str) -> None:
    answer = answered(alice, "Hello", answer="zebra <img src=x onerror=alert(1)> <b>zebra</b>")
    rename_conversation(answer.conversation, "<i>zebra</i> “title”")
    text = page(hers, address, q='zebra <script>alert("q")</script>')
    text += page(hers, address, q="zebra")
    assert not re.search(r"<(img|i|b|script)\b(?! )[^>]*(onerror|>zebra)|<script>", text)
    assert "&lt;i&gt;<mark>zebra</mark>&lt;/i&gt;" in text
    assert "&lt;script&gt;" in text


def test_a_title_is_found_too(hers: Client, alice: User) -> None:
    answer = answered(alice)
    rename_conversation(answer.conversation, "Notes about kangaroos")
    text = page(hers, SEARCH, q="kangaroo")
    assert "Notes about <mark>kangaroos</mark>" in text
    assert links(text) == [reverse("conversation-detail", args=[answer.conversation_id])]


@pytest.mark.parametrize("address", [SEARCH, HITS])
def test_a_stranger_finds_nothing(client: Client, alice: User, carol: User, model: LanguageModel, address: str) -> None:
    answered(alice, "The secret is pelican")
    client.force_login(carol)
    text = page(client, address, q="pelican")
    assert links(text) == []
    assert "Nothing found" in text


@pytest.mark.parametrize("address", [SEARCH, HITS])
def test_no_cache_keeps_a_search(hers: Client, address: str) -> None:
    assert hers.get(address, {"q": "x"}).headers["Cache-Control"] == "private, no-store"


def test_a_misspelt_word_is_said_to_be_one(hers: Client, alice: User) -> None:
    answered(alice, "About the constellation of Orion")
    text = page(hers, SEARCH, q="constelation")
    assert "Nothing for “<bdi>constelation</bdi>”. Showing results for “<bdi>constellation</bdi>”." in text
    assert "<mark>constellation</mark>" in text
    assert {parse_qs(urlsplit(link).query).get("q", [""])[0] for link in links(text)} == {"", "constellation"}


def test_more_results_are_a_link_away_and_none_comes_twice(hers: Client, alice: User) -> None:
    for number in range(45):
        answered(alice, f"marmot number {number}", answer="Yes.")
    found, text, pages = [], page(hers, SEARCH, q="marmot"), 1
    found += links(text)
    while more := re.search(r'href="(/search/\?[^"]+)">More results', text):
        text, pages = text_of(hers.get(html.unescape(more[1]))), pages + 1
        found += links(text)
    assert pages > 2
    assert len(found) == len(set(found))
    assert len({urlsplit(link).path for link in found}) == 45


@pytest.mark.parametrize("address", [SEARCH, HITS])
def test_the_number_of_queries_does_not_grow_with_the_hits(hers: Client, alice: User, address: str) -> None:
    counts = []
    page(hers, address, q="otter")  # the session is new
    for count in (3, 57):
        for number in range(count):
            answered(alice, f"otter {number}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(hers, address, q="otter")
        counts.append(len(queries))
    assert counts[1] <= counts[0] <= 14


def test_a_chosen_filter_writes_itself_into_the_text(hers: Client) -> None:
    form = {"was": "fox from:me", "q": "fox from:me", "from": "model", "tag": "two words", "has": ""}
    response = hers.get(SEARCH, form)
    assert parse_qs(urlsplit(response.headers["Location"]).query) == {"q": ['fox from:model tag:"two words"']}


def test_a_filter_that_was_typed_counts_where_its_field_was_left_alone(hers: Client) -> None:
    form = {"was": "fox", "q": "fox has:code", "from": "", "has": "", "tag": ""}
    response = hers.get(SEARCH, form)
    assert parse_qs(urlsplit(response.headers["Location"]).query) == {"q": ["fox has:code"]}


def test_an_emptied_field_takes_its_filter_away() -> None:
    assert written('a from:me "b c" tag:"x y" d', {"tag": "", "from": "model"}) == 'a "b c" d from:model'


def test_the_fields_show_what_the_text_says(hers: Client, alice: User) -> None:
    Folder.objects.create(owner=alice, name="Work in progress")
    text = page(hers, SEARCH, q='fox from:ME folder:"work in progress" model:unknown after:2026-01-31')
    assert '<option value="me" selected>' in text
    assert '<option value="Work in progress" selected>' in text
    assert '<option value="unknown" selected>' in text
    assert '<input type="date" name="after" value="2026-01-31">' in text
    assert '<input type="text" name="before" value="7d">' in page(hers, SEARCH, q="before:7d")


def test_the_palette_offers_only_ones_own_words(hers: Client, alice: User, carol: User) -> None:
    for owner, name in ((alice, "hers"), (carol, "theirs")):
        Folder.objects.create(owner=owner, name=f"folder {name}")
        Tag.objects.create(owner=owner, name=f"tag {name}")
    text = page(hers, HITS, frame="1")
    assert "folder hers" in text
    assert "tag hers" in text
    assert "theirs" not in text
    assert '<option value="Oak"' in text


def test_the_admin_is_a_command_of_admins(client: Client, alice: User, dana: User, model: LanguageModel) -> None:
    client.force_login(alice)
    assert "command-admin" not in page(client, HITS, frame="1")
    client.force_login(dana)
    assert "command-admin" in page(client, HITS, frame="1")


def test_without_words_the_palette_lists_what_was_active_last(hers: Client, alice: User, carol: User) -> None:
    model = LanguageModel.objects.get()
    now = timezone.now()
    for number, title in enumerate(("newest", "older", "archived", "temporary", "deleted", "pinned")):
        Conversation.objects.create(
            owner=alice, title=title, model=model, active_at=now - timedelta(hours=number),
            archived_at=now if title == "archived" else None, is_temporary=title == "temporary",
            deleted_at=now if title == "deleted" else None, pinned_at=now if title == "pinned" else None,
        )  # fmt: skip
    Conversation.objects.create(owner=carol, title="not hers")
    text = page(hers, HITS, q=" ")
    assert re.findall(r"<bdi>(.*?)</bdi>", text) == ["newest", "older", "pinned"]


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 5000, '"', "-", "from:", "after:soon", "((", "*", "%", "'"])
@pytest.mark.parametrize("address", [SEARCH, HITS])
def test_any_text_can_be_searched_for(hers: Client, alice: User, address: str, text: str) -> None:
    answered(alice)
    response = hers.get(f"{address}?q={quote(text, errors='surrogatepass')}")
    assert response.status_code == 200
    fields = re.findall(r'name="(?:q|was)" value="([^"]*)"', text_of(response))
    assert all(len(html.unescape(value)) <= LONGEST for value in fields)


def test_finding_in_a_conversation_names_those_of_the_shown_branch_first(hers: Client, alice: User) -> None:
    first = answered(alice, "Hello", answer="A heron.")
    regenerate_answer(alice, first, model=None, client_id=uuid.uuid4())
    play("No bird.")
    other = Message.objects.latest("pk")
    below = answered(alice, "And a heron?", under=other, answer="A heron at last.")
    found = find(hers, first.conversation, q="heron")
    assert [(each["message"], each["is_shown"]) for each in found] == [
        (str(question_of(below).pk), True), (str(below.pk), True), (str(first.pk), False),
    ]  # fmt: skip
    assert found[0]["url"] == question_of(below).url


def test_the_branch_one_looks_at_can_be_another(hers: Client, alice: User) -> None:
    first = answered(alice, "Hello", answer="A heron.")
    regenerate_answer(alice, first, model=None, client_id=uuid.uuid4())
    play("Another heron.")
    found = find(hers, first.conversation, q="heron", leaf=str(first.pk))
    assert [each["is_shown"] for each in found] == [True, False]
    assert found[0]["message"] == str(first.pk)


def test_a_branch_of_another_conversation_is_not_looked_at(hers: Client, alice: User) -> None:
    here, elsewhere = answered(alice, answer="A heron."), answered(alice, answer="A heron.")
    for leaf in (str(elsewhere.pk), "nonsense", str(uuid.uuid4())):
        (found,) = find(hers, here.conversation, q="heron", leaf=leaf)
        assert found["message"] == str(here.pk)
        assert found["is_shown"]


def test_nothing_is_found_for_nothing(hers: Client, alice: User) -> None:
    assert find(hers, answered(alice).conversation, q="") == []


def test_times_are_said_in_few_words() -> None:
    noon = timezone.localtime().replace(hour=12, minute=5)
    assert when(noon) == "12:05"
    assert when(noon - timedelta(days=1)) == "Yesterday"
    assert when(noon - timedelta(days=3)) == f"{noon - timedelta(days=3):%A}"
    assert when(datetime(2019, 3, 4, 12, tzinfo=noon.tzinfo)) == "4 Mar 2019"
