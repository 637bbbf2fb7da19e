"""What is done to branches: the map and the contents, the menu of a message, names, copies, deleting, comparing."""

import uuid
from typing import Any

from django.contrib import messages as flash
from django.db.models.functions import Left
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.actions.branches import NAME_LENGTH, fork, name_branch
from conversations.actions.deletions import delete_branch, delete_message, undo_deletion
from conversations.exceptions import InvalidInputError
from conversations.models import Conversation, Deletion, Message, Role
from conversations.models.ids import new_id
from conversations.models.trees import ids_above, ids_below
from conversations.views.access import SignedInRequest, signed_in, wants_data
from conversations.views.branch_maps import Node, Tree, rows_of, tree_of, width_of

MOST_COMPARED = 60
MOST_CHOICES = 200


@require_safe
@signed_in
def index(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The contents and the map of a conversation; with ``part`` one of them as a fragment."""
    conversation = _visible(request, pk)
    part = request.GET.get("part", "")
    context = {
        "conversation": conversation,
        "may_edit": conversation.may_be_edited_by(request.user),
        "client_id": new_id(),
        "name_length": NAME_LENGTH,
    }
    if part in {"", "contents"}:
        context |= {"questions": questions_of(conversation)}
    if part in {"", "map"}:
        context |= map_of(conversation)
    templates = {"contents": "branches/_contents.html", "map": "branches/_map.html"}
    return render(request, templates.get(part, "branches/index.html"), context)


def questions_of(conversation: Conversation) -> list[dict[str, Any]]:
    """What people said on the branch that is shown, in order; two queries."""
    shown = set(ids_above(conversation.pk, conversation.selected_leaf_id))
    rows = Message.objects.live().filter(conversation=conversation, role=Role.USER).order_by("id")
    found = rows.values_list("id", Left("text", 200))
    return [{"id": pk, "words": " ".join(text.split())} for pk, text in found if pk in shown]


def map_of(conversation: Conversation) -> dict[str, Any]:
    """The rows of the map, and the branches that can be compared."""
    tree = tree_of(conversation)
    rows = rows_of(tree)
    here = tree.head_of(tree.path) if tree.path else None
    leaves = sorted(tree.leaves, key=lambda leaf: leaf.id, reverse=True)[:MOST_CHOICES]
    other = next((leaf.id for leaf in leaves if leaf.id != conversation.selected_leaf_id), None)
    return {
        "rows": rows,
        "is_cut": sum(row.count for row in rows) < len(tree.nodes),
        "message_count": len(tree.nodes),
        "width": width_of(rows),
        "here": here,
        "choices": [(leaf.id, tree.names[leaf.id]) for leaf in leaves],
        "left": other,
        "right": conversation.selected_leaf_id,
    }


@require_safe
@signed_in
def menu(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """What can be done with one message: a page, or the menu of its button (``fragment``)."""
    message = get_object_or_404(Message.objects.visible_to(request.user).select_related("conversation"), pk=pk)
    may_edit = message.conversation.may_be_edited_by(request.user)
    context = {
        "message": message,
        "conversation": message.conversation,
        "may_edit": may_edit,
        "below": len(ids_below(message.pk)) - 1 if may_edit else 0,
        "client_id": new_id(),
        "name_length": NAME_LENGTH,
    }
    template = "branches/_menu.html" if request.GET.get("fragment") else "branches/menu.html"
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def name(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Call the branches through a message something; a form for it where nothing is posted."""
    rows = Message.objects.editable_by(request.user).select_related("conversation")
    message = get_object_or_404(rows, pk=pk)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("message-menu", args=[pk]))
    if "name" not in request.POST:
        raise InvalidInputError("This form is out of date. Reload the page.")
    name_branch(message, request.POST["name"])
    if wants_data(request):
        return JsonResponse({"name": message.branch_name})
    return HttpResponseRedirect(message.url)


