"""Shared conversations: invite colleagues and groups, change what they may do, take it back, leave."""

from __future__ import annotations

import logging
from typing import Final

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from conversations.actions.conversations import mark_seen
from conversations.events import ConversationChanged, MembersChanged
from conversations.exceptions import ConflictError, InvalidInputError, LimitError
from conversations.generation.announcing import (
    people_of,
    tell_people,
    tell_readers,
    tell_to_look_again,
    tell_who_left,
)
from conversations.models import Conversation, Member, MemberRole, User, Visit
from conversations.models.members import MOST_MEMBERS

security = logging.getLogger("chatsite.security")

MOST_FOUND: Final = 8


@transaction.atomic
def invite(owner: User, conversation: Conversation, who: User | Group, role: str) -> Member:
    """Let a person or a group read (and write, as editor); whoever was invited already gets the role.

    Raises ConflictError for a temporary conversation, InvalidInputError for the owner, an unknown role, people who
    can't sign in and groups that are not one's own, LimitError past MOST_MEMBERS.
    """
    _require_role(role)
    if conversation.is_temporary:
        raise ConflictError("A temporary conversation is for you alone and can't be shared.")
    _require_invitable(owner, conversation, who)
    conversation.lock()
    named = {"user": who} if isinstance(who, User) else {"group": who}
    member = Member.objects.filter(conversation=conversation, **named).first()
    if member is not None:
        change_role(owner, member, role)
        return member
    if Member.objects.filter(conversation=conversation).count() >= MOST_MEMBERS:
        raise LimitError(f"A conversation can be shared with at most {MOST_MEMBERS} people and groups. Invite a group.")
    member = Member.objects.create(conversation=conversation, role=role, invited_by=owner, **named)
    security.info("Member added: conversation %s, %s as %s by user %s", conversation.pk, _named(member), role, owner.pk)
    _keep_mark(conversation)
    tell_people(conversation, ConversationChanged(str(conversation.pk)))
    tell_readers(conversation, MembersChanged(str(conversation.pk)))
    return member


@transaction.atomic
def change_role(owner: User, member: Member, role: str) -> None:
    """Let a member write, or only read. It holds at once."""
    _require_role(role)
    if Member.objects.filter(pk=member.pk).exclude(role=role).update(role=role):
        member.role = role
        pk = member.conversation_id
        security.info("Member changed: conversation %s, %s is %s by user %s", pk, _named(member), role, owner.pk)
        tell_people(member.conversation, ConversationChanged(str(pk)))
        tell_readers(member.conversation, MembersChanged(str(pk)))


@transaction.atomic
def remove_member(actor: User, member: Member) -> None:
    """Take a member out, or leave oneself. Who may not read any more is told, and what they have open is closed."""
    conversation = member.conversation
    conversation.lock()
    before = people_of(conversation)
    if not Member.objects.filter(pk=member.pk).delete()[0]:
        return
    security.info("Member removed: conversation %s, %s by user %s", conversation.pk, _named(member), actor.pk)
    _keep_mark(conversation)
    tell_who_left(conversation, before)
    tell_people(conversation, ConversationChanged(str(conversation.pk)))


def look_at(user: User, conversation: Conversation) -> None:
    """Take the dot of what was answered away for one person; of others than the owner it is noted when they looked."""
    if conversation.owner_id == user.pk:
        if conversation.has_unseen_answer:
            mark_seen(conversation)
        return
    now = timezone.now()
    Visit.objects.update_or_create(conversation=conversation, user=user, defaults={"seen_at": now})


def find_invitable(owner: User, conversation: Conversation, words: str) -> tuple[list[User], list[Group]]:
    """People who can sign in and groups one may invite whose names have all the words; the best MOST_FOUND of each.

    Who is in already, and the owner, are left out. Nothing is found for no words.
    """
    parts = words.split()[:5]
    if not parts:
        return [], []
    people, groups = User.objects.filter(is_active=True).exclude(pk=conversation.owner_id), invitable_groups(owner)
    for part in parts:
        people = people.filter(Q(username__icontains=part) | Q(display_name__icontains=part))
        groups = groups.filter(name__icontains=part)
    people = people.exclude(memberships__conversation=conversation)
    groups = groups.exclude(pk__in=conversation.members.exclude(group=None).values("group"))
    return list(people.order_by("username")[:MOST_FOUND]), list(groups.order_by("name")[:MOST_FOUND])


def invitable_groups(user: User) -> QuerySet[Group]:
    """Those one is in; all for who manages people."""
    return Group.objects.all() if user.is_staff else Group.objects.filter(user=user)


def group_goes(group: Group) -> None:
    """Take a group out of all conversations, before it is deleted."""
    _take_out(Member.objects.filter(group=group), list(group.user_set.values_list("pk", flat=True)))


def person_goes(user: User) -> None:
    """Take a person out of all conversations, before the account is deleted."""
    _take_out(Member.objects.filter(user=user), [user.pk])


@transaction.atomic
def _take_out(members: QuerySet[Member], people: list[int]) -> None:
    shared = list(Conversation.objects.filter(members__in=members).distinct())
    members.delete()
    for conversation in shared:
        _keep_mark(conversation)
        tell_readers(conversation, MembersChanged(str(conversation.pk)))
    tell_to_look_again(people)


def _keep_mark(conversation: Conversation) -> None:
    """``has_members`` says what the table says."""
    conversation.has_members = Member.objects.filter(conversation=conversation).exists()
    conversation.save(update_fields=["has_members"])


def _require_role(role: str) -> None:
    if role not in MemberRole.values:
        raise InvalidInputError("A member can read, or read and write.", field="role")


def _require_invitable(owner: User, conversation: Conversation, who: User | Group) -> None:
    if isinstance(who, User):
        if who.pk == conversation.owner_id:
            raise InvalidInputError("This conversation is yours already.", field="person")
        if not who.is_active:
            raise InvalidInputError("Nobody with this name can sign in here.", field="person")
    elif not invitable_groups(owner).filter(pk=who.pk).exists():
        raise InvalidInputError("You can invite groups that you are in.", field="group")


def _named(member: Member) -> str:
    return f"user {member.user_id}" if member.user_id else f"group {member.group_id}"
