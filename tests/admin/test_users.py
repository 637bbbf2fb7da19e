"""People in the admin: accounts, roles, and what ends their sessions."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from conversations.events import SessionEnded, broadcaster, user_topic
from conversations.models import Conversation, User
from tests.cast import PASSWORD

LIST = "/admin/conversations/user/"
NEW = {"username": "erin", "display_name": "Erin", "email": "", "new_password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """What is announced to other processes."""
    events: list[tuple[str, object]] = []
    monkeypatch.setattr(broadcaster, "relay", lambda topic, event: events.append((topic, event)))
    return events


def path(user: User, name: str = "change") -> str:
    return reverse(f"admin:conversations_user_{name}", args=[user.pk])


def save(client: Client, user: User, **fields: str) -> Any:
    """Save the form as it stands, but for ``fields``; an empty one is a box without a tick."""
    data = {"username": user.username, "display_name": user.display_name, "email": "", "is_active": "on", **fields}
    return client.post(path(user), {name: value for name, value in data.items() if value or name != "is_active"})


def test_a_new_person_can_sign_in(admin: Client) -> None:
    admin.post(f"{LIST}add/", NEW)
    erin = User.objects.get(username="erin")
    assert erin.check_password(PASSWORD)
    assert erin.is_active
    assert not erin.is_staff


@pytest.mark.parametrize(
    "fields",
    [
        {"new_password": "", "again": ""},
        {"again": "other"},
        {"new_password": "short", "again": "short"},
        {"username": "dana"},
    ],
)
def test_an_account_without_a_good_password_is_not_made(admin: Client, fields: dict[str, str]) -> None:
    assert admin.post(f"{LIST}add/", NEW | fields).status_code == 200
    assert User.objects.count() == 1


def test_saving_the_form_keeps_the_password(admin: Client, alice: User) -> None:
    assert save(admin, alice, display_name="Alice A.").status_code == 302
    alice.refresh_from_db()
    assert alice.display_name == "Alice A."
    assert alice.check_password(PASSWORD)


def test_no_page_shows_a_hash(admin: Client, alice: User) -> None:
    assert alice.password not in admin.get(path(alice)).content.decode()


def test_a_new_password_ends_the_person_s_sessions(
    admin: Client, alice: User, heard: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    browser = Client()
    browser.force_login(alice)
    with django_capture_on_commit_callbacks(execute=True):
        save(admin, alice, new_password="a whole new sentence", again="a whole new sentence")
    alice.refresh_from_db()
    assert alice.check_password("a whole new sentence")
    assert browser.get(reverse("password")).status_code == 302
    assert heard == [(user_topic(alice.pk), SessionEnded())]


def test_deactivating_ends_the_person_s_sessions(
    admin: Client, alice: User, heard: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    browser = Client()
    browser.force_login(alice)
    with django_capture_on_commit_callbacks(execute=True):
        save(admin, alice, is_active="")
    assert browser.get(reverse("password")).status_code == 302
    assert heard == [(user_topic(alice.pk), SessionEnded())]


def test_roles_are_given_taken_and_logged(
    admin: Client, alice: User, dana: User, caplog: pytest.LogCaptureFixture
) -> None:
    save(admin, alice, is_admin="on")
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (True, True)
    save(admin, alice)
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (False, False)
    assert f"user {alice.pk} by user {dana.pk}: is_admin is True" in caplog.text
    assert f"user {alice.pk} by user {dana.pk}: is_admin is False" in caplog.text


def test_nobody_locks_themselves_out(admin: Client, dana: User) -> None:
    save(admin, dana, is_active="")
    dana.refresh_from_db()
    assert (dana.is_active, dana.is_superuser) == (True, True)


def staff_with_rights(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["change_user", "view_user", "add_user"]))
    client = Client()
    client.force_login(user)
    return client


def test_who_is_no_admin_makes_none(alice: User, bob: User, dana: User) -> None:
    staff = staff_with_rights(bob)
    save(staff, alice, is_admin="on", display_name="Changed")
    alice.refresh_from_db()
    assert (alice.display_name, alice.is_superuser) == ("Changed", False)
    assert save(staff, dana, new_password=PASSWORD, again=PASSWORD).status_code == 403


def test_fields_that_are_not_in_the_form_have_no_effect(admin: Client, alice: User) -> None:
    save(admin, alice, is_superuser="on", is_staff="on", password="x", theme="dark")
    alice.refresh_from_db()
    assert (alice.is_superuser, alice.is_staff, alice.theme) == (False, False, "system")
    assert alice.check_password(PASSWORD)


def test_only_accounts_that_were_never_used_are_deleted(admin: Client, alice: User, bob: User, dana: User) -> None:
    Conversation.objects.create(owner=alice)
    answers = [admin.post(path(user, "delete"), {"post": "yes"}).status_code for user in (alice, bob, dana)]
    assert answers == [403, 302, 403]
    assert set(User.objects.values_list("username", flat=True)) == {"alice", "dana"}


def test_ten_thousand_people_are_listed_and_found_in_a_few_queries(admin: Client) -> None:
    rows = [User(username=f"person{n:05}", display_name=f"Name {n}", password="!") for n in range(10_000)]
    User.objects.bulk_create(rows, batch_size=2000)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = admin.get(LIST, {"p": "150"}).content.decode()
        found = admin.get(LIST, {"q": "Name 7777"}).content.decode()
    assert page.count("field-display_name") == 50
    assert "person07777" in found
    assert len(queries) <= 12
