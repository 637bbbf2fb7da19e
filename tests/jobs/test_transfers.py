"""Exports and imports from row to file and back: everything once, wholly, and for nobody else."""

import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from conversations import search
from conversations.actions.conversations import delete_conversation
from conversations.actions.files import store_image
from conversations.actions.messages import edit_message, regenerate_answer
from conversations.actions.transfers import ask_for_export, begin_import, begin_upload, stop_transfer, take_upload
from conversations.exceptions import LimitError, TooLargeError
from conversations.jobs.exports import Exporter
from conversations.jobs.transfers import put_back, recover, remove_old, run_next
from conversations.models import (
    Conversation,
    File,
    Folder,
    Generation,
    Message,
    MessageImage,
    Tag,
    Transfer,
    TransferStatus,
    Usage,
    User,
)
from conversations.models.ids import new_id
from conversations.transfer.hashes import hash_of
from tests.media.pictures import drawing
from tests.trees import answered, play, say

pytestmark = pytest.mark.usefixtures("model")


def at_once(function: Callable[[], Any]) -> Any:
    return function()


def done(transfer: Transfer) -> Transfer:
    """Run what is queued, and look again."""
    while run_next("tests", at_once):
        pass
    return Transfer.objects.get(pk=transfer.pk)


def exported(person: User, written_as: str = "archive", ids: list[Any] | None = None) -> Transfer:
    return done(ask_for_export(person, written_as=written_as, conversations=ids))


def imported(person: User, data: bytes, name: str = "export.zip") -> Transfer:
    """First the trial run, then the real one."""
    transfer = done(take_upload(person, name, len(data), io.BytesIO(data)))
    assert transfer.is_dry_run
    if transfer.status == TransferStatus.COMPLETE:
        begin_import(transfer)
        transfer = done(transfer)
    return transfer


