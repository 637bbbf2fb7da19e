"""Shared pages: who gets in, what those learn who don't, what the page shows, its password and its pictures."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from conversations.actions.conversations import delete_conversation
from conversations.actions.files import store_image
from conversations.actions.images import ImageGiven
from conversations.actions.messages import edit_message
from conversations.actions.share_links import revoke_share_link
from conversations.models import Conversation, File, LanguageModel, Message, ShareLink, User
from tests.browser.payloads import PAYLOADS
from tests.media.pictures import drawing
from tests.media.sending import send_pictures
from tests.shares import address, allow_anyone, shared
from tests.trees import answered, calling, play, question_of, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files", "model")]

UNKNOWN = {"team": "/s/Unknown-token_0123456A/", "anyone": "/s/any.Unknown-token_0123456A/"}
ROUTES = ["", "copy/", f"files/{uuid.UUID(int=1)}/", f"files/{uuid.UUID(int=1)}/thumbnail/"]


@pytest.fixture(autouse=True)
def _nobody_guessed_yet(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


def browser(user: User | None = None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def seen(response: HttpResponse, path: str) -> tuple[Any, ...]:
    """All that a visitor sees, but what differs from one request to the next by design."""
    token = path.split("/")[2]
    body = re.sub(r'nonce="[^"]+"', "", response.content.decode()).replace(token, "TOKEN")
    own = {"Content-Security-Policy", "Content-Length", "Set-Cookie"}
    headers = {name: value.replace(token, "TOKEN") for name, value in response.headers.items() if name not in own}
    return response.status_code, body, headers, sorted(response.cookies)


def asked(client: Client, method: str, path: str, route: str) -> tuple[Any, ...]:
    response: Any = client.generic(method, path + route)
    return seen(response, path)


def text_of(response: Any) -> str:
    return str(response.content.decode())


# ---- who gets in ----


def test_colleagues_read_a_link_for_the_team(alice: User, carol: User) -> None:
    link = shared(alice, answered(alice, "What is it?", answer="**This**").conversation)
    page = text_of(browser(carol).get(address(link)))
    assert "What is it?" in page
    assert "<strong>This</strong>" in page
    assert "shared by <bdi>Alice</bdi>" in page


def test_anyone_reads_a_link_for_anyone(alice: User) -> None:
    link = shared(alice, answered(alice, "What is it?").conversation, anyone=True)
    assert "What is it?" in text_of(browser().get(address(link)))


@pytest.mark.parametrize("route", ROUTES)
def test_who_is_not_signed_in_learns_nothing_of_links_for_the_team(alice: User, route: str) -> None:
    live, revoked, locked, expired = (shared(alice, answered(alice).conversation) for _ in range(4))
    revoke_share_link(revoked)
    ShareLink.objects.filter(pk=locked.pk).update(password="!")
    ShareLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    paths = [UNKNOWN["team"], *(address(link) for link in (live, revoked, locked, expired))]
    for method in ("GET", "POST", "HEAD", "PUT"):
        answers = [asked(Client(), method, path, route) for path in paths]
        assert all(answer == answers[0] for answer in answers)
        assert answers[0][0] == 405 or answers[0][2]["Location"] == "/sign-in/?next=/s/TOKEN/"


@pytest.mark.parametrize("audience", ["team", "anyone"])
@pytest.mark.parametrize("route", ROUTES)
def test_what_has_ended_is_as_what_never_was(alice: User, carol: User, route: str, audience: str) -> None:
    links = [shared(alice, answered(alice).conversation, anyone=audience == "anyone") for _ in range(4)]
    revoke_share_link(links[0])
    ShareLink.objects.filter(pk=links[1].pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    delete_conversation(links[2].conversation)
    gone = User.objects.create(username="gone", is_active=False)
    ShareLink.objects.filter(pk=links[3].pk).update(owner=gone)
    paths = [UNKNOWN[audience], *(address(link) for link in links)]
    for visitor in [browser(carol)] if audience == "team" else [browser(carol), browser()]:
        visitor.get(paths[0])  # the first request of a session sets its cookie
        for method in ("GET", "POST", "HEAD"):
            answers = [asked(visitor, method, path, route) for path in paths]
            assert all(answer == answers[0] for answer in answers)
            assert answers[0][0] in {404, 405}


def test_links_for_anyone_stop_when_the_permission_is_taken_back(alice: User, carol: User) -> None:
    link = shared(alice, answered(alice).conversation, anyone=True)
    visitors = [browser(), browser(carol), browser(alice)]
    assert [each.get(address(link)).status_code for each in visitors] == [200, 200, 200]
    allow_anyone(is_allowed=False)
    assert [each.get(address(link)).status_code for each in visitors] == [404, 404, 404]
    allow_anyone()
    assert visitors[0].get(address(link)).status_code == 200


def test_a_revoked_link_is_gone_at_once(alice: User) -> None:
    link, visitor = shared(alice, answered(alice).conversation, anyone=True), browser()
    assert visitor.get(address(link)).status_code == 200
    assert browser(alice).post(f"/shares/{link.pk}/revoke/").status_code == 302
    assert visitor.get(address(link)).status_code == 404


@pytest.mark.parametrize("token", ["%00", "any.%00", "%F0%9F%90%B1", "any." + "x" * 300, "any.x'--"])
def test_what_can_be_no_token_is_not_found(carol: User, token: str) -> None:
    assert browser(carol).get(f"/s/{token}/").status_code == 404


def test_a_script_is_told_in_its_own_way(carol: User) -> None:
    json = {"accept": "application/json"}
    assert browser().get(UNKNOWN["team"], headers=json).status_code == 401
    assert browser(carol).get(UNKNOWN["team"], headers=json).json()["code"] == "not_found"


# ---- what it shows ----


def test_headers_keep_it_out_of_caches_indexes_and_referrers(alice: User, carol: User) -> None:
    link = shared(alice, answered(alice).conversation, anyone=True, password="pass")
    answers = [
        browser().get(address(link)),
        browser().get(UNKNOWN["anyone"]),
        browser().get(UNKNOWN["team"]),
        browser(carol).get(UNKNOWN["team"]),
        browser().post(address(link), {"password": "wrong"}),
        browser().post(address(link), {"password": "pass"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 302, 404, 400, 302]
    for answer in answers:
        assert "no-store" in answer["Cache-Control"]
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_nothing_comes_from_elsewhere_and_no_script_at_all(alice: User) -> None:
    link = shared(alice, answered(alice, "\n".join(PAYLOADS), answer="\n\n".join(PAYLOADS)).conversation, anyone=True)
    page = text_of(browser().get(address(link)))
    assert "<script" not in page
    assert '<meta name="robots" content="noindex">' in page
    loaded = re.findall(r'<(?:link|img|source|iframe)[^>]*?(?:href|src)="([^"]*)"', page)
    assert loaded
    assert all(each.startswith(("/static/", "data:image/svg+xml")) for each in loaded)


def test_later_texts_never_show(alice: User) -> None:
    answer = answered(alice, "Before", answer="Said before")
    link, visitor = shared(alice, answer.conversation, anyone=True), browser()
    before = re.sub(r'nonce="[^"]+"', "", text_of(visitor.get(address(link))))
    answered(alice, "LATER", under=answer, answer="LATER TOO")
    edit_message(alice, question_of(answer), text="EDITED", client_id=uuid.uuid4())
    play("TO THE EDITED")
    Message.objects.filter(pk=answer.pk).update(text="CONTINUED", html="CONTINUED", deleted_at=timezone.now())
    Conversation.objects.filter(pk=link.conversation_id).update(title="RENAMED")
    assert re.sub(r'nonce="[^"]+"', "", text_of(visitor.get(address(link)))) == before


def test_names_can_be_left_out(alice: User) -> None:
    link = shared(alice, answered(alice).conversation, anyone=True, with_names=False)
    page = text_of(browser().get(address(link)))
    assert "Alice" not in page
    assert "<bdi>Person</bdi>" in page


def test_calls_results_sources_and_endings_are_shown(alice: User) -> None:
    answer = calling(alice, ("search", '{"q": "<b>"}'), text="Looking.")
    Message.objects.filter(pk=answer.pk).update(
        citations=[{"url": "https://example.org/a", "title": "<i>A</i>", "start": 0, "end": 1}], status="stopped"
    )
    page = text_of(browser(alice).get(address(shared(alice, answer.conversation))))
    for words in ("Calls", "&lt;b&gt;", "https://example.org/a", "&lt;i&gt;A&lt;/i&gt;", "It was stopped here."):
        assert words in page


def test_a_thousand_messages_take_no_more_queries_than_two(alice: User) -> None:
    counts = []
    for number in (1, 500):
        conversation = Conversation.objects.create(owner=alice, title="Long")
        rows: list[Message] = []
        for at in range(2 * number):
            role, parent = ("assistant" if at % 2 else "user"), rows[-1] if rows else None
            rows.append(Message(conversation=conversation, parent=parent, role=role, text=f"Text {at}", html_version=9))
        Message.objects.bulk_create(rows)
        conversation.touch(selected_leaf=rows[-1])
        link = shared(alice, Conversation.objects.get(pk=conversation.pk), anyone=True)
        browser().get(address(link))  # the HTML of another version is made anew
        with CaptureQueriesContext(connection) as queries:
            page = text_of(browser().get(address(link)))
        assert page.count("<article") == 2 * number
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


# ---- passwords ----


def test_a_password_is_asked_for_before_anything_is_shown(alice: User) -> None:
    link = shared(alice, answered(alice, "CANARY-TEXT").conversation, anyone=True, password="pass word")
    ShareLink.objects.filter(pk=link.pk).update(title="CANARY-TITLE")
    visitor = browser()
    page = text_of(visitor.get(address(link)))
    assert "CANARY" not in page
    assert "Alice" not in page
    wrong = visitor.post(address(link), {"password": "password"})
    assert wrong.status_code == 400
    assert "The password is wrong." in text_of(wrong)
    right = visitor.post(address(link), {"password": "pass word"})
    assert right["Location"] == address(link)
    cookie = right.cookies["unlocked"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (address(link), True, "Lax")
    assert "CANARY-TEXT" in text_of(visitor.get(address(link)))


def test_an_opened_link_opens_no_other(alice: User) -> None:
    links = [shared(alice, answered(alice).conversation, anyone=True, password="pass") for _ in range(2)]
    mark = browser().post(address(links[0]), {"password": "pass"}).cookies["unlocked"].value
    for link, words in zip(links, ("A copy as of", "This link has a password"), strict=True):
        assert words in text_of(browser().get(address(link), headers={"cookie": f"unlocked={mark}"}))


def test_too_many_guesses_have_to_wait(alice: User) -> None:
    link = shared(alice, answered(alice).conversation, anyone=True, password="pass")
    codes = [browser().post(address(link), {"password": f"wrong {n}"}).status_code for n in range(11)]
    assert codes == [400] * 10 + [429]
    refused = browser().post(address(link), {"password": "pass"})
    assert "Too many attempts" in text_of(refused)
    assert browser().post(address(link), {"password": "pass"}, REMOTE_ADDR="192.0.2.9").status_code == 302


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}])
def test_another_site_s_form_opens_nothing(alice: User, headers: dict[str, str]) -> None:
    link = shared(alice, answered(alice).conversation, anyone=True, password="pass")
    response = browser().post(address(link), {"password": "pass"}, headers=headers)
    assert response.status_code == 400
    assert "unlocked" not in response.cookies


# ---- pictures ----


@pytest.fixture
def pictured(alice: User) -> tuple[ShareLink, File, File]:
    """A link, its picture, and a picture of the same person that is in another conversation."""
    inside, outside = (store_image(alice, name, drawing(width))[0] for width, name in ((60, "in.png"), (70, "out.png")))
    sent = send_pictures(alice, ImageGiven(file=inside.pk), text="Look")
    send_pictures(alice, ImageGiven(file=outside.pk), text="Private")
    play("Seen.")
    return shared(alice, sent.conversation, anyone=True, password="pass"), inside, outside


@pytest.mark.parametrize("kind", ["", "thumbnail/"])
def test_pictures_are_those_of_the_snapshot_alone(pictured: tuple[ShareLink, File, File], kind: str) -> None:
    link, inside, outside = pictured
    visitor = browser()
    refused = asked(visitor, "GET", address(link), f"files/{inside.pk}/{kind}")
    assert refused[0] == 404
    visitor.post(address(link), {"password": "pass"})
    found = visitor.get(f"{address(link)}files/{inside.pk}/{kind}")
    assert found.status_code == 200
    assert found.content == (inside.thumbnail_place if kind else inside.place).read_bytes()
    assert "no-store" in found["Cache-Control"]
    assert found["Referrer-Policy"] == "no-referrer"
    assert "sandbox" in found["Content-Security-Policy"]
    for other in (outside.pk, uuid.uuid4()):
        answer = asked(visitor, "GET", address(link), f"files/{other}/{kind}")
        assert answer == refused


def test_pictures_end_with_the_link(pictured: tuple[ShareLink, File, File]) -> None:
    link, inside, _ = pictured
    visitor = browser()
    visitor.post(address(link), {"password": "pass"})
    assert visitor.get(f"{address(link)}files/{inside.pk}/").status_code == 200
    revoke_share_link(link)
    assert visitor.get(f"{address(link)}files/{inside.pk}/").status_code == 404


# ---- going on ----


def order_on(client: Client, link: ShareLink) -> str:
    found = re.search(r'name="order" value="([^"]+)"', text_of(client.get(address(link))))
    return found.group(1) if found else ""


def test_a_viewer_continues_once_however_often_the_button_is_pressed(alice: User, carol: User) -> None:
    link, client = shared(alice, answered(alice, "Mine").conversation), browser(carol)
    order = order_on(client, link)
    places = {client.post(f"{address(link)}copy/", {"order": order})["Location"] for _ in range(2)}
    assert Conversation.objects.filter(owner=carol).count() == 1
    assert "Mine" in text_of(client.get(places.pop()))


def test_an_order_is_one_person_s_for_one_link(alice: User, bob: User, carol: User) -> None:
    link, other = shared(alice, answered(alice).conversation), shared(alice, answered(alice).conversation)
    order = order_on(browser(bob), link)
    for client, target, value in [
        (browser(carol), link, order),
        (browser(bob), other, order),
        (browser(bob), link, ""),
        (browser(bob), link, "x" + order),
    ]:
        assert client.post(f"{address(target)}copy/", {"order": value}).status_code == 409
    assert set(Conversation.objects.values_list("owner", flat=True)) == {alice.pk}


def test_who_is_not_signed_in_is_asked_to(alice: User) -> None:
    link = shared(alice, answered(alice).conversation, anyone=True)
    page = text_of(browser().get(address(link)))
    assert f"/sign-in/?next=/s/{link.token}/" in page
    assert "copy/" not in page
    answer = browser().post(f"{address(link)}copy/", {"order": "x"})
    assert answer["Location"] == f"/sign-in/?next={address(link)}"


def test_a_locked_link_is_not_copied(alice: User, carol: User) -> None:
    link = shared(alice, answered(alice).conversation, password="pass")
    assert browser(carol).post(f"{address(link)}copy/", {"order": "x"})["Location"] == address(link)
    assert not Conversation.objects.filter(owner=carol).exists()


def test_without_an_answer_there_is_nothing_to_continue(alice: User, carol: User, model: LanguageModel) -> None:
    link = shared(alice, say(alice).conversation)
    assert "Continue as my own copy" not in text_of(browser(carol).get(address(link)))
