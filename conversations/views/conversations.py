"""Conversations: the chat page, the fragments it is kept fresh with, and what is done to one."""

import uuid

from django.contrib import messages as flash
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from conversations.actions.conversations import (
    delete_conversation,
    mark_seen,
    pin_conversation,
    rename_conversation,
    restore_conversation,
)
from conversations.exceptions import InvalidInputError
from conversations.forms.conversations import ConversationForm
from conversations.models import Conversation, Message
from conversations.views.access import SignedInRequest, back, signed_in, wants_data
from conversations.views.pages import LOG_PAGE, chat_page
from conversations.views.sidebar import sidebar


@require_safe
@signed_in
def home(request: SignedInRequest) -> HttpResponse:
    return chat_page(request)


@require_safe
@signed_in
def detail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    conversation = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    if conversation.has_unseen_answer:
        mark_seen(conversation)
    return chat_page(request, conversation)


@require_safe
@signed_in
def log(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Messages of the selected branch, the newest or those above ``before``, as the log's inner HTML."""
    conversation = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    before = _message_id(conversation, request.GET.get("before", ""))
    shown = Message.objects.shown(conversation, limit=LOG_PAGE, before=before)
    response = render(request, "messages/_log.html", {"shown": shown})
    response["X-Revision"] = str(conversation.revision)
    response["X-Leaf"] = str(conversation.selected_leaf_id or "")
    response["X-Older"] = "1" if shown and shown[0].parent_id else "0"
    return response


@require_safe
@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """A page of the sidebar; the address of the next one stands in ``X-Next``."""
    page = sidebar(request.user, request.GET.get("before", ""))
    response = render(request, "conversations/_groups.html", {"groups": page.groups})
    response["X-Next"] = page.next_url
    return response


@require_POST
@signed_in
def update(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    conversation = get_object_or_404(Conversation.objects.editable_by(request.user), pk=pk)
    form = ConversationForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError
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
    if wants_data(request):
        return JsonResponse({"restore": undo, "title": conversation.title})
    flash.success(request, f"Deleted “\u2068{conversation.title}\u2069”.", extra_tags=undo)
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
    """A message of this conversation, None for no text, 404 for anything else."""
    if not text:
        return None
    try:
        pk = uuid.UUID(text)
    except ValueError:
        pk = uuid.UUID(int=0)
    return get_object_or_404(Message, conversation=conversation, pk=pk).pk