def test_what_cannot_be_begun_stays_in_the_queue(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    transfer = ask_for_export(alice, written_as="archive", conversations=None)
    with monkeypatch.context() as broken:
        broken.setitem(sys.modules, "conversations.jobs.transfer_runs", None)
        with pytest.raises(ImportError):
            run_next("tests", at_once)
    transfer.refresh_from_db()
    assert transfer.status == TransferStatus.QUEUED
    assert done(transfer).status == TransferStatus.COMPLETE


def branched(owner: User) -> Conversation:
    """A tree of two branches with a picture, in a folder, tagged."""
    answer = answered(owner, "Where is the pomegranate?")
    file, _ = store_image(owner, "red.png", drawing())
    assert answer.parent
    MessageImage.objects.create(message=answer.parent, position=0, file=file, description="A square")
    regenerate_answer(owner, answer, model=None, client_id=new_id())
    play("Another answer.")
    edit_message(owner, answer.parent, text="Where is the lemon?", client_id=new_id())
    play("In the *kitchen*.", reasoning="Think.")
    conversation = answer.conversation
    outer = Folder.objects.create(owner=owner, name="Fruit")
    conversation.folder = Folder.objects.create(owner=owner, name="Red", parent=outer)
    conversation.parameters = {"temperature": 0.5}
    conversation.save()
    conversation.tags.add(Tag.objects.create(owner=owner, name="fresh"))
    return conversation


def hashes(person: User) -> list[str]:
    return sorted(hash_of(record) for record in Exporter(person).records())


def test_what_is_exported_and_imported_elsewhere_is_the_same(alice: User, bob: User) -> None:
    branched(alice), answered(alice, "Something else")
    data = exported(alice).place.read_bytes()
    report = imported(bob, data).report
    assert (report["made"], report["again"], report["refused"]) == (2, 0, 0)
    assert hashes(bob) == hashes(alice)
    copy = Conversation.objects.get(owner=bob, tags__name="fresh")
    assert copy.folder
    assert str(copy.folder.parent) == "Fruit"
    assert not Conversation.objects.filter(owner=bob, folder__owner=alice).exists()


def test_imported_rows_are_the_importers_own(alice: User, bob: User) -> None:
    branched(alice)
    spent = Usage.objects.count()
    imported(bob, exported(alice).place.read_bytes())
    assert set(Message.objects.filter(conversation__owner=bob, role="user").values_list("author", flat=True)) == {
        bob.pk
    }
    assert set(Generation.objects.filter(conversation__owner=bob).values_list("owner", flat=True)) == {bob.pk}
    assert File.objects.filter(owner=bob).count() == 1
    assert Usage.objects.count() == spent, "nobody paid for it again"


def test_importing_again_makes_nothing_twice(alice: User, bob: User) -> None:
    branched(alice)
    data = exported(alice).place.read_bytes()
    imported(bob, data)
    report = imported(bob, data).report
    assert (report["made"], report["again"]) == (0, 1)
    assert Conversation.objects.filter(owner=bob).count() == 1
    assert imported(alice, data).report["again"] == 1, "one's own originals are known too"


def test_what_is_in_the_bin_is_not_made_anew(alice: User, bob: User) -> None:
    answered(alice)
    data = exported(alice).place.read_bytes()
    imported(bob, data)
    delete_conversation(Conversation.objects.get(owner=bob))
    lines = imported(bob, data).report["lines"]
    assert lines[0]["notes"] == ["It is in your bin."]


def test_what_was_imported_is_found(alice: User, bob: User) -> None:
    branched(alice)
    imported(bob, exported(alice).place.read_bytes())
    assert [hit.conversation_id for hit in search.search(bob, "pomegranate").hits if hit.message_id]


@pytest.mark.parametrize("written_as", ["markdown", "html"])
def test_it_can_be_read_without_the_site(alice: User, written_as: str) -> None:
    branched(alice)
    with zipfile.ZipFile(exported(alice, written_as).place) as archive:
        pages = [name for name in archive.namelist() if name.endswith((".md", ".html"))]
        text = "".join(archive.read(page).decode() for page in pages)
    assert "lemon" in text
    assert "kitchen" in text


def test_others_can_not_be_exported(alice: User, bob: User) -> None:
    mine, theirs = answered(alice).conversation, answered(bob).conversation
    transfer = exported(alice, ids=[mine.pk, theirs.pk])
    with zipfile.ZipFile(transfer.place) as archive:
        assert sum(name.startswith("conversations/") for name in archive.namelist()) == 1


def test_temporary_and_deleted_ones_are_not_in_an_export_of_everything(alice: User) -> None:
    kept, temporary, gone = (answered(alice).conversation for _ in range(3))
    Conversation.objects.filter(pk=temporary.pk).update(is_temporary=True)
    delete_conversation(gone)
    assert [record.key for record in Exporter(alice).records()] == [str(kept.pk)]


def test_an_answer_that_still_runs_is_exported_as_far_as_it_is(alice: User) -> None:
    say(alice)
    [record] = Exporter(alice).records()
    assert [message.status for message in record.messages] == ["complete", "interrupted"]


def test_many_conversations_take_no_more_queries_each_step(
    alice: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(20):
        answered(alice, f"Question {number}")
    with django_assert_max_num_queries(12):
        assert len(list(Exporter(alice).records())) == 20


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"%PDF-1.7", "a PDF"), (b"{", ""), (b"[]", ""), (b"PK\x03\x04broken", ""), (b'{"a": 1}', "")],
)
def test_what_is_no_export_is_refused_with_a_sentence(alice: User, data: bytes, sentence: str) -> None:
    transfer = imported(alice, data, "x.bin")
    assert transfer.status == TransferStatus.FAILED or transfer.report["made"] == 0
    assert sentence in transfer.error_message
    assert not Conversation.objects.exists()


