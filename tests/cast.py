"""The cast: alice owns, bob is in her group, carol is a stranger, dana is an admin."""

import pytest
from django.contrib.auth.models import Group

from conversations.models import User

PASSWORD = "correct horse battery"


@pytest.fixture
def alice(db: None) -> User:
    user = User.objects.create_user("alice", password=PASSWORD, display_name="Alice")
    user.groups.add(Group.objects.get_or_create(name="team")[0])
    return user


@pytest.fixture
def bob(db: None) -> User:
    user = User.objects.create_user("bob", password=PASSWORD, display_name="Bob")
    user.groups.add(Group.objects.get_or_create(name="team")[0])
    return user


@pytest.fixture
def carol(db: None) -> User:
    return User.objects.create_user("carol", password=PASSWORD, display_name="Carol")


@pytest.fixture
def dana(db: None) -> User:
    return User.objects.create_superuser("dana", password=PASSWORD, display_name="Dana")
