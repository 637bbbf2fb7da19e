"""Files that no message uses: removed a day after they were handed over, or with the last message that used them."""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.utils import timezone

from conversations.actions.files import FOLDER
from conversations.models import File

UNUSED_FOR: Final = timedelta(days=1)


def remove_unused_files() -> int:
    """Remove what was handed over a day ago and never sent, and bytes without a row; how many there were."""
    before = timezone.now() - UNUSED_FOR
    removed = sum(_remove(file) for file in File.objects.unused(before).iterator())
    return removed + _remove_strays(before.timestamp())


def remove_files(ids: Iterable[uuid.UUID]) -> int:
    """Remove those of these files that nothing uses any more, however new they are; how many there were."""
    return sum(_remove(file) for file in File.objects.unused(timezone.now()).filter(pk__in=list(ids)))


def _remove(file: File) -> bool:
    """Whether it was still unused."""
    try:
        with transaction.atomic():
            file.delete()
    except (RestrictedError, IntegrityError):
        return False
    _unlink(file.place, file.thumbnail_place)
    return True


def _remove_strays(before: float) -> int:
    """Bytes whose row was never made, or is gone with its owner."""
    folder = settings.DATA_DIR / FOLDER
    known = {path for row in File.objects.values_list("path", "thumbnail_path").iterator() for path in row}
    strays = [path for path in folder.glob("*/*") if str(path.relative_to(settings.DATA_DIR)) not in known]
    return sum(_unlink_older(path, before) for path in strays)


def _unlink_older(path: Path, before: float) -> bool:
    """One that is new may get its row yet; one that is gone was removed by another process."""
    with suppress(FileNotFoundError):
        if path.stat().st_mtime < before:
            path.unlink()
            return True
    return False


def _unlink(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
