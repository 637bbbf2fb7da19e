"""All conversations on a page: found by title, folder, tag, model and state; and what is done to those chosen."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from conversations.actions.folders import create_folder
from conversations.actions.selections import (
    MOST_AT_ONCE,
    archive_conversations,
    delete_conversations,
    move_conversations,
)
from conversations.actions.tags import tag_conversations
from conversations.exceptions import LimitError, NotFoundError
from conversations.forms.archive import ArchiveFilterForm, ChangeForm
from conversations.models import Conversation, Tag, UndoStep, User
from conversations.views.access import SignedInRequest, signed_in
from conversations.views.cursors import cursor_of, position
from conversations.views.folders import paths_of
from conversations.views.undo_steps import done

PAGE = 50


@require_safe
@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    paths = paths_of(request.user)
    form = ArchiveFilterForm(request.user, request.GET, [(branch.folder, path) for branch, path in paths])
    rows = form.rows().select_related("folder", "owner").prefetch_related("tags").defer("parameters")
    found = list(rows.newest_first(position(request.GET.get("before", "")))[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    own = [row for row in found if row.owner_id == request.user.pk]
    context = {
        "form": form,
        "rows": found,
        "is_selectable": bool(own),
        "is_later": "before" in request.GET,
        "first_url": f"?{urlencode(_narrowing(request))}",
        "next_url": f"?{urlencode(_narrowing(request) | {'before': cursor_of(found[-1])})}" if more else "",
        "paths": paths,
        "tags": form.fields["tag"].queryset,  # type: ignore[attr-defined]
    }
    return render(request, "archive/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change(request: SignedInRequest) -> HttpResponse:
    """Do a deed to the conversations named; those that aren't one's own (any more) are left out, 404 if none is left.

    For ``move`` and ``tag`` without a target: the form to choose it.
    """
    data = request.GET.copy()
    data.update(request.POST)
    form = ChangeForm(request.user, data)
    if not form.is_valid():  # an unknown deed, or a folder or tag that isn't one's own
        raise NotFoundError
    rows = _chosen(request.user, data.getlist("conversation"))
    deed = form.cleaned_data["deed"]
    if deed == "move" and not data.keys() & {"folder", "new"}:
        return _choose(request, "folders", rows, _places(request.user, rows))
    if deed == "tag" and not data.keys() & {"tag", "new", "held"}:
        return _choose(request, "tags", rows, _tags(request.user, rows))
    if request.method != "POST":
        raise Http404
    return done(request, _do(request.user, deed, rows, form))


def _do(user: User, deed: str, rows: list[Conversation], form: ChangeForm) -> UndoStep:
    given = form.cleaned_data
    if deed == "move":
        new = given["new"].strip()
        return move_conversations(user, rows, create_folder(user, new, given["folder"]) if new else given["folder"])
    if deed == "tag":
        wanted = list(given["tag"])
        gone = [tag for tag in given["held"] if tag not in wanted]
        return tag_conversations(user, rows, add=wanted, remove=gone, new=form.names)
    if deed == "delete":
        return delete_conversations(user, rows)
    return archive_conversations(user, rows, is_archived=deed == "archive")


def _chosen(user: User, given: list[str]) -> list[Conversation]:
    ids = {_uuid(text) for text in given}
    if len(ids) > MOST_AT_ONCE:
        raise LimitError(f"At most {MOST_AT_ONCE} conversations can be changed at once. Select fewer.")
    rows = list(Conversation.objects.owned_by(user).filter(pk__in=ids).order_by("-active_at", "-id"))
    if not rows:
        raise NotFoundError
    return rows


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFoundError from error


def _choose(request: HttpRequest, noun: str, rows: list[Conversation], context: dict[str, Any]) -> HttpResponse:
    """``noun``_choose as a page, or as the form alone for a dialog."""
    is_fragment = "fragment" in request.GET or "fragment" in request.POST
    context |= {
        "action": reverse("archive-change"),
        "conversations": rows,
        "next": request.POST.get("next") or request.GET.get("next") or reverse("home"),
    }
    return render(request, f"{noun}/_choose.html" if is_fragment else f"{noun}/choose.html", context)


def _places(user: User, rows: list[Conversation]) -> dict[str, Any]:
    places = {row.folder_id for row in rows}
    choices = [(branch.folder, path) for branch, path in paths_of(user)]
    return {"field": "folder", "choices": choices, "current": places.pop() if len(places) == 1 else ""}


def _tags(user: User, rows: list[Conversation]) -> dict[str, Any]:
    links = Conversation.tags.through.objects.filter(conversation__in=rows).values_list("tag_id", flat=True)
    counts: dict[uuid.UUID, int] = {}
    for tag in links:
        counts[tag] = counts.get(tag, 0) + 1
    tags = sorted(Tag.objects.visible_to(user), key=lambda tag: tag.name.casefold())
    return {"choices": [(tag, counts.get(tag.pk, 0), counts.get(tag.pk, 0) == len(rows)) for tag in tags]}


def _narrowing(request: HttpRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.GET.items() if name != "before" and value}