def test_a_file_cut_short_imports_nothing(alice: User, bob: User) -> None:
    for _ in range(5):
        answered(alice)
    data = exported(alice).place.read_bytes()
    assert imported(bob, data[: len(data) // 2]).status == TransferStatus.FAILED
    assert not Conversation.objects.filter(owner=bob).exists()


def test_of_chatgpt_the_branches_come_along(alice: User) -> None:
    def node(pk: str, parent: str | None, role: str, text: str, at: int) -> dict[str, Any]:
        said = {"id": pk, "author": {"role": role}, "create_time": at, "metadata": {}}
        said["content"] = {"content_type": "text", "parts": [text]}
        return {"id": pk, "parent": parent, "children": [], "message": said if text else None}

    mapping = {
        each["id"]: each
        for each in (
            node("root", None, "system", "", 0),
            node("q", "root", "user", "Which fruit?", 1700000000),
            node("a1", "q", "assistant", "The pear.", 1700000001),
            node("a2", "q", "assistant", "The plum.", 1700000002),
        )
    }
    for each in mapping.values():
        if each["parent"]:
            mapping[each["parent"]]["children"].append(each["id"])
    conversation = {
        "id": "c1", "title": "Fruit", "create_time": 1700000000.5, "update_time": 1700000002.0,
        "mapping": mapping, "current_node": "a1",
    }  # fmt: skip
    assert imported(alice, json.dumps([conversation]).encode(), "conversations.json").report["made"] == 1
    made = Conversation.objects.get(owner=alice)
    assert made.title == "Fruit"
    assert made.selected_leaf
    assert made.selected_leaf.text == "The pear."
    assert sorted(made.messages.filter(role="assistant").values_list("text", flat=True)) == ["The pear.", "The plum."]


def test_nothing_happens_before_it_is_wanted(alice: User, bob: User) -> None:
    answered(alice)
    data = exported(alice).place.read_bytes()
    tried = done(take_upload(bob, "x.zip", len(data), io.BytesIO(data)))
    assert (tried.report["made"], tried.is_dry_run) == (1, True)
    assert not Conversation.objects.filter(owner=bob).exists()


def test_it_can_be_stopped(alice: User) -> None:
    answered(alice)
    transfer = ask_for_export(alice, written_as="archive", conversations=None)
    stop_transfer(transfer)
    assert done(transfer).status == TransferStatus.STOPPED


def test_a_process_that_ends_leaves_it_in_the_queue(alice: User) -> None:
    answered(alice)
    transfer = ask_for_export(alice, written_as="archive", conversations=None)
    run_next("tests", at_once, lambda: True)
    assert Transfer.objects.get().status == TransferStatus.QUEUED
    assert done(transfer).status == TransferStatus.COMPLETE


def test_what_a_dead_process_began_is_begun_once_more_and_then_failed(alice: User) -> None:
    answered(alice)
    transfer = ask_for_export(alice, written_as="archive", conversations=None)
    for status in (TransferStatus.QUEUED, TransferStatus.FAILED):
        Transfer.objects.update(status=TransferStatus.RUNNING, worker="dead")
        assert recover() == 1
        transfer.refresh_from_db()
        assert transfer.status == status
    assert "ended twice" in transfer.error_message


def test_what_is_put_back_is_not_written_by_who_had_it(alice: User) -> None:
    """A process that could not wait for its thread: the thread finds that it is not its own any more."""
    answered(alice), answered(alice)
    transfer = ask_for_export(alice, written_as="archive", conversations=None)

    def put_back_meanwhile(function: Callable[[], Any]) -> Any:
        done = function()
        put_back("first")
        run_next("second", at_once)
        return done

    run_next("first", put_back_meanwhile)
    transfer.refresh_from_db()
    assert (transfer.status, transfer.worker) == (TransferStatus.COMPLETE, "second")


def test_files_of_nobody_are_removed_and_no_others(alice: User, bob: User) -> None:
    answered(alice), answered(bob)
    kept, lost = exported(alice), exported(bob)
    part = lost.place.with_name("0123.zip.part")
    part.touch()
    place = lost.place
    bob.delete()
    remove_old(timezone.now() + timedelta(hours=23))
    assert part.exists()
    remove_old(timezone.now() + timedelta(hours=25))
    assert kept.place.is_file()
    assert not place.exists()
    assert not part.exists()


def test_uploads_that_were_given_up_make_room(alice: User) -> None:
    given_up = [begin_upload(alice, name="x", size=9) for _ in range(3)]
    with pytest.raises(LimitError):
        begin_upload(alice, name="x", size=9)
    for transfer in given_up[:2]:
        os.utime(transfer.place, (0, 0))
    begin_upload(alice, name="x", size=9)
    assert Transfer.objects.count() == 2


def test_uploads_are_bounded(alice: User) -> None:
    with pytest.raises(TooLargeError):
        take_upload(alice, "x", settings.LIMIT_IMPORT_BYTES + 1, io.BytesIO(b""))
    for _ in range(3):
        ask_for_export(alice, written_as="archive", conversations=None)
    with pytest.raises(LimitError):
        ask_for_export(alice, written_as="archive", conversations=None)
