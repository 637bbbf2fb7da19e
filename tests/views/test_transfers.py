"""The pages of exports and imports, and a file that comes in parts."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conversations.actions.transfers import ask_for_export, begin_import, take_upload
from conversations.jobs.transfers import run_next
from conversations.models import Conversation, Transfer, TransferStatus, User
from tests.site import Site, new_name
from tests.trees import answered

pytestmark = pytest.mark.usefixtures("static_files")
DATA = {"Accept": "application/json"}


@pytest.fixture
def browser(alice: User, model: Any) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def export_of(person: User) -> Transfer:
    transfer = ask_for_export(person, written_as="archive", conversations=None)
    run_next("tests", lambda write: write())
    return Transfer.objects.get(pk=transfer.pk)


def test_the_page_says_how_much_there_is(browser: Client, alice: User) -> None:
    answered(alice), answered(alice)
    assert "All 2 of your conversations." in browser.get(reverse("transfers")).content.decode()


def test_some_can_be_chosen_and_nothing_of_others(browser: Client, alice: User, bob: User) -> None:
    mine, theirs = answered(alice, "Mine").conversation, answered(bob, "Theirs").conversation
    query = f"?conversation={mine.pk}&conversation={theirs.pk}&conversation=x"
    page = browser.get(reverse("transfers") + query).content.decode()
    assert str(mine.pk) in page
    assert f'value="{theirs.pk}"' not in page
    browser.post(reverse("transfer-export"), {"format": "html", "conversation": [mine.pk, theirs.pk]})
    assert Transfer.objects.get().options == {"conversations": [str(mine.pk)]}


def test_more_can_be_chosen_than_an_address_holds(browser: Client, alice: User) -> None:
    made = Conversation.objects.bulk_create(Conversation(owner=alice, title=f"{n}") for n in range(850))
    ids = [row.pk for row in made]
    page = browser.post(reverse("transfers"), {"conversation": ids}).content.decode()
    assert page.count('name="conversation"') == 850
    browser.post(reverse("transfer-export"), {"format": "html", "conversation": ids})
    assert len(Transfer.objects.get().options["conversations"]) == 850
    assert browser.post(reverse("transfers"), {"conversation": ids + ids[:60]}, headers=DATA).status_code == 429


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", b"[" + b" " * 60_000_000 + b"]")
    return target.getvalue()


@pytest.mark.parametrize(
    ("cut", "words"), [(None, "unpack"), (-60, "cut off"), (40, "cut off")], ids=["bomb", "end cut", "beginning only"]
)
def test_bombs_and_cut_files_are_refused_with_nothing_imported(
    browser: Client, alice: User, bob: User, cut: int | None, words: str
) -> None:
    answered(bob)
    data = bomb() if cut is None else export_of(bob).place.read_bytes()[:cut]
    upload = {"file": SimpleUploadedFile("x.zip", data)}
    page: Any = browser.post(reverse("transfer-upload"), upload, headers=DATA).json()["url"]
    run_next("tests", lambda write: write())
    text = browser.get(page).content.decode()
    assert words in text
    assert "Nothing was imported." in text
    browser.post(f"{page}import/")
    run_next("tests", lambda write: write())
    assert not Conversation.objects.filter(owner=alice).exists()


@pytest.mark.parametrize("data", [{}, {"format": "pdf"}, {"format": "html", "conversation": ["x"]}])
def test_what_can_not_be_exported_is_refused(browser: Client, data: dict[str, Any]) -> None:
    assert browser.post(reverse("transfer-export"), data, headers=DATA).status_code == 400
    assert not Transfer.objects.exists()


def test_a_file_comes_in_parts_and_one_may_come_twice(browser: Client, alice: User, bob: User) -> None:
    answered(bob, "From elsewhere")
    data = export_of(bob).place.read_bytes()
    place = browser.post(reverse("transfer-upload"), {"name": "x.zip", "size": len(data)}, headers=DATA).json()
    half = len(data) // 2
    for offset, piece in ((0, data[:half]), (0, data[:half]), (half, data[half:])):
        part = SimpleUploadedFile("part", piece)
        reply = browser.post(place["part"], {"offset": offset, "part": part}, headers=DATA)
        assert reply.json() == {"received": offset + len(piece)}
    page = browser.post(place["check"], headers=DATA).json()["url"]
    run_next("tests", lambda write: write())
    text = browser.get(page).content.decode()
    assert "1 of 1 conversation can be imported" in text
    assert "Nothing has been imported yet." in text
    browser.post(reverse("transfer-import", args=[page.split("/")[-2]]))
    run_next("tests", lambda write: write())
    assert Conversation.objects.get(owner=alice).title == "From elsewhere"
    assert not Transfer.objects.get(owner=alice).place.is_file(), "what was uploaded is not kept"


def test_a_gap_too_much_and_an_early_end_are_refused(browser: Client) -> None:
    place = browser.post(reverse("transfer-upload"), {"name": "x", "size": 10}, headers=DATA).json()

    def send(offset: int, data: bytes) -> int:
        return browser.post(
            place["part"], {"offset": offset, "part": SimpleUploadedFile("p", data)}, headers=DATA
        ).status_code

    assert send(5, b"12345") == 409
    assert send(0, b"12345678901") == 413
    assert send(0, b"12345") == 200
    assert browser.post(place["check"], headers=DATA).status_code == 409


def test_a_file_larger_than_may_be_is_refused_before_it_comes(browser: Client) -> None:
    size = settings.LIMIT_IMPORT_BYTES + 1
    reply = browser.post(reverse("transfer-upload"), {"name": "x", "size": size}, headers=DATA)
    assert reply.status_code == 413
    assert "200 MB" in reply.json()["message"]


def test_without_a_script_a_form_brings_the_file(browser: Client) -> None:
    reply: Any = browser.post(reverse("transfer-upload"), {"file": SimpleUploadedFile("x.json", b"[]")}, follow=True)
    assert "Import of" in reply.content.decode()
    assert Transfer.objects.get().status == TransferStatus.QUEUED


def test_names_and_reports_are_text(browser: Client, alice: User) -> None:
    transfer = take_upload(alice, "<img src=x>", 2, io.BytesIO(b"{}"))
    Transfer.objects.filter(pk=transfer.pk).update(
        status="complete", report={"made": 1, "again": 0, "refused": 0, "repaired": 0, "lines": [
            {"title": "<script>", "outcome": "made", "notes": ["<b>"]}]},
    )  # fmt: skip
    page = browser.get(reverse("transfer-detail", args=[transfer.pk])).content.decode()
    assert "&lt;img src=x&gt;" in page
    assert "<b>" not in page.replace("<bdi>", "")


def test_deleting_takes_the_file_too(browser: Client, alice: User, django_capture_on_commit_callbacks: Any) -> None:
    answered(alice)
    transfer = export_of(alice)
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(reverse("transfer-delete", args=[transfer.pk]))
    assert not transfer.place.exists()


def test_the_real_one_needs_a_file(browser: Client, alice: User) -> None:
    transfer = export_of(alice)
    with pytest.raises(Exception, match="nothing to import"):
        begin_import(transfer)


def test_the_running_site_does_it_all_by_itself(shared_site: Site) -> None:
    """Export, download, and import for somebody else, over a real connection."""
    alice, bob = shared_site.add_person(new_name()), shared_site.add_person(new_name())
    code = """
