"""How people look beside what they wrote: initials and one of eight colours, by classes."""

from __future__ import annotations

from typing import Any

from django import template

from conversations.models import Message, Role, User

register = template.Library()

COLOURS = 8
FORMER = "Former colleague"


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word: two at most."""
    words = [word.lstrip("@._-+“”\"'(") for word in name.split()]
    letters = [word[0] for word in words if word]
    return "".join([*letters[:1], *letters[1:][-1:]]).upper()


@register.filter
def colour(person: Any) -> str:
    """The class of a person's avatar; ``person`` is a user, somebody present, or None."""
    number = getattr(person, "pk", None) or getattr(person, "user", None)
    return f"avatar--{number % COLOURS}" if isinstance(number, int) else "avatar--none"


@register.simple_tag
def writer(message: Message, viewer: User, is_shared: object) -> dict[str, Any] | None:
    """Who wrote a message, where that has to be said: in a shared conversation, and wherever it was somebody else."""
    if message.role not in {Role.USER, Role.TOOL}:
        return None
    if message.author_id == getattr(viewer, "pk", None) and message.author_id is not None:
        return {"name": "You", "person": message.author, "is_own": True} if is_shared else None
    if message.author is None:
        return {"name": FORMER, "person": None, "is_own": False} if is_shared else None
    return {"name": message.author.name, "person": message.author, "is_own": False}


@register.filter
def handle(person: User) -> str:
    """The name to sign in with, where people read another one."""
    return f"@{person.username}" if person.name != person.username else ""
