"""The inspector as pages and form posts."""

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import LanguageModel, User
from tests.views.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def test_the_inspector_shows_every_parameter_of_the_model(client: Client, alice: User, model: LanguageModel) -> None:
    client.force_login(alice)
    html = text_of(client.get(reverse("inspector")))
    print(html)
    assert 'name="p.temperature"' in html
