"""Contents, map, menu of a message, names, copies, deleting and comparing: as pages and for a script."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.actions.branches import name_branch
from conversations.actions.members import invite
from conversations.actions.messages import regenerate_answer
from conversations.models import Conversation, LanguageModel, Member, Message, User
from conversations.views.branch_maps import MOST_ROWS, rows_of, tree_of
from tests.trees import answered, fresh, play, question_of
from tests.views.pages import DATA, page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def grow(owner: User, shape: list[int | None], *, selected: int | None = None) -> list[Message]:
    """Messages below those with these places (None: roots); an answer below a question, a question below an answer."""
    conversation = Conversation.objects.create(owner=owner, title="Tree")
    rows: list[Message] = []
    for number, place in enumerate(shape):
        parent = rows[place] if place is not None else None
        role = "assistant" if parent and parent.role == "user" else "user"
        name = "Oak" if role == "assistant" else ""
        rows.append(Message(conversation=conversation, parent=parent, role=role, text=f"m{number}", model_name=name))
    Message.objects.bulk_create(rows)
    conversation.touch(selected_leaf=rows[selected if selected is not None else -1])
    return rows


def drawn(rows: list[Message]) -> list[tuple[str, int]]:
    tree = tree_of(Conversation.objects.get(pk=rows[0].conversation_id))
    return [(row.node.text, row.lane) for row in rows_of(tree)]


def test_what_branches_off_stands_one_lane_right_before_what_goes_on(alice: User) -> None:
    rows = grow(alice, [None, 0, 0, 1, 3, 2], selected=4)
    assert drawn(rows) == [("m0", 0), ("m2", 1), ("m5", 1), ("m1", 0), ("m3", 0), ("m4", 0)]


def test_long_runs_are_one_row_in_a_big_tree_and_forks_stay(alice: User) -> None:
    rows = grow(alice, [None, *range(99), 50], selected=99)
    tree = tree_of(Conversation.objects.get(pk=rows[0].conversation_id))
    shown = rows_of(tree)
    assert sum(row.count for row in shown) == 101
    assert [row.node.text for row in shown if row.count == 1] == ["m0", "m50", "m100", "m51", "m99"]
    assert shown[-1].is_end


def test_a_tree_of_thousands_of_forks_is_drawn_around_where_one_is(alice: User) -> None:
    shape: list[int | None] = [None]
    for place in range(0, 2400, 2):
        shape += [place, place]
    rows = grow(alice, shape, selected=len(shape) - 1)
    tree = tree_of(Conversation.objects.get(pk=rows[0].conversation_id))
    shown = rows_of(tree)
    assert len(shown) <= MOST_ROWS
    assert any(row.is_end for row in shown)


def test_contents_list_the_questions_of_the_branch_that_is_shown(
    client: Client, alice: User, model: LanguageModel
) -> None:
    first = answered(alice, "One", answer="1")
    last = answered(alice, "Two " * 100, under=first)
    regenerate_answer(alice, last, model=None, client_id=uuid.uuid4())
    client.force_login(alice)
    html = text_of(client.get(reverse("conversation-branches", args=[first.conversation_id]), {"part": "contents"}))
    asked = [str(question_of(first).pk), str(question_of(last).pk)]
    assert re.findall(r'contents__entry"[^>]*data-message="([^"]+)"', html) == asked


@pytest.mark.parametrize("part", ["contents", "map"])
def test_the_number_of_queries_is_the_same_for_three_and_sixty_messages(
    client: Client, alice: User, model: LanguageModel, part: str
) -> None:
    client.force_login(alice)
    counts = []
    for length in (3, 60, 600):
        rows = grow(alice, [None, *range(length - 1)])
        url = reverse("conversation-branches", args=[rows[0].conversation_id])
        client.get(url, {"part": part})
        with CaptureQueriesContext(connection) as queries:
            client.get(url, {"part": part})
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]


@pytest.mark.parametrize("tab", ["contents", "branches"])
def test_the_inspector_shows_both_without_a_script(client: Client, alice: User, model: LanguageModel, tab: str) -> None:
    answer = answered(alice, "What is it?")
    client.force_login(alice)
    html = text_of(client.get(reverse("conversation-inspector", args=[answer.conversation_id]), {"tab": tab}))
    panel = html.split(f'id="panel-{tab}"')[1]
    assert "What is it?" in panel
    assert " hidden" not in panel.split(">")[0]


def test_a_name_stands_beside_the_versions_and_in_the_map(client: Client, alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    regenerate_answer(alice, answer, model=None, client_id=uuid.uuid4())
    play("Another.")
    client.force_login(alice)
    reply = client.post(reverse("branch-name", args=[answer.pk]), {"name": "Shorter"})
    assert reply.headers["Location"] == answer.url
    assert "“<bdi>Shorter</bdi>”" in text_of(client.get(answer.url))
    url = reverse("conversation-branches", args=[answer.conversation_id])
    assert '<bdi class="branch-name">Shorter</bdi>' in text_of(client.get(url))


def test_deleting_offers_undo_to_a_script_and_on_the_page(client: Client, alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A", answer="a")
    last = answered(alice, "B", under=first, answer="b")
    client.force_login(alice)
    reply: Any = client.post(reverse("message-delete", args=[question_of(last).pk]), headers=DATA).json()
    assert reply["text"] == "Deleted 2 messages."
    assert client.post(reply["undo"], headers=DATA).status_code == 204
    page = client.post(reverse("message-delete", args=[last.pk]), follow=True)
    assert "Deleted one message." in text_of(page)
    assert re.search(r'formaction="/deletions/[^"]+/undo/"', text_of(page))


def test_one_alone_is_deleted_with_only(client: Client, alice: User, model: LanguageModel) -> None:
    first = answered(alice, "A", answer="a")
    last = answered(alice, "B", under=first, answer="b")
    client.force_login(alice)
    client.post(reverse("message-delete", args=[first.pk]), {"only": "1"}, headers=DATA)
    assert fresh(question_of(last)).parent_id == question_of(first).pk


def test_what_a_viewer_gets(client: Client, alice: User, bob: User, model: LanguageModel) -> None:
    answer = answered(alice)
    invite(alice, answer.conversation, bob, "viewer")
    client.force_login(bob)
    menu = text_of(client.get(reverse("message-menu", args=[answer.pk]), {"fragment": "1"}))
    assert "Copy link" in menu
    assert "Copy to a new conversation" in menu
    assert "Delete" not in menu
    for route in ("message-delete", "branch-name"):
        assert client.post(reverse(route, args=[answer.pk]), {"name": "x"}).status_code == 404
    assert client.get(reverse("conversation-branches", args=[answer.conversation_id])).status_code == 200
    copied = client.post(reverse("message-fork", args=[answer.pk]), {"client_id": str(uuid.uuid4())}, headers=DATA)
    assert Conversation.objects.get(pk=copied.json()["url"].split("/")[2]).owner == bob


def test_copying_twice_by_the_same_form_makes_one(client: Client, alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    client.force_login(alice)
    form, url = {"client_id": str(uuid.uuid4())}, reverse("conversation-fork", args=[answer.conversation_id])
    places = {client.post(url, form).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Conversation.objects.count() == 2


def test_a_copy_says_what_of_to_whom_may_read_that(
    client: Client, alice: User, bob: User, model: LanguageModel
) -> None:
    source = answered(alice).conversation
    Conversation.objects.filter(pk=source.pk).update(title="The <first> one")
    invite(alice, source, bob, "viewer")
    client.force_login(bob)
    client.post(reverse("conversation-fork", args=[source.pk]), {"client_id": str(uuid.uuid4())})
    page = reverse("conversation-detail", args=[Conversation.objects.get(owner=bob).pk])
    said = f'A copy of <a href="/conversations/{source.pk}/"><bdi>The &lt;first&gt; one</bdi></a>'
    assert said in text_of(client.get(page))
    Member.objects.filter(user=bob).delete()
    assert "A copy of" not in text_of(client.get(page))


def test_two_branches_stand_side_by_side_from_where_they_part(
    client: Client, alice: User, model: LanguageModel
) -> None:
    rows = grow(alice, [None, 0, 1, 2, 1, 4], selected=5)
    name_branch(Message.objects.get(pk=rows[2].pk), "Old way")
    client.force_login(alice)
    url = reverse("branch-compare", args=[rows[0].conversation_id])
    html = text_of(client.get(url, {"left": str(rows[3].pk), "right": str(rows[5].pk)}))
    above, left, right = (re.findall(r"\bm\d\b", part) for part in html.split('class="compare__side"')[1:])
    assert (above, left, right) == (["m1"], ["m2", "m3"], ["m4", "m4", "m5"])
    assert "Old way" in html
    assert client.get(url, {"left": str(uuid.uuid4())}).status_code == 404


def test_every_message_has_its_menu(client: Client, alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    html = page_of(client, alice, answer.conversation)
    for message in (answer, question_of(answer)):
        assert f'href="/messages/{message.pk}/menu/"' in html
        assert client.get(reverse("message-menu", args=[message.pk])).status_code == 200
