"""The pages for signing in and out, setting up, and changing the password."""

import re
import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from conversations.actions.accounts import current_setup_link
from conversations.events import SessionEnded, broadcaster, user_topic
from conversations.models import SetupLink, User
from conversations.views.accounts import DEVICE_COOKIE, own_path
from tests.cast import PASSWORD
from tests.site import Site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

SETUP = {"username": "root", "display_name": "Root", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture(autouse=True)
def _fresh(settings: Settings) -> None:
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def heard(alice: User, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """What is announced to other processes."""
    events: list[tuple[str, object]] = []
    monkeypatch.setattr(broadcaster, "relay", lambda topic, event: events.append((topic, event)))
    return events


def sign_in(client: Client, name: str = "alice", password: str = PASSWORD, **more: Any) -> Any:
    return client.post(reverse("sign-in"), {"username": name, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("password")).status_code == 200


# ---- signing in


def test_the_right_password_leads_home(client: Client, alice: User) -> None:
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_signed_in(client)


def test_unknown_names_and_wrong_passwords_get_the_same_page(client: Client, alice: User) -> None:
    wrong = sign_in(client, "alice", "wrong password")
    unknown = sign_in(client, "nobody", "wrong password")
    assert "The name or the password is wrong." in wrong.content.decode()
    assert _without_token(wrong).replace("alice", "nobody") == _without_token(unknown)
    assert not is_signed_in(client)


def _without_token(response: Any) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]+"', "", response.content.decode())


def test_the_password_is_never_sent_back(client: Client, alice: User) -> None:
    assert "s3cret-typed" not in sign_in(client, "alice", "s3cret-typed").content.decode()


def test_the_session_id_changes_at_sign_in(client: Client, alice: User) -> None:
    client.get(reverse("sign-in"))
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies["session"] = session.session_key or ""
    sign_in(client)
    assert client.session.session_key != session.session_key


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        " /x",
        "\t//evil.example",
        "/\n/evil.example",
    ],
)
def test_other_sites_are_no_targets(client: Client, alice: User, target: str) -> None:
    assert own_path(target) == ""
    assert sign_in(client, next=target)["Location"] == "/"


def test_a_page_of_this_site_is_gone_on_to(client: Client, alice: User) -> None:
    assert sign_in(client, next="/conversations/?x=1")["Location"] == "/conversations/?x=1"


def test_who_is_signed_in_is_sent_on(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(reverse("sign-in"), {"next": "/password/"})["Location"] == "/password/"


def test_too_many_guesses_are_told_to_wait(client: Client, alice: User) -> None:
    for _ in range(10):
        sign_in(client, password="wrong password")
    response = sign_in(client)
    assert response.status_code == 429
    assert re.search(r"Try again in \d+ (minute|second)s?\.", response.content.decode())


def test_the_browser_of_the_owner_is_known_again(client: Client, alice: User) -> None:
    sign_in(client)
    client.post(reverse("sign-out"))
    stranger = Client()
    for _ in range(12):
        sign_in(stranger, password="wrong password")
    assert sign_in(stranger).status_code == 429
    assert sign_in(client).status_code == 302
    assert client.cookies[DEVICE_COOKIE]["httponly"]


def test_signing_in_needs_the_form_s_token(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403


def test_a_huge_password_is_refused_before_it_is_hashed(client: Client, alice: User) -> None:
    assert "1024" in sign_in(client, password="x" * 1025).content.decode()


def test_the_page_says_when_there_is_no_admin_yet(client: Client) -> None:
    assert "no admin yet" in client.get(reverse("sign-in")).content.decode()


def test_the_page_says_nothing_of_it_later(client: Client, dana: User) -> None:
    assert "no admin yet" not in client.get(reverse("sign-in")).content.decode()


# ---- signing out, and the life of a session


def test_signing_out_ends_the_session_and_tells_the_sockets(
    client: Client, alice: User, heard: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    sign_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("sign-out"))
    assert not is_signed_in(client)
    assert Session.objects.count() == 0
    assert heard == [(user_topic(alice.pk), SessionEnded())]


def test_a_link_can_not_sign_anybody_out(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(reverse("sign-out")).status_code == 405
    assert is_signed_in(client)


def test_a_used_session_is_written_once_an_hour(
    client: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client)
    with django_assert_num_queries(2):  # session, user
        client.get(reverse("password"))


def test_an_unused_session_ends(client: Client, alice: User) -> None:
    sign_in(client)
    ends = Session.objects.get().expire_date - timezone.now()
    assert timedelta(days=13) < ends <= timedelta(days=14)


def test_use_prolongs_a_session_but_not_past_its_end(client: Client, alice: User) -> None:
    sign_in(client)
    session = client.session
    session["started_at"] -= timedelta(days=29).total_seconds()
    session["seen_at"] -= 7200
    session.save()
    assert is_signed_in(client)
    ends = Session.objects.get().expire_date - timezone.now()
    assert timedelta(hours=23) < ends <= timedelta(days=1)


def test_a_session_that_has_lived_too_long_ends(client: Client, alice: User) -> None:
    sign_in(client)
    session = client.session
    session["started_at"] -= timedelta(days=31).total_seconds()
    session["seen_at"] -= 7200
    session.save()
    assert not is_signed_in(client)


# ---- password


def change(
    client: Client, current: str = PASSWORD, new: str = "another long sentence", again: str | None = None
) -> Any:
    data = {"current": current, "password": new, "again": new if again is None else again}
    return client.post(reverse("password"), data)


def test_a_changed_password_keeps_this_session_and_ends_the_others(client: Client, alice: User) -> None:
    other = Client()
    sign_in(client)
    sign_in(other)
    assert change(client)["Location"] == "/"
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_sockets_hear_of_a_changed_password(
    client: Client, alice: User, heard: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    sign_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        change(client)
    assert heard == [(user_topic(alice.pk), SessionEnded())]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"current": "wrong password"}, "not your current password"),
        ({"new": "short"}, "too short"),
        ({"new": "password123"}, "too common"),
        ({"new": "alice123"}, "too similar"),
        ({"again": "a different one"}, "differ"),
        ({"new": "x" * 1025}, "1024"),
    ],
)
def test_a_password_is_not_changed_when(client: Client, alice: User, fields: dict[str, str], words: str) -> None:
    sign_in(client)
    assert words in change(client, **fields).content.decode()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_the_current_password_can_not_be_guessed_without_end(client: Client, alice: User) -> None:
    sign_in(client)
    for _ in range(10):
        change(client, current="wrong password")
    assert "Too many attempts" in change(client).content.decode()


