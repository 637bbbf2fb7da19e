"""Conversations: the chat page, the fragments it is kept fresh with, and what is done to one."""

import uuid
from dataclasses import replace

from django.contrib import messages as flash
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from conversations.actions.conversations import (
    delete_conversation,
    pin_conversation,
    rename_conversation,
    restore_conversation,
)
from conversations.actions.members import look_at
from conversations.exceptions import InvalidInputError, NotFoundError
from conversations.forms.conversations import ConversationForm
from conversations.models import Conversation, Message
from conversations.views.access import SignedInRequest, back, signed_in, wants_data
from conversations.views.pages import LOG_PAGE, chat_page
from conversations.views.sidebar import opened_in, sidebar, top

PIECES = ("before", "after", "around")


@require_safe
@signed_in
def home(request: SignedInRequest) -> HttpResponse:
    return chat_page(request)


@require_safe
@signed_in
def detail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The newest messages; with ``message`` the branch through it, at it, which changes nothing."""
    conversation = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    look_at(request.user, conversation)
    named = _live(conversation, request.GET.get("message", ""))
    if named is not None:
        leaf_id = Message.objects.leaf_through(conversation, named)
        window = Message.objects.window(conversation, leaf_id, around=named, limit=LOG_PAGE)
        return chat_page(request, conversation, window=window)
    if "message" in request.GET:
        flash.info(request, "The message this link leads to isn't there any more.")
    return chat_page(request, conversation)


@require_safe
@signed_in
def log(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """A piece of a branch as the log's inner HTML: the newest messages, those above ``before`` or after ``after``, or
    those around ``around`` if it stands on this branch.

    ``leaf`` names the end of a branch that is not the selected one.
    """
    conversation = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    before, after, around = (_message_id(conversation, request.GET.get(name, "")) for name in PIECES)
    leaf_id = _live(conversation, request.GET.get("leaf", "")) or conversation.selected_leaf_id
    if before is not None:
        above = Message.objects.filter(pk=before).values_list("parent_id", flat=True).get()
        window = replace(Message.objects.window(conversation, above, limit=LOG_PAGE), has_newer=True, leaf_id=leaf_id)
    else:
        window = Message.objects.window(conversation, leaf_id, around=around, after=after, limit=LOG_PAGE)
    rights = {"may_edit": conversation.may_be_edited_by(request.user), "is_shared": conversation.has_members}
    response = render(request, "messages/_log.html", {"shown": window.messages, **rights})
    response["X-Revision"] = str(conversation.revision)
    response["X-Leaf"] = str(window.leaf_id or "")
    response["X-Older"] = "1" if window.has_older else "0"
    response["X-Newer"] = "1" if window.has_newer else "0"
    return response


@require_safe
@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """A page of the sidebar; the address of the next one stands in ``X-Next``. The first begins with what stands above
    the days; ``part=top`` is that alone."""
    before = request.GET.get("before", "")
    if request.GET.get("part") == "top":
        return render(request, "conversations/_top.html", {"top": top(request.user, opened_in(request))})
    page = sidebar(request.user, before, opened_in(request))
    template = "conversations/_groups.html" if before else "conversations/_list.html"
    response = render(request, template, {"groups": page.groups, "top": page.top})
    response["X-Next"] = page.next_url
    return response


@require_POST
@signed_in
def update(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    conversation = get_object_or_404(Conversation.objects.editable_by(request.user), pk=pk)
    form = ConversationForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError
    if form.cleaned_data["pinned"] is not None and conversation.owner_id != request.user.pk:
        raise NotFoundError
    if "title" in request.POST:
        rename_conversation(conversation, form.cleaned_data["title"])
    if form.cleaned_data["pinned"] is not None:
        pin_conversation(conversation, is_pinned=form.cleaned_data["pinned"])
    return back(request)


@require_POST
@signed_in
def delete(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Put a conversation aside; the answer says how to bring it back."""
    conversation = get_object_or_404(Conversation.objects.owned_by(request.user), pk=pk)
    delete_conversation(conversation)
    undo = reverse("conversation-restore", args=[conversation.pk])
    text = f"Deleted “\u2068{conversation.title}\u2069”."
    if wants_data(request):
        return JsonResponse({"text": text, "undo": undo})
    flash.success(request, text, extra_tags=undo)
    return HttpResponseRedirect(reverse("home"))


@require_POST
@signed_in
def restore(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    conversation = get_object_or_404(Conversation.objects.deleted_by(request.user), pk=pk)
    restore_conversation(conversation)
    if wants_data(request):
        return HttpResponse(status=204)
    return HttpResponseRedirect(reverse("conversation-detail", args=[conversation.pk]))


def _message_id(conversation: Conversation, text: str) -> uuid.UUID | None:
    """A live message of this conversation, None for no text, 404 for anything else."""
    if not text:
        return None
    found = _live(conversation, text)
    if found is None:
        raise Http404
    return found


def _live(conversation: Conversation, text: str) -> uuid.UUID | None:
    """The id in ``text`` if it is that of a message of this conversation that was not deleted."""
    try:
        pk = uuid.UUID(text)
    except ValueError:
        return None
    return pk if Message.objects.live().filter(conversation=conversation, pk=pk).exists() else None
