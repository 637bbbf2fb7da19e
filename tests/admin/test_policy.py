"""The site's policy and the retention of groups in the admin."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from conversations.models import GroupRetention, SitePolicy, User

POLICY = "/admin/conversations/sitepolicy/"
RETENTION = "/admin/conversations/groupretention/"
VALUES = {"allows_public_links": "on", "bin_days": "7", "retention_days": ""}


def test_the_index_leads_to_one_form_with_the_defaults(admin: Client) -> None:
    index = admin.get("/admin/").content.decode()
    assert POLICY in index
    assert f"{POLICY}add/" not in index
    page = admin.get(POLICY, follow=True).content.decode()
    assert 'name="bin_days" value="30"' in page
    assert not SitePolicy.objects.exists()


def test_what_is_saved_holds_and_is_logged(admin: Client, dana: User, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(2):
        response = admin.post(f"{POLICY}1/change/", VALUES, follow=True)
        assert "was changed successfully" in response.content.decode()
    policy = SitePolicy.current()
    assert (policy.allows_public_links, policy.bin_days, policy.retention_days) == (True, 7, None)
    lines = [record.getMessage() for record in caplog.records if record.name == "chatsite.security"]
    assert lines == [
        f"Site policy changed: allows_public_links is True, by user {dana.pk}",
        f"Site policy changed: bin_days is 7, by user {dana.pk}",
    ]


@pytest.mark.parametrize("values", [{"bin_days": "0"}, {"bin_days": ""}, {"retention_days": "0"}])
def test_values_that_can_not_be_are_told(admin: Client, values: dict[str, str]) -> None:
    assert "errorlist" in admin.post(f"{POLICY}1/change/", VALUES | values).content.decode()
    assert not SitePolicy.objects.exists()


@pytest.mark.parametrize("place", ["2/change/", "x/change/", "add/", "1/delete/"])
def test_there_is_no_second_policy(admin: Client, place: str) -> None:
    assert admin.post(POLICY + place, VALUES | {"post": "yes"}).status_code in {302, 403, 404}
    assert not SitePolicy.objects.exists()


def test_a_group_gets_a_time_of_its_own(admin: Client, alice: User) -> None:
    team = Group.objects.get(name="team")
    admin.post(f"{RETENTION}add/", {"group": team.pk, "days": "90"})
    assert GroupRetention.objects.get().days == 90
    assert "90" in admin.get(RETENTION).content.decode()
    admin.post(f"{RETENTION}{team.pk}/change/", {"days": "30"})
    assert GroupRetention.objects.get().days == 30
    admin.post(f"{RETENTION}{team.pk}/delete/", {"post": "yes"})
    assert not GroupRetention.objects.exists()
    assert Group.objects.filter(pk=team.pk).exists()


def test_people_who_are_no_admins_find_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)
    for where in (POLICY, f"{POLICY}1/change/", RETENTION, f"{RETENTION}add/"):
        assert client.get(where).status_code == 404
        assert client.post(where, VALUES).status_code == 404
    assert not SitePolicy.objects.exists()