from conversations.models import Conversation, Message, User
owner = User.objects.get(pk=user)
row = Conversation.objects.create(owner=owner, title="Carried over")
row.selected_leaf = Message.objects.create(conversation=row, role="user", author=owner, text="Hello")
row.save(); result = str(row.pk)
"""
    shared_site.run(code, user=alice.user_id)
    with _browser(shared_site, alice.cookies) as mine, _browser(shared_site, bob.cookies) as theirs:
        page = mine.post("/transfers/export/", data={"format": "archive"}).json()["url"]
        _wait(mine, page)
        file = mine.get(f"{page}file/")
        assert file.headers["content-type"] == "application/zip"
        assert "attachment" in file.headers["content-disposition"]
        assert int(file.headers["content-length"]) == len(file.content)
        assert theirs.get(f"{page}file/").status_code == 404
        page = theirs.post("/transfers/upload/", files={"file": ("x.zip", file.content)}).json()["url"]
        _wait(theirs, page)
        theirs.post(f"{page}import/")
        _wait(theirs, page)
        assert "Carried over" in theirs.get("/conversations/").text


@contextmanager
def _browser(site: Site, cookies: dict[str, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, cookies=cookies, trust_env=False, timeout=30) as client:
        client.get("/transfers/")
        token = client.cookies.get("csrf") or client.cookies.get("csrftoken") or ""
        client.headers.update({"Accept": "application/json", "X-CSRFToken": token, "Origin": site.url})
        yield client


def _wait(client: httpx.Client, page: str) -> None:
    for _ in range(600):
        text = client.get(f"{page}?state=1").text
        if 'data-status="complete"' in text:
            return
        assert 'data-status="failed"' not in text, text
    pytest.fail("It did not end.")
