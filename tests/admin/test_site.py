"""Who finds the admin, and that there is one way in."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations.admin import site
from conversations.models import User

PATHS = ["/admin/", "/admin/conversations/provider/", "/admin/conversations/user/add/", "/admin/nothing/here/"]

SECTIONS = ("Providers", "Models", "Parameters", "People", "Groups", "Usage")


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_nobody_gets_in_without_signing_in(client: Client, path: str) -> None:
    response = client.get(path, follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("sign-in") + "?next=/admin/")


@pytest.mark.parametrize("path", [*PATHS, "/admin/login/"])
def test_people_who_are_no_admins_find_nothing(client: Client, alice: User, path: str) -> None:
    client.force_login(alice)
    response = client.get(path, follow=True)
    assert response.status_code == 404
    assert "Providers" not in response.content.decode()


def test_admins_see_the_sections_in_order(admin: Client) -> None:
    page = admin.get("/admin/").content.decode()
    places = [page.index(f">{title}</a>") for title in SECTIONS]
    assert places == sorted(places)
    assert reverse("home") in page


def test_no_section_shows_what_people_write() -> None:
    known = {"Provider", "LanguageModel", "ParameterRule", "User", "Group", "Usage", "SitePolicy", "GroupRetention"}
    assert {model.__name__ for model in site._registry} == known


def test_signing_out_of_the_admin_signs_out_of_the_site(admin: Client) -> None:
    response = admin.post("/admin/logout/")
    assert (response.status_code, response["Location"]) == (307, reverse("sign-out"))


def test_the_password_is_changed_on_the_product_s_page(admin: Client) -> None:
    assert admin.get("/admin/password_change/")["Location"] == reverse("password")


def test_the_admin_s_page_follows_the_chosen_theme(admin: Client, dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(theme="dark")
    assert "theme-dark" in admin.get("/admin/").content.decode()


def _inline(page: str) -> list[Any]:
    return [mark for mark in ("<style", " style=", "onclick", "javascript:", "<script>") if mark in page]


@pytest.mark.parametrize("model", ["provider", "languagemodel", "user", "usage"])
def test_lists_and_forms_have_no_inline_script_or_style(admin: Client, model: str) -> None:
    paths = [f"/admin/conversations/{model}/", f"/admin/conversations/{model}/add/"]
    pages = [admin.get(path).content.decode() for path in paths[: 1 if model == "usage" else 2]]
    assert [_inline(page) for page in pages] == [[] for _ in pages]
