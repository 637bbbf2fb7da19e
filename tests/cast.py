"""The cast: alice owns, bob is in her group, carol is a stranger, dana is an admin."""

from functools import cache

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from conversations.models import User

PASSWORD = "correct horse battery"


def _hashed() -> str:
    return _hashed_by(settings.PASSWORD_HASHERS[0])


@cache
def _hashed_by(_hasher: str) -> str:
    """Hashing takes a quarter of a second by design: once a run is enough, for each hasher that a test prefers."""
    return make_password(PASSWORD)


@pytest.fixture
def alice(db: None) -> User:
    user = User.objects.create(username="alice", password=_hashed(), display_name="Alice")
    user.groups.add(Group.objects.get_or_create(name="team")[0])
    return user


@pytest.fixture
def bob(db: None) -> User:
    user = User.objects.create(username="bob", password=_hashed(), display_name="Bob")
    user.groups.add(Group.objects.get_or_create(name="team")[0])
    return user


@pytest.fixture
def carol(db: None) -> User:
    return User.objects.create(username="carol", password=_hashed(), display_name="Carol")


@pytest.fixture
def dana(db: None) -> User:
    return User.objects.create(
        username="dana", password=_hashed(), display_name="Dana", is_staff=True, is_superuser=True
    )
