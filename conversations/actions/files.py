"""Files that people hand over: made safe, and stored once per person."""

import hashlib
import logging
import secrets
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from conversations.actions.attempts import Limit, attempts
from conversations.actions.texts import clean_text
from conversations.exceptions import ConflictError, LimitError, TooLargeError, UnavailableError
from conversations.media.apart import read_image_apart
from conversations.media.pictures import ReadImage
from conversations.models import File, User

logger = logging.getLogger(__name__)

FOLDER: Final = "files"
UPLOADS: Final = Limit("upload", 300, 3600)
"""Pictures a person may hand over in an hour."""
_NO_NAME: Final = "picture"


def store_image(owner: User, name: str, data: bytes) -> tuple[File, bool]:
    """Keep a picture, made anew; whether it was an animation of which the first frame is left.

    The same picture again is the same file. Takes a fraction of a second: for a thread that may wait, outside a
    transaction. Raises TooLargeError, LimitError, MediaError's kin, or UnavailableError where the disk takes nothing.
    """
    require_upload_size(len(data))
    if attempts.is_over(UPLOADS, str(owner.pk)):
        raise LimitError("These were very many pictures. Add more in an hour.")
    image = read_image_apart(data)
    digest = hashlib.sha256(image.data).hexdigest()
    known = _known(owner, digest)
    return known or _keep(owner, _clean_name(name), digest, image), image.was_moving


def copy_file(file: File, owner: User) -> File:
    """The same picture as a file of ``owner``, who was let see it; nothing is made anew. Not inside a transaction.

    Raises ConflictError where its bytes are gone, LimitError past the owner's room, or UnavailableError.
    """
    known = file if file.owner_id == owner.pk else _known(owner, file.sha256)
    if known is not None:
        return known
    try:
        data, thumbnail = file.place.read_bytes(), file.thumbnail_place.read_bytes()
    except OSError as error:
        message = f"The picture {file.name} can't be read from the server's disk any more."
        raise ConflictError(message) from error
    extension = file.place.suffix.removeprefix(".")
    image = ReadImage(data, file.media_type, extension, file.width, file.height, thumbnail, was_moving=False)
    return _keep(owner, file.name, file.sha256, image)


def require_upload_size(size: int) -> None:
    """Raises TooLargeError past the site's limit."""
    limit = settings.LIMIT_UPLOAD_BYTES
    if size > limit:
        raise TooLargeError(f"The file is larger than {limit / 1_000_000:.3g} MB, the most that can be added.")


def _known(owner: User, digest: str) -> File | None:
    """The same picture from before, which counts as handed over now."""
    same = File.objects.filter(owner=owner, sha256=digest)
    if not same.update(created_at=timezone.now()):
        return None
    file = same.first()
    return file if file and file.place.exists() and file.thumbnail_place.exists() else None


def _keep(owner: User, name: str, digest: str, image: ReadImage) -> File:
    _require_room(owner, len(image.data))
    token = secrets.token_hex(16)
    stem = f"{FOLDER}/{token[:2]}/{token}"
    fields: dict[str, str | int] = {
        "name": name,
        "media_type": image.media_type,
        "path": f"{stem}.{image.extension}",
        "thumbnail_path": f"{stem}.thumbnail.webp",
        "size": len(image.data),
        "width": image.width,
        "height": image.height,
    }
    written: list[Path] = []
    try:
        written.append(_written(settings.DATA_DIR / str(fields["path"]), image.data))
        written.append(_written(settings.DATA_DIR / str(fields["thumbnail_path"]), image.thumbnail))
        return _row(owner, digest, fields)
    except OSError as error:
        _unlink(*written)
        logger.exception("A file can't be written")
        raise UnavailableError("The server's disk takes no more files right now. Tell an admin.") from error


def _row(owner: User, digest: str, fields: dict[str, str | int]) -> File:
    """The new file; or the one that was stored meanwhile, or whose bytes were lost, with these bytes."""
    with suppress(IntegrityError), transaction.atomic():
        return File.objects.create(owner=owner, sha256=digest, **fields)
    file = File.objects.get(owner=owner, sha256=digest)
    old = (file.place, file.thumbnail_place)
    for field, value in fields.items():
        setattr(file, field, value)
    file.save(update_fields=list(fields))
    _unlink(*old)
    return file


def _require_room(owner: User, size: int) -> None:
    used = File.objects.filter(owner=owner).aggregate(used=Sum("size"))["used"] or 0
    limit = settings.LIMIT_FILE_BYTES_PER_USER
    if used + size > limit:
        message = f"Your pictures take up {used / 1_000_000:,.0f} MB, and {limit / 1_000_000:,.0f} MB is the most. "
        raise LimitError(message + "Ask an admin for more room.")


def _written(path: Path, data: bytes) -> Path:
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(data)
    return path


def _clean_name(name: str) -> str:
    """The last part of what a browser calls it, without what can't be shown."""
    last = PurePath(clean_text(name).replace("\\", "/")).name
    return "".join(letter for letter in last if letter.isprintable()).strip()[:200] or _NO_NAME


def _unlink(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
