"""Groups: who is in them. Rules about parameters hold for groups."""

import logging
from collections.abc import Collection

from django.contrib.auth.models import Group

from conversations.actions.members import group_goes
from conversations.generation.announcing import tell_to_look_again
from conversations.models import User

security = logging.getLogger("chatsite.security")


def add_members(actor: User, group: Group, people: Collection[User]) -> int:
    """Add those who are not in the group yet; returns how many."""
    known = set(group.user_set.filter(pk__in=[person.pk for person in people]).values_list("pk", flat=True))
    added = [person for person in people if person.pk not in known]
    group.user_set.add(*added)
    tell_to_look_again([person.pk for person in added])
    for person in added:
        security.info("Group joined: user %s, group %s by user %s", person.pk, group.pk, actor.pk)
    return len(added)


def remove_members(actor: User, group: Group, people: Collection[User]) -> int:
    """Take these people out of the group; returns how many were in it."""
    members = list(group.user_set.filter(pk__in=[person.pk for person in people]))
    group.user_set.remove(*members)
    tell_to_look_again([person.pk for person in members])
    for person in members:
        security.info("Group left: user %s, group %s by user %s", person.pk, group.pk, actor.pk)
    return len(members)


def group_changed(actor: User, group: Group, deed: str) -> None:
    """Say in the log that a group was ``created``, ``renamed``, or is about to be ``deleted``."""
    if deed == "deleted":
        group_goes(group)
    security.info("Group %s: group %s by user %s", deed, group.pk, actor.pk)
