"""Pages for what went wrong."""

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from conversations.exceptions import NotFoundError, ProviderTimeoutError, UnavailableError
from conversations.models import User
from conversations.views.errors import chat_error, server_error
from tests.views.pages import DATA, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def test_an_unknown_address_has_a_page_with_a_way_on(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "There is nothing here" in text_of(response)


def test_the_page_for_a_broken_server_needs_no_database(
    rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    request = rf.get("/")
    request.COOKIES["theme"] = "dark"
    with django_assert_num_queries(0):
        response = server_error(request)
    assert response.status_code == 500
    assert 'data-theme="dark"' in text_of(response)


def test_a_form_without_its_token_is_refused_with_words(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(reverse("theme-update"), {"theme": "dark"})
    assert response.status_code == 403
    assert "out of date" in text_of(response)
    assert client.post(reverse("theme-update"), headers=DATA).json()["code"] == "csrf"


@pytest.mark.parametrize(
    ("error", "status"), [(NotFoundError(), 404), (UnavailableError(), 503), (ProviderTimeoutError(), 502)]
)
def test_errors_raised_on_purpose_keep_their_sentence(rf: RequestFactory, error: Exception, status: int) -> None:
    request: HttpRequest = rf.get("/", headers=DATA)
    response = chat_error(request, error)  # type: ignore[arg-type]
    assert response.status_code == status
    assert str(error) in text_of(response)
