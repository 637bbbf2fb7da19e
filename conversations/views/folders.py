"""Folders: what stands in one, and what is done to it."""

import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from conversations.actions.folders import create_folder, delete_folder, move_folder, rename_folder
from conversations.exceptions import NotFoundError
from conversations.forms.folders import FolderForm
from conversations.models import Folder, User
from conversations.models.folders import DEEPEST, Branch, grown
from conversations.views.access import SignedInRequest, back, signed_in, wants_data
from conversations.views.sidebar import Shelf, fill, opened_in, shelves
from conversations.views.undo_steps import done


def paths_of(user: User) -> list[tuple[Branch, str]]:
    """One's folders in the order of a list, each with its way from the list: "Work / Clients"."""
    found: list[tuple[Branch, str]] = []

    def walk(branches: list[Branch], above: str) -> None:
        for branch in branches:
            path = f"{above}{branch.folder.name}"
            found.append((branch, path))
            walk(branch.inside, f"{path} / ")

    walk(grown(Folder.objects.visible_to(user)), "")
    return found


@require_safe
@signed_in
def detail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """What stands in a folder as the sidebar lists it, a page of it from ``before``; for a page asked for by itself,
    the archive narrowed down to it."""
    folder = get_object_or_404(Folder.objects.visible_to(request.user), pk=pk)
    if "fragment" not in request.GET:
        return HttpResponseRedirect(f"{reverse('archive')}?folder={folder.pk}")
    before = request.GET.get("before", "")
    shelf = Shelf(folder, 0, []) if before else _found(shelves(request.user, opened_in(request)), folder.pk)
    fill(shelf, request.user, before)
    return render(request, "folders/_inside.html", {"shelf": shelf})


def _found(roots: list[Shelf], pk: uuid.UUID) -> Shelf:
    waiting = list(roots)
    while waiting:
        shelf = waiting.pop()
        if shelf.folder.pk == pk:
            return shelf
        waiting += shelf.inside
    raise NotFoundError


@require_POST
@signed_in
def create(request: SignedInRequest) -> HttpResponse:
    form = _valid(request)
    folder = create_folder(request.user, form["name"], form["parent"])
    if wants_data(request):
        return JsonResponse({"folder": str(folder.pk), "name": folder.name}, status=201)
    return back(request)


@signed_in
def update(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Name and place; without either, the page to choose them on."""
    folder = get_object_or_404(Folder.objects.visible_to(request.user), pk=pk)
    if request.method != "POST":
        return _choose(request, folder)
    form = _valid(request)
    if "name" in request.POST:
        rename_folder(folder, form["name"])
    if "parent" in request.POST:
        return done(request, move_folder(folder, form["parent"]))
    return back(request)


@require_POST
@signed_in
def delete(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    return done(request, delete_folder(get_object_or_404(Folder.objects.visible_to(request.user), pk=pk)))


def _valid(request: SignedInRequest) -> dict[str, Any]:
    form = FolderForm(request.user, request.POST)
    if not form.is_valid():  # a folder that isn't there, or isn't one's own
        raise NotFoundError
    return form.cleaned_data


def _choose(request: SignedInRequest, folder: Folder) -> HttpResponse:
    places = paths_of(request.user)
    own = next(branch for branch, _ in places if branch.folder.pk == folder.pk)
    fitting = [
        (branch.folder, path)
        for branch, path in places
        if branch.folder.pk not in own.ids and branch.depth + own.height <= DEEPEST
    ]
    context = {
        "folder": folder,
        "action": reverse("folder-update", args=[folder.pk]),
        "field": "parent",
        "choices": fitting,
        "current": folder.parent_id,
        "next": request.GET.get("next", reverse("home")),
    }
    is_fragment = "fragment" in request.GET
    return render(request, "folders/_choose.html" if is_fragment else "folders/update.html", context)
