"""Export and import: ask for one, see how far it is, read its report, take the file."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.actions.transfers import (
    PART,
    add_part,
    ask_for_export,
    begin_import,
    begin_upload,
    end_upload,
    remove_transfer,
    require_uploading,
    stop_transfer,
    take_upload,
)
from conversations.exceptions import InvalidInputError, LimitError, TooLargeError
from conversations.forms.transfers import ExportForm, PartForm, UploadForm
from conversations.jobs import worker
from conversations.jobs.transfers import KEPT_FOR
from conversations.models import Conversation, Transfer, TransferKind, TransferStatus
from conversations.views.access import SignedInRequest, signed_in, wants_data
from conversations.views.ids import ids_in

LINES_SHOWN = 200
LIST_SHOWN = 50
MOST_CHOSEN = 900
SOURCES = {"chatsite": "chatsite", "chatgpt": "ChatGPT", "open_webui": "Open WebUI", "librechat": "LibreChat"}
_OPEN = {TransferStatus.QUEUED, TransferStatus.RUNNING, TransferStatus.UPLOADING}
_BLOCK = 256 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """The forms, and what was asked for lately; ``conversation`` names what is to be exported, else all of it.

    Nothing changes here: a POST has room for more names than an address.
    """
    ids = _ids((request.POST if request.method == "POST" else request.GET).getlist("conversation"))
    visible = Conversation.objects.visible_to(request.user)
    mine = Conversation.objects.owned_by(request.user).filter(is_temporary=False)
    context = {
        "chosen": visible.filter(pk__in=ids).only("title").order_by("-active_at") if ids else (),
        "count": mine.count(),
        "transfers": Transfer.objects.owned_by(request.user).order_by("-created_at")[:LIST_SHOWN],
        "days": KEPT_FOR.days,
        "part": PART,
        "megabytes": f"{settings.LIMIT_IMPORT_BYTES / 1_000_000:,.0f}",
    }
    return render(request, "transfers/index.html", context)


@require_POST
@signed_in
def export(request: SignedInRequest) -> HttpResponse:
    form = ExportForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError("Choose a format for the export.", field="format")
    ids = _ids(request.POST.getlist("conversation")) if "conversation" in request.POST else None
    transfer = ask_for_export(request.user, written_as=form.cleaned_data["format"], conversations=ids)
    worker.wake()
    return _to(request, transfer)


@require_POST
@signed_in
def upload(request: SignedInRequest) -> HttpResponse:
    """A file to import: whole, or announced by its name and size. The first run only looks what is in it."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        raise InvalidInputError("Choose the file of an export.", field="file")
    file = form.cleaned_data["file"]
    if file:
        transfer = take_upload(request.user, file.name or "", file.size, file)
        worker.wake()
        return _to(request, transfer)
    if form.cleaned_data["size"] is None:
        raise InvalidInputError("Choose the file of an export.", field="file")
    transfer = begin_upload(request.user, name=form.cleaned_data["name"], size=form.cleaned_data["size"])
    return JsonResponse(
        {"url": _url("detail", transfer), "part": _url("part", transfer), "check": _url("check", transfer)}
    )