@require_POST
@signed_in
def copy_path(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """A conversation of one's own with everything down to a message."""
    message = get_object_or_404(Message.objects.visible_to(request.user).select_related("conversation"), pk=pk)
    return _copied(request, message.conversation, message)


@require_POST
@signed_in
def copy_all(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """A conversation of one's own with the whole tree."""
    return _copied(request, _visible(request, pk), None)


def _copied(request: SignedInRequest, conversation: Conversation, upto: Message | None) -> HttpResponse:
    copy = fork(request.user, conversation, upto, client_id=_client_id(request))
    url, text = reverse("conversation-detail", args=[copy.pk]), "This is your copy. The other one stays as it is."
    if wants_data(request):
        return JsonResponse({"url": url, "text": text})
    flash.success(request, text)
    return HttpResponseRedirect(url)


@require_POST
@signed_in
def delete(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Delete a message with all below it, or alone (``only``); the answer says how to bring it back."""
    rows = Message.objects.editable_by(request.user).select_related("conversation")
    message = get_object_or_404(rows, pk=pk)
    deed = delete_message if request.POST.get("only") else delete_branch
    deletion = deed(request.user, message)
    undo, count = reverse("deletion-undo", args=[deletion.pk]), len(deletion.messages)
    text = "Deleted one message." if count == 1 else f"Deleted {count} messages."
    if wants_data(request):
        return JsonResponse({"text": text, "undo": undo})
    flash.success(request, text, extra_tags=undo)
    return HttpResponseRedirect(reverse("conversation-detail", args=[message.conversation_id]))


@require_POST
@signed_in
def undo(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    editable = Conversation.objects.editable_by(request.user)
    rows = Deletion.objects.filter(conversation__in=editable).select_related("conversation")
    conversation = undo_deletion(get_object_or_404(rows, pk=pk))
    if wants_data(request):
        return HttpResponse(status=204)
    return HttpResponseRedirect(reverse("conversation-detail", args=[conversation.pk]))


@require_safe
@signed_in
def compare(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Two branches side by side, from where they part; ``left`` and ``right`` are messages at their ends.

    Unless told the one that is shown, and the newest other one.
    """
    conversation = _visible(request, pk)
    tree = tree_of(conversation)
    left, right = _side(tree, request, "left", _other(tree)), _side(tree, request, "right", tree.path)
    common = _common(left, right)
    sides = [_shown(conversation, tree, path, common) for path in (left, right)]
    above = Message.objects.shown_by_ids(conversation, [left[common - 1].id] if common else [])
    return render(request, "branches/compare.html", {"conversation": conversation, "above": above, "sides": sides})


def _other(tree: Tree) -> list[Node]:
    newest = max(tree.leaves, key=lambda leaf: (leaf not in tree.path, leaf.id), default=None)
    return tree.path_to(newest.id) if newest else []


def _side(tree: Tree, request: HttpRequest, side: str, usual: list[Node]) -> list[Node]:
    try:
        path = tree.path_to(uuid.UUID(request.GET[side])) if side in request.GET else usual
    except ValueError:
        path = []
    if not path:
        raise Http404
    return path


def _common(left: list[Node], right: list[Node]) -> int:
    """How many messages they begin with together."""
    pairs = zip(left, right, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one is not other), min(len(left), len(right)))


def _shown(conversation: Conversation, tree: Tree, path: list[Node], common: int) -> dict[str, Any]:
    own = path[common:]
    ids = [node.id for node in own[:MOST_COMPARED]]
    shown = {message.pk: message for message in Message.objects.shown_by_ids(conversation, ids)}
    return {
        "name": tree.names[path[-1].id],
        "end": path[-1],
        "messages": [shown[pk] for pk in ids if pk in shown],
        "more": max(0, len(own) - MOST_COMPARED),
    }


def _visible(request: SignedInRequest, pk: uuid.UUID) -> Conversation:
    return get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)


def _client_id(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("client_id", ""))
    except ValueError:
        return new_id()
