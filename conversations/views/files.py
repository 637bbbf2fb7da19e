"""Files: taken in, and given out to those who may see them."""

from __future__ import annotations

import uuid
from pathlib import Path, PurePath

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from conversations.actions.files import require_upload_size, store_image
from conversations.actions.images import MOST_IMAGES, ImageGiven
from conversations.exceptions import InvalidInputError, NotFoundError
from conversations.models import File
from conversations.views.access import SignedInRequest, signed_in

_INERT = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""For one who opens a file by its address: it could do nothing. Browsers style their own page around a picture."""


@require_POST
@signed_in
def create(request: SignedInRequest) -> HttpResponse:
    """Take in one picture, the field ``file``; what the composer's script needs of it."""
    given = request.FILES.get("file")
    if given is None:
        raise InvalidInputError("There is no file in the form.", field="file")
    file, was_moving = _stored(request, given)
    data = {
        "id": str(file.pk),
        "name": file.name,
        "url": reverse("file-detail", args=[file.pk]),
        "thumbnail": reverse("file-thumbnail", args=[file.pk]),
        "width": file.width,
        "height": file.height,
        "size": file.size,
        "note": "Of the animation, the first picture is sent." if was_moving else "",
    }
    return JsonResponse(data, status=201)


@require_safe
@signed_in
def detail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    file = get_object_or_404(File.objects.visible_to(request.user), pk=pk)
    return given_out(request, file, file.place, file.media_type)


@require_safe
@signed_in
def thumbnail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    file = get_object_or_404(File.objects.visible_to(request.user), pk=pk)
    return given_out(request, file, file.thumbnail_place, "image/webp")


def take_images(request: SignedInRequest, into: list[ImageGiven]) -> None:
    """Add the pictures of a message's form: those chosen before (``picture``), new ``files`` and an ``address``.

    Raises what ``store_image`` does, or InvalidInputError; what was taken until then is in the list.
    """
    try:
        into += [msgspec.json.decode(text, type=ImageGiven) for text in request.POST.getlist("picture")]
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise InvalidInputError("One of the pictures can't be used. Add it again.", field="images") from None
    into += [ImageGiven(file=_stored(request, each)[0].pk) for each in request.FILES.getlist("files")[:MOST_IMAGES]]
    if address := request.POST.get("address", "").strip():
        into.append(ImageGiven(url=address))


def _stored(request: SignedInRequest, given: UploadedFile[bytes]) -> tuple[File, bool]:
    require_upload_size(given.size or 0)  # before it is read into memory
    return store_image(request.user, given.name or "", given.read())


def given_out(request: HttpRequest, file: File, place: Path, media_type: str) -> HttpResponse:
    """A picture, for somebody who may see it: kept by the browser but asked for anew each time, so that access ends."""
    tag = f'"{place.stem}"'
    if tag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        try:
            response = HttpResponse(place.read_bytes(), content_type=media_type)
        except FileNotFoundError:
            raise NotFoundError("This picture isn't on the server's disk any more.") from None
        name = f"{PurePath(file.name).stem}{place.suffix}"
        response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or "inline"
        response["Content-Security-Policy"] = _INERT
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response
