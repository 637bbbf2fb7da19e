"""Pictures that go with a message: which may, and the rows that say so."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from socket import inet_aton
from typing import Final
from urllib.parse import urlsplit

from conversations.actions.texts import clean_text
from conversations.exceptions import InvalidInputError
from conversations.models import Detail, File, LanguageModel, Message, MessageImage, User

MOST_IMAGES: Final = 20


@dataclass(frozen=True)
class ImageGiven:
    """A picture as an order names it: a file the person may see, or an address the provider fetches."""

    file: uuid.UUID | None = None
    url: str = ""
    detail: str = ""
    description: str = ""


def blindness(model: LanguageModel) -> str:
    """Why a model takes no pictures; "" for one that does, or of which nobody knows."""
    if model.can("vision") or not model.knows_abilities:
        return ""
    return f"{model.name} can't see pictures. Choose a model that can."


def prepared(author: User, images: Sequence[ImageGiven], model: LanguageModel) -> list[MessageImage]:
    """Unsaved rows for them, in order. Raises InvalidInputError for a model without eyes, too many, or unknown ones."""
    if not images:
        return []
    if why := blindness(model):
        raise InvalidInputError(why, field="images")
    if len(images) > MOST_IMAGES:
        raise InvalidInputError(f"At most {MOST_IMAGES} pictures go with one message.", field="images")
    # those of others too that one may see: who edits a message keeps its pictures
    readable = File.objects.visible_to(author).select_for_update(no_key=True)  # not removed meanwhile
    files = readable.in_bulk([image.file for image in images if image.file])
    return [_row(place, image, files) for place, image in enumerate(images)]


def _row(place: int, image: ImageGiven, files: dict[uuid.UUID, File]) -> MessageImage:
    if image.detail and image.detail not in Detail.values:
        raise InvalidInputError("The detail of a picture is auto, low or high.", field="images")
    file = files.get(image.file) if image.file else None
    if file is None and image.file:
        raise InvalidInputError("One of the pictures isn't there any more. Add it again.", field="images")
    return MessageImage(
        position=place,
        file=file,
        url="" if file else _address(image.url),
        detail=image.detail or Detail.AUTO,
        description=clean_text(image.description)[:1000],
    )


def _address(given: str) -> str:
    """An address for the provider to fetch; this site never does."""
    address = clean_text(given).strip()
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and address.isprintable()
    except ValueError:
        is_good = False
    if not is_good or len(address) > 2000 or " " in address:
        raise InvalidInputError("The address of a picture begins with https:// and has no blanks.", field="images")
    if _is_inside(parts.hostname or ""):
        raise InvalidInputError("This address is inside a network. Add the picture itself instead.", field="images")
    return address


def _is_inside(host: str) -> bool:
    """Whether a host is plainly not out in the internet: a provider in this network could reach what people can't.

    Names are not looked up: what a provider may fetch is its own to bound.
    """
    name = host.rstrip(".").lower()
    try:
        address = ip_address(name)
    except ValueError:
        try:
            address = ip_address(inet_aton(name))  # also 127.1, 0x7f000001 and 2130706433
        except OSError:
            return "." not in name or name.endswith((".localhost", ".local", ".internal"))
    mapped = getattr(address, "ipv4_mapped", None) or address
    return not mapped.is_global


def images_of(message: Message) -> list[ImageGiven]:
    """Those of a message, to be used again."""
    rows = MessageImage.objects.filter(message=message).order_by("position")
    return [ImageGiven(row.file_id, row.url, row.detail, row.description) for row in rows]


def unsent(author: User, images: Sequence[ImageGiven]) -> list[MessageImage]:
    """Unsaved rows of those that are there, for a form that comes back."""
    files = File.objects.visible_to(author).in_bulk([image.file for image in images if image.file])
    rows = [
        MessageImage(
            file=files.get(image.file) if image.file else None,
            url="" if image.file else image.url,
            detail=image.detail,
            description=image.description,
        )
        for image in images
    ]
    return [row for row in rows if row.file or row.url]
