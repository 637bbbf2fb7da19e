"""Accounts: the first admin, passwords, and the end of sessions."""

import logging
from functools import partial
from typing import Final

from django.db import transaction

from conversations.actions.generations import stop_generation
from conversations.actions.texts import clean_text
from conversations.events import SessionEnded, publish, user_topic
from conversations.exceptions import ConflictError
from conversations.models import Generation, SetupLink, User

security = logging.getLogger("chatsite.security")

SPENT: Final = "This set-up link has been used, has run out, or is not needed any more."


def current_setup_link() -> SetupLink | None:
    """The link for the first admin: the one that is still valid, else a new one; None once there is an admin."""
    if has_admin():
        return None
    return SetupLink.objects.valid().order_by("-created_at").first() or SetupLink.objects.create()


def find_setup_link(token: str) -> SetupLink | None:
    """The valid link with this token; None for unknown, used and old ones alike, and once there is an admin."""
    links = [] if has_admin() else list(SetupLink.objects.valid())
    return next((link for link in links if link.matches(token)), None)


def has_admin() -> bool:
    return User.objects.filter(is_superuser=True).exists()


@transaction.atomic
def create_first_admin(link: SetupLink, *, username: str, display_name: str, password: str) -> User:
    """Spend the link for the site's first admin. Raises ConflictError if it is spent or there is an admin already.

    Every valid link is spent with it, so that of two people with two links only one can win.
    """
    if not link.use() or has_admin():
        raise ConflictError(SPENT)
    for other in SetupLink.objects.valid():
        other.use()
    user = User.objects.create_superuser(username, password=password, display_name=clean_text(display_name).strip())
    security.info("First admin created: user %s", user.pk)
    return user


def change_password(user: User, password: str) -> None:
    """Set a new password: every session of this person ends but the one that asks for it (the caller keeps that)."""
    user.set_password(password)
    user.save(update_fields=["password"])
    security.info("Password changed: user %s", user.pk)
    announce_session_end(user)


def account_changed(user: User, by: User, changed: list[str]) -> None:
    """Note who changed what about an account; end its sessions, and its answers, if they must not go on."""
    for field in sorted({"is_active", "is_admin", "new_password"} & set(changed)):
        state = {"is_active": user.is_active, "is_admin": user.is_superuser}.get(field, "set")
        security.info("Account changed: user %s by user %s: %s is %s", user.pk, by.pk, field, state)
    if not user.is_active:
        for generation in Generation.objects.unfinished().filter(owner=user):
            stop_generation(generation)
    if "new_password" in changed or not user.is_active:
        announce_session_end(user)


def announce_session_end(user: User) -> None:
    """Let every open page of this person check now whether its session still holds."""
    transaction.on_commit(partial(publish, user_topic(user.pk), SessionEnded()))
