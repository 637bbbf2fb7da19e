"""Who is in a shared conversation: the dialog, its page without a script, and what is done there."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages as flash
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from conversations.actions.members import change_role, find_invitable, invite, remove_member
from conversations.exceptions import InvalidInputError
from conversations.forms.members import InviteForm, RoleForm
from conversations.models import Conversation, Member, MemberRole, User
from conversations.models.members import MOST_MEMBERS, member_roles
from conversations.views.access import SignedInRequest, signed_in, wants_data

LONGEST_QUERY: Final = 100


@dataclass(frozen=True)
class Found:
    """What the names that were typed lead to."""

    words: str
    people: list[User]
    groups: list[Group]


@require_safe
@signed_in
def detail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Everybody who may read a conversation; its owner also finds others (``q``). ``fragment``: as a dialog."""
    rows = Conversation.objects.visible_to(request.user).select_related("owner")
    conversation = get_object_or_404(rows, pk=pk)
    is_part = "fragment" in request.GET
    template = "members/_dialog.html" if is_part else "members/page.html"
    return render(request, template, _context(request, conversation))


@require_POST
@signed_in
def create(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Invite a person, by the name to sign in with, or a group."""
    rows = Conversation.objects.owned_by(request.user).select_related("owner")
    conversation, form = get_object_or_404(rows, pk=pk), InviteForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError("Choose somebody to invite, and what they may do.", field="person")
    who = _who(form.cleaned_data["person"], form.cleaned_data["group"])
    member = invite(request.user, conversation, who, form.cleaned_data["role"])
    deed = "write here" if member.role == MemberRole.EDITOR else "read this conversation"
    return _done(request, conversation, f"\u2068{member}\u2069 can {deed} now.")


@require_POST
@signed_in
def update(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a member another role."""
    rows = Member.objects.managed_by(request.user).select_related("conversation__owner", "user", "group")
    member, form = get_object_or_404(rows, pk=pk), RoleForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError("A member can read, or read and write.", field="role")
    change_role(request.user, member, form.cleaned_data["role"])
    deed = "read and write" if member.role == MemberRole.EDITOR else "read"
    return _done(request, member.conversation, f"\u2068{member}\u2069 can {deed} now.")


@require_POST
@signed_in
def delete(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a member out of one's conversation, or leave another's."""
    rows = Member.objects.removable_by(request.user).select_related("conversation__owner", "user", "group")
    member = get_object_or_404(rows, pk=pk)
    conversation = member.conversation
    remove_member(request.user, member)
    if conversation.owner_id == request.user.pk:
        return _done(request, conversation, f"\u2068{member}\u2069 has no access any more.")
    text = f"You left “\u2068{conversation.title}\u2069”."
    if wants_data(request):
        return JsonResponse({"text": text, "url": reverse("home")})
    flash.success(request, text)
    return HttpResponseRedirect(reverse("home"))


def _done(request: HttpRequest, conversation: Conversation, text: str) -> HttpResponse:
    page = reverse("conversation-people", args=[conversation.pk])
    if wants_data(request):
        return JsonResponse({"text": text, "url": page})
    flash.success(request, text)
    return HttpResponseRedirect(page)


def _who(username: str, group: int | None) -> User | Group:
    if group is not None:
        found = Group.objects.filter(pk=group).first()
        if found is None:
            raise InvalidInputError("This group isn't there any more.", field="group")
        return found
    person = User.objects.filter(username=username).first()
    if person is None:
        raise InvalidInputError("Nobody with this name can sign in here.", field="person")
    return person


def _context(request: SignedInRequest, conversation: Conversation) -> dict[str, Any]:
    members = list(Member.objects.filter(conversation=conversation).listed())
    is_owner = conversation.owner_id == request.user.pk
    words = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    people, groups = find_invitable(request.user, conversation, words) if is_owner else ([], [])
    return {
        "conversation": conversation,
        "members": members,
        "is_owner": is_owner,
        "own": next((member for member in members if member.user_id == request.user.pk), None),
        "is_full": len(members) >= MOST_MEMBERS,
        "roles": member_roles(),
        "found": Found(words, people, groups) if words and is_owner else None,
        "back_url": reverse("conversation-detail", args=[conversation.pk]),
    }