def test_strangers_change_no_password(client: Client) -> None:
    assert change(client)["Location"].startswith(reverse("sign-in"))


# ---- set-up


def setup_path() -> str:
    link = current_setup_link()
    assert link is not None
    return reverse("setup", args=[link.token])


def test_the_link_makes_the_first_admin_and_signs_in(client: Client) -> None:
    path = setup_path()
    assert client.get(path).status_code == 200
    assert client.post(path, SETUP)["Location"] == "/"
    assert is_signed_in(client)
    assert client.get("/admin/").status_code == 200


def test_used_unknown_and_late_links_get_the_same_answer(client: Client) -> None:
    path = setup_path()
    Client().post(path, SETUP)
    used, unknown = client.get(path), client.get(reverse("setup", args=["0" * 32]))
    assert used.status_code == unknown.status_code == client.post(path, SETUP).status_code == 404
    assert _without_token(used) == _without_token(unknown)
    assert "setup_link" in used.content.decode()


def test_an_expired_link_is_refused(client: Client) -> None:
    path = setup_path()
    SetupLink.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert client.post(path, SETUP).status_code == 404
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"again": "something else"},
        {"username": "administrator", "password": "administrator1", "again": "administrator1"},
        {"username": "two words"},
    ],
)
def test_a_refused_form_does_not_spend_the_link(client: Client, fields: dict[str, str]) -> None:
    path = setup_path()
    assert client.post(path, SETUP | fields).status_code == 200
    assert not User.objects.exists()
    assert client.post(path, SETUP).status_code == 302


def test_a_taken_name_is_said_to_be_taken(client: Client, alice: User) -> None:
    assert "taken" in client.post(setup_path(), SETUP | {"username": "alice"}).content.decode()


def test_of_many_at_the_same_moment_one_becomes_the_admin(site: Site) -> None:
    path = re.findall(r"/setup/\w+/", site.log.read_text())[0]
    outcomes: list[int] = []

    def race(number: int) -> None:
        with httpx.Client(base_url=site.url, trust_env=False, timeout=60) as browser:
            page = browser.get(path).text
            token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)[0]
            together.wait()
            data = SETUP | {"username": f"root{number}", "csrfmiddlewaretoken": token}
            outcomes.append(browser.post(path, data=data, headers={"Referer": site.url}).status_code)

    together = threading.Barrier(5)
    threads = [threading.Thread(target=race, args=[number]) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [302, 404, 404, 404, 404]
    assert site.run("from conversations.models import User\nresult = User.objects.count()") == 1
