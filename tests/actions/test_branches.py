"""Names of branches; copies of a path or a whole tree as conversations of one's own."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.actions.branches import copy_messages, fork, name_branch
from conversations.actions.deletions import delete_branch
from conversations.actions.files import store_image
from conversations.actions.images import ImageGiven
from conversations.actions.members import invite
from conversations.actions.messages import edit_message, regenerate_answer, send_message
from conversations.exceptions import ConflictError, InvalidInputError
from conversations.models import (
    Conversation,
    File,
    Generation,
    GenerationStatus,
    LanguageModel,
    Message,
    MessageImage,
    Usage,
    User,
)
from conversations.providers.base import UsageReport
from tests.media.pictures import drawing
from tests.trees import answered, fresh, play, question_of, say, shown_texts

pytestmark = pytest.mark.django_db


def shape(conversation: Conversation) -> list[Any]:
    """The tree without its ids: what each message says and hangs on, in order."""
    rows = list(Message.objects.filter(conversation=conversation).order_by("id").select_related("parent"))
    return [(row.role, row.text, row.parent.text if row.parent else None, row.created_at) for row in rows]


def forest(author: User) -> Conversation:
    """Two questions, the second in two wordings, the first with two answers."""
    first = answered(author, "A", answer="a")
    second = answered(author, "B", under=first, answer="b")
    edit_message(author, question_of(second), text="B2", client_id=uuid.uuid4())
    play("b2")
    regenerate_answer(author, first, model=None, client_id=uuid.uuid4())
    play("a2", usage=UsageReport(10, 5, 0, 0))
    return Conversation.objects.get(pk=first.conversation_id)


def test_a_name_is_one_line_and_an_empty_one_removes_it(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    name_branch(answer, "  The\n short\tone ")
    assert fresh(answer).branch_name == "The short one"
    name_branch(answer, " ")
    assert fresh(answer).branch_name == ""


def test_a_name_that_is_too_long_is_refused(alice: User, model: LanguageModel) -> None:
    with pytest.raises(InvalidInputError, match="at most 100 characters; this one has 101"):
        name_branch(answered(alice), "x" * 101)


def test_what_was_deleted_gets_no_name(alice: User, model: LanguageModel) -> None:
    answer = answered(alice)
    delete_branch(alice, answer)
    with pytest.raises(ConflictError, match="deleted"):
        name_branch(answer, "x")


def test_the_whole_tree_is_copied_in_its_order(alice: User, model: LanguageModel) -> None:
    source = forest(alice)
    copy = fork(alice, source)
    assert shape(copy) == shape(source)
    assert shown_texts(copy) == shown_texts(source)
    assert (copy.title, copy.forked_from_id, copy.owner_id) == ("A (copy)", source.pk, alice.pk)
    assert not set(copy.messages.values_list("pk", flat=True)) & set(source.messages.values_list("pk", flat=True))


def test_a_path_is_copied_up_to_a_message(alice: User, model: LanguageModel) -> None:
    source = forest(alice)
    wanted = Message.objects.get(conversation=source, text="b")
    copy = fork(alice, source, wanted)
    assert [row[1] for row in shape(copy)] == ["A", "a", "B", "b"]
    assert shown_texts(copy) == ["A", "a", "B", "b"]


def test_what_was_deleted_is_not_copied(alice: User, model: LanguageModel) -> None:
    source = forest(alice)
    delete_branch(alice, Message.objects.get(conversation=source, text="a2"))
    assert "a2" not in [row[1] for row in shape(fork(alice, source))]
    delete_branch(alice, Message.objects.get(conversation=source, text="A"))
    with pytest.raises(ConflictError, match="nothing to copy"):
        fork(alice, Conversation.objects.get(pk=source.pk))


def test_runs_keep_their_facts_and_cost_nothing_again(alice: User, model: LanguageModel) -> None:
    source, entries = forest(alice), Usage.objects.count()
    copy = fork(alice, source)
    runs = [list(Generation.objects.filter(conversation=each).order_by("id")) for each in (source, copy)]
    facts = [
        [(run.status, run.input_tokens, run.output_tokens, run.finished_at, run.model_id) for run in each]
        for each in runs
    ]
    assert facts[0] == facts[1]
    sent = {each["id"] for run in runs[1] for each in run.request["messages"]}
    assert sent <= {str(pk) for pk in copy.messages.values_list("pk", flat=True)}
    assert Usage.objects.count() == entries


def test_an_answer_that_is_still_being_written_is_interrupted_in_the_copy(alice: User, model: LanguageModel) -> None:
    sent = say(alice)
    copy = fork(alice, sent.conversation)
    run = Generation.objects.get(conversation=copy)
    assert (run.status, run.message.status) == (GenerationStatus.INTERRUPTED, "interrupted")
    assert Generation.objects.get(pk=sent.generation.pk).status == GenerationStatus.QUEUED


def test_the_same_order_makes_one_copy(alice: User, model: LanguageModel) -> None:
    source, client_id = forest(alice), uuid.uuid4()
    assert fork(alice, source, client_id=client_id) == fork(alice, source, client_id=client_id)
    assert Conversation.objects.count() == 2
    assert fork(alice, source) != fork(alice, source)


def test_somebody_who_may_read_gets_a_copy_and_pictures_of_their_own(
    alice: User, bob: User, model: LanguageModel
) -> None:
    picture, _ = store_image(alice, "red.png", drawing())
    sent = send_message(
        alice, conversation=None, parent=None, text="Look", model=None, client_id=uuid.uuid4(),
        images=[ImageGiven(picture.pk)],
    )  # fmt: skip
    play("Red.")
    invite(alice, sent.conversation, bob, "viewer")
    copy = fork(bob, sent.conversation)
    image = MessageImage.objects.get(message__conversation=copy)
    assert image.file is not None
    assert (copy.owner, image.file.owner) == (bob, bob)
    assert image.file.place != picture.place
    assert image.file.place.read_bytes() == picture.place.read_bytes()
    assert MessageImage.objects.get(message__conversation=fork(alice, sent.conversation)).file == picture
    assert File.objects.count() == 2


def test_only_parameters_that_still_fit_come_along(alice: User, model: LanguageModel) -> None:
    source = forest(alice)
    source.parameters = {"temperature": 0.5, "no_such": 1}
    source.save(update_fields=["parameters"])
    copy = fork(alice, source)
    assert "no_such" not in copy.parameters
    assert copy.model == model


def test_a_copy_is_written_in_bulk(alice: User, model: LanguageModel) -> None:
    counts = []
    for length in (2, 202):
        conversation = Conversation.objects.create(owner=alice, title="Long")
        rows: list[Message] = []
        for i in range(length):
            rows.append(Message(conversation=conversation, parent=rows[-1] if rows else None, role="user", text=str(i)))
        Message.objects.bulk_create(rows)
        conversation.touch(selected_leaf=rows[-1])
        conversation.refresh_from_db()
        fork(alice, conversation)
        with CaptureQueriesContext(connection) as queries:
            fork(alice, conversation)
        counts.append(len(queries))
    assert counts[1] - counts[0] < 200 / 5  # SQLite takes some forty rows in one statement


def test_rows_can_be_copied_to_any_conversation(alice: User, model: LanguageModel) -> None:
    answer = answered(alice, "A", answer="a")
    target = Conversation.objects.create(owner=alice, created_at=timezone.now())
    ids = copy_messages([answer], target, {})
    row = Message.objects.get(pk=ids[answer.pk])
    assert (row.conversation_id, row.parent_id, row.text) == (target.pk, None, "a")