@require_POST
@signed_in
def part(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    transfer = _mine(request, pk)
    require_uploading(transfer)
    form = PartForm(request.POST, request.FILES)
    if not form.is_valid():
        raise InvalidInputError("This is no part of a file.", field="part")
    given = form.cleaned_data["part"]
    if given.size > PART:
        raise TooLargeError("This part is larger than parts may be.")
    return JsonResponse({"received": add_part(transfer, form.cleaned_data["offset"], given.read())})


@require_POST
@signed_in
def check(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """All parts have come: look what is in the file."""
    transfer = _mine(request, pk)
    end_upload(transfer)
    worker.wake()
    return _to(request, transfer)


@require_safe
@signed_in
def detail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """How far it is, and its report; for a script that asks again and again only the piece that changes."""
    transfer = _mine(request, pk)
    lines = sorted(transfer.report.get("lines", []), key=_dullness)
    is_open = transfer.status in _OPEN
    context = {
        "transfer": transfer,
        "lines": lines[:LINES_SHOWN],
        "more": max(0, transfer.done - LINES_SHOWN) if lines else 0,
        "tally": _tally(transfer),
        "source": SOURCES.get(transfer.format, "") if transfer.kind == TransferKind.IMPORT else "",
        "is_open": is_open,
        "may_begin": _may_begin(transfer) and not is_open,
        "days": KEPT_FOR.days,
    }
    template = "transfers/_state.html" if "state" in request.GET else "transfers/detail.html"
    return render(request, template, context)


@require_POST
@signed_in
def begin(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    transfer = _mine(request, pk)
    begin_import(transfer)
    worker.wake()
    return _to(request, transfer)


@require_POST
@signed_in
def stop(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    transfer = _mine(request, pk)
    stop_transfer(transfer)
    return _to(request, transfer)


@require_POST
@signed_in
def delete(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    remove_transfer(_mine(request, pk))
    if wants_data(request):
        return JsonResponse({"url": reverse("transfers")})
    return HttpResponseRedirect(reverse("transfers"))


@require_safe
@signed_in
def file(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """What was exported, as a file to keep."""
    transfer = _mine(request, pk)
    is_ready = transfer.kind == TransferKind.EXPORT and transfer.status == TransferStatus.COMPLETE
    if not is_ready or not transfer.place.is_file():
        raise Http404
    day = timezone.localtime(transfer.created_at)
    name = f"chatsite-{transfer.format}-{day:%Y-%m-%d-%H%M}.zip"
    headers = {
        "Content-Type": "application/zip",
        "Content-Length": str(transfer.place.stat().st_size),
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
    }
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    response: Any = StreamingHttpResponse(_blocks(transfer.place), headers=headers)
    return cast("HttpResponse", response)


async def _blocks(place: Path) -> AsyncIterator[bytes]:
    """A file piece by piece, read where waiting for the disk holds up nobody."""
    opened: BinaryIO = await asyncio.to_thread(place.open, "rb")
    try:
        while block := await asyncio.to_thread(opened.read, _BLOCK):
            yield block
    finally:
        opened.close()


def _dullness(line: dict[str, Any]) -> int:
    """What somebody should look at stands first: refused, then repaired, then skipped, then the rest."""
    if line["outcome"] == "refused":
        return 0
    return 1 + (line["outcome"] == "again") if line["notes"] else 3


def _tally(transfer: Transfer) -> list[tuple[str, int]]:
    """What an import found, in words and numbers; nothing where one sentence says it all."""
    report = transfer.report
    named = (
        ("New" if transfer.is_dry_run else "Imported", report.get("made")),
        ("Repaired", report.get("repaired")),
        ("Had already", report.get("again")),
        ("Refused", report.get("refused")),
    )
    return [(words, number) for words, number in named if number]


def _may_begin(transfer: Transfer) -> bool:
    """Whether there is a file that can be imported, or gone on with."""
    is_there = transfer.kind == TransferKind.IMPORT and bool(transfer.path)
    return is_there and (not transfer.is_dry_run or bool(transfer.report.get("made")))


def _mine(request: SignedInRequest, pk: uuid.UUID) -> Transfer:
    return get_object_or_404(Transfer.objects.owned_by(request.user), pk=pk)


def _url(name: str, transfer: Transfer) -> str:
    return reverse(f"transfer-{name}", args=[transfer.pk])


def _to(request: SignedInRequest, transfer: Transfer) -> HttpResponse:
    """To its page; a script is told where that is."""
    if wants_data(request):
        return JsonResponse({"url": _url("detail", transfer)})
    return HttpResponseRedirect(_url("detail", transfer))


def _ids(texts: list[str]) -> list[uuid.UUID]:
    """Those that are ids; others name nothing. Raises LimitError for too many."""
    if len(texts) > MOST_CHOSEN:
        raise LimitError(f"At most {MOST_CHOSEN:,} conversations can be chosen at once. Export all of them instead.")
    return ids_in(texts)
