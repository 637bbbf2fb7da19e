"""Pictures that people hand over: stored once, counted, and removed when nothing uses them."""

import os
import stat
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from conversations.actions.attempts import attempts
from conversations.actions.files import UPLOADS, store_image
from conversations.actions.images import ImageGiven
from conversations.exceptions import DamagedMediaError, LimitError, TooLargeError
from conversations.jobs.unused_files import remove_unused_files
from conversations.models import File, LanguageModel, MessageImage, User
from tests.media.pictures import DISGUISED, drawing, noise, opened, photo, saved
from tests.media.sending import send_pictures

pytestmark = pytest.mark.django_db


def stored(owner: User, data: bytes, name: str = "a.png") -> File:
    return store_image(owner, name, data)[0]


def grow_old(file: File) -> None:
    File.objects.filter(pk=file.pk).update(created_at=timezone.now() - timedelta(days=2))


def test_a_photo_is_kept_small_and_without_what_its_camera_wrote(alice: User) -> None:
    file = stored(alice, photo(), "C:\\fotos\\me\u0000.jpg")
    assert (file.media_type, file.width, file.height, file.name) == ("image/jpeg", 1536, 2048, "me\ufffd.jpg")
    assert file.size == len(file.place.read_bytes())
    assert opened(file.thumbnail_place.read_bytes()).size == (240, 320)


def test_the_same_picture_is_stored_once_for_each_person(alice: User, bob: User) -> None:
    first, again = stored(alice, drawing()), stored(alice, drawing() + b"behind the end")
    assert first.pk == again.pk
    assert stored(bob, drawing()).pk != first.pk
    assert File.objects.count() == 2


def test_lost_bytes_come_back_with_the_same_picture(alice: User) -> None:
    first = stored(alice, drawing())
    first.place.unlink()
    again = stored(alice, drawing())
    assert again.pk == first.pk
    assert File.objects.get().place.exists()


def test_names_are_made_and_folders_are_nobody_elses(alice: User) -> None:
    file = stored(alice, drawing(), "../../etc/passwd")
    assert file.name == "passwd"
    assert file.place.parent.parent == Path(site_settings.DATA_DIR) / "files"
    assert "passwd" not in file.path
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file.place.parent.parent, file.place.parent, file.place)]
    assert modes == [0o700, 0o700, 0o600]


def test_what_is_refused_leaves_nothing(alice: User, settings: Any) -> None:
    for data in (DISGUISED["html"], drawing()[:50]):
        with pytest.raises(Exception, match="picture"):
            stored(alice, data)
    settings.LIMIT_UPLOAD_BYTES = 100
    with pytest.raises(TooLargeError, match="the most that can be added"):
        stored(alice, drawing())
    assert File.objects.count() == 0


def test_a_cut_picture_is_damaged(alice: User) -> None:
    with pytest.raises(DamagedMediaError):
        stored(alice, photo(64, 48)[:400])


def test_a_persons_room_is_limited(alice: User, settings: Any) -> None:
    first = stored(alice, saved(noise(200, 200)))
    settings.LIMIT_FILE_BYTES_PER_USER = first.size + 10
    with pytest.raises(LimitError, match="Ask an admin"):
        stored(alice, saved(noise(200, 200, seed=2)))
    assert stored(alice, saved(noise(200, 200))).pk == first.pk


def test_too_many_pictures_in_an_hour_are_refused(alice: User) -> None:
    for _ in range(UPLOADS.most):
        attempts.is_over(UPLOADS, str(alice.pk))
    with pytest.raises(LimitError, match="hour"):
        stored(alice, drawing())
    cache.clear()


def test_what_was_never_sent_is_removed_after_a_day(alice: User) -> None:
    old, new = stored(alice, drawing()), stored(alice, drawing(70, 70))
    grow_old(old)
    assert remove_unused_files() == 1
    assert list(File.objects.all()) == [new]
    assert not old.place.exists()
    assert not old.thumbnail_place.exists()
    assert new.place.exists()


def test_what_a_message_uses_stays(alice: User, model: LanguageModel) -> None:
    file = stored(alice, drawing())
    send_pictures(alice, ImageGiven(file=file.pk))
    grow_old(file)
    assert remove_unused_files() == 0
    assert file.place.exists()


def test_handing_it_over_again_counts_as_new(alice: User) -> None:
    file = stored(alice, drawing())
    grow_old(file)
    stored(alice, drawing())
    assert remove_unused_files() == 0


def test_bytes_without_a_row_are_removed(alice: User, tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    known = stored(alice, drawing())
    for path in (known.place.with_name("stray.png"), known.place):
        path.touch()
        moment = (timezone.now() - timedelta(days=2)).timestamp()
        os.utime(path, (moment, moment))
    assert remove_unused_files() == 1
    assert known.place.exists()


def test_the_command_says_how_many(alice: User) -> None:
    grow_old(stored(alice, drawing()))
    out = StringIO()
    call_command("remove_unused_files", stdout=out)
    assert out.getvalue() == "Removed 1 unused file.\n"


def test_a_persons_pictures_go_with_them(alice: User, model: LanguageModel) -> None:
    send_pictures(alice, ImageGiven(file=stored(alice, drawing()).pk))
    alice.delete()
    assert MessageImage.objects.count() == File.objects.count() == 0
