"""Everybody in the admin's tests is dana, unless a test says otherwise."""

import pytest
from django.test import Client
from pytest_django import Settings

from conversations.models import User


@pytest.fixture(autouse=True)
def _pages(static_files: None, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def admin(client: Client, dana: User) -> Client:
    """A browser in which dana is signed in."""
    client.force_login(dana)
    return client
