"""Groups in the admin: made, renamed, deleted; members found by name among ten thousand."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import ParameterRule, User
from tests.admin.pages import path

LIST = "/admin/auth/group/"
FIND = "/admin/autocomplete/?app_label=conversations&model_name=owndefaults&field_name=user&term="


@pytest.fixture
def team(alice: User, bob: User) -> Group:
    return Group.objects.get(name="team")


def names(group: Group) -> set[str]:
    return set(group.user_set.values_list("username", flat=True))


def post(client: Client, group: Group, **data: Any) -> Any:
    return client.post(path(group, "members"), data, follow=True)


def test_a_new_group_leads_on_to_its_members(admin: Client) -> None:
    page = admin.post(f"{LIST}add/", {"name": "Research"}, follow=True).content.decode()
    assert "Members of Research" in page
    assert "Nobody is in this group yet." in page


def test_a_group_is_renamed_and_two_of_a_name_are_refused(admin: Client, team: Group) -> None:
    admin.post(path(team), {"name": "crew"})
    team.refresh_from_db()
    assert team.name == "crew"
    assert "already exists" in admin.post(f"{LIST}add/", {"name": "crew"}).content.decode()


def test_members_are_added_and_taken_out(admin: Client, team: Group, carol: User, alice: User) -> None:
    assert "One person added." in post(admin, team, people=[carol.pk, alice.pk]).content.decode()
    assert names(team) == {"alice", "bob", "carol"}
    assert "2 people taken out" in post(admin, team, remove=[carol.pk, alice.pk]).content.decode()
    assert names(team) == {"bob"}


@pytest.mark.parametrize("people", [[], ["999999"], ["x"], ["9" * 40], ["-1"], ["²"]])
def test_nobody_or_somebody_unknown_is_told(admin: Client, team: Group, people: list[str]) -> None:
    assert "errorlist" in post(admin, team, people=people).content.decode()
    assert names(team) == {"alice", "bob"}


def test_what_is_no_number_takes_nobody_out(admin: Client, team: Group) -> None:
    post(admin, team, remove=["x", "9" * 40, "-1"])
    assert names(team) == {"alice", "bob"}


def test_deleting_a_group_keeps_its_people_and_ends_its_rules(admin: Client, team: Group) -> None:
    ParameterRule.objects.create(group=team, name="seed", mode="hidden")
    page = admin.get(path(team, "delete")).content.decode()
    assert "Rules about parameters: 1" in page or "rules about parameters: 1" in page.lower()
    admin.post(path(team, "delete"), {"post": "yes"})
    assert not Group.objects.exists()
    assert not ParameterRule.objects.exists()
    assert User.objects.filter(username__in=["alice", "bob"]).count() == 2


def test_a_person_s_page_shows_their_groups(admin: Client, team: Group, alice: User, carol: User) -> None:
    assert path(team, "members") in admin.get(path(alice)).content.decode()
    assert "No group" in admin.get(path(carol)).content.decode()


def test_ten_thousand_members_are_found_in_a_few_queries(admin: Client, team: Group) -> None:
    rows = [User(username=f"person{n:05}", display_name=f"Name {n}", password="!") for n in range(10_000)]
    User.objects.bulk_create(rows, batch_size=2000)
    people = User.objects.filter(username__startswith="person")
    through = User.groups.through
    through.objects.bulk_create([through(user_id=pk, group=team) for pk in people.values_list("pk", flat=True)])
    with CaptureQueriesContext(connection) as queries:
        page = admin.get(path(team, "members"), {"p": "100"}).content.decode()
        found = admin.get(path(team, "members"), {"q": "Name 7777"}).content.decode()
        offered = admin.get(f"{FIND}Name 7777").json()
        delete = admin.get(path(team, "delete")).content.decode()
        listed = admin.get(LIST).content.decode()
    assert page.count('name="remove"') == 50
    assert "person07777" in found
    assert [one["text"] for one in offered["results"]] == ["Name 7777"]
    assert len(delete) < 20_000
    assert "10002" in listed
    assert len(queries) <= 30


def test_memberships_are_logged(admin: Client, team: Group, carol: User, dana: User, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    post(admin, team, people=[carol.pk])
    post(admin, team, remove=[carol.pk])
    lines = [record.getMessage() for record in caplog.records if record.name == "chatsite.security"]
    assert lines == [
        f"Group joined: user {carol.pk}, group {team.pk} by user {dana.pk}",
        f"Group left: user {carol.pk}, group {team.pk} by user {dana.pk}",
    ]


def test_people_who_are_no_admins_find_nothing(client: Client, team: Group, alice: User, carol: User) -> None:
    client.force_login(alice)
    for where in (LIST, path(team), path(team, "members"), f"{FIND}a"):
        assert client.get(where).status_code == 404
        assert client.post(where, {"people": [carol.pk], "name": "x"}).status_code == 404
    assert names(team) == {"alice", "bob"}


def test_a_group_with_rights_is_an_administrator_s_alone(team: Group, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.add(*Permission.objects.filter(codename__in=["change_group", "view_group"]))
    staff = Client()
    staff.force_login(bob)
    assert post(staff, team, remove=[bob.pk]).status_code == 200
    team.permissions.add(Permission.objects.get(codename="change_user"))
    assert post(staff, team, people=[bob.pk]).status_code == 403
    assert "bob" not in names(team)
