"""Share links: what is in a snapshot and what never, the terms, revoking, passwords, copies."""

import json
import logging
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from conversations.actions import snapshots
from conversations.actions.attempts import attempts
from conversations.actions.conversations import delete_conversation, restore_conversation
from conversations.actions.files import store_image
from conversations.actions.images import ImageGiven
from conversations.actions.messages import answer_tools, edit_message, send_message
from conversations.actions.share_links import (
    MADE,
    Terms,
    create_share_link,
    is_unlocked,
    require_share_password,
    revoke_share_link,
    revoke_share_links,
    unlock_mark,
)
from conversations.actions.shared import continue_as_own
from conversations.actions.snapshots import read_snapshot
from conversations.exceptions import ChatError, ConflictError, InvalidInputError, LimitError, TooLargeError
from conversations.models import Audience, Conversation, File, Generation, LanguageModel, Message, ShareLink, User
from conversations.rendering import markdown
from tests.media.pictures import drawing
from tests.media.sending import send_pictures
from tests.shares import allow_anyone, shared
from tests.trees import answered, calling, fresh, other_model, play, question_of, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model")]


@pytest.fixture(autouse=True)
def _nobody_guessed_yet(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


def texts(link: ShareLink) -> list[str]:
    return [message.text for message in read_snapshot(ShareLink.objects.get(pk=link.pk))]


def test_a_snapshot_holds_the_branch_from_root_to_leaf(alice: User) -> None:
    first = answered(alice, "One", answer="**Two**")
    last = answered(alice, "Three", under=first, answer="Four")
    link = shared(alice, last.conversation)
    messages = read_snapshot(link)
    assert [(each.role, each.text) for each in messages] == [
        ("user", "One"), ("assistant", "**Two**"), ("user", "Three"), ("assistant", "Four"),
    ]  # fmt: skip
    assert messages[1].html == "<p><strong>Two</strong></p>\n"
    assert (messages[0].author, messages[1].model) == ("Alice", "Oak")
    assert messages[0].created_at == question_of(first).created_at


def test_nothing_that_happens_later_shows(alice: User) -> None:
    answer = answered(alice, "Before", answer="Answered before")
    question, conversation = question_of(answer), answer.conversation
    link = shared(alice, conversation)
    before = ShareLink.objects.get(pk=link.pk).messages
    answered(alice, "LATER", under=answer, answer="LATER TOO")
    edit_message(alice, question, text="EDITED", client_id=uuid.uuid4())
    play("TO THE EDITED")
    Message.objects.filter(pk=answer.pk).update(text="CONTINUED", html="<p>CONTINUED</p>", deleted_at=timezone.now())
    conversation.title = "RENAMED"
    conversation.save()
    kept = ShareLink.objects.get(pk=link.pk)
    assert (kept.messages, kept.title) == (before, link.title)
    assert texts(link) == ["Before", "Answered before"]


def test_another_branch_can_be_chosen_and_is_alone_in_it(alice: User) -> None:
    first = answered(alice, "One", answer="Two")
    edit_message(alice, question_of(first), text="Uno", client_id=uuid.uuid4())
    play("Due")
    conversation = fresh(first).conversation
    assert texts(shared(alice, conversation)) == ["Uno", "Due"]
    assert texts(shared(alice, conversation, leaf=first)) == ["One", "Two"]


def test_a_deleted_branch_or_one_of_another_conversation_is_refused(alice: User) -> None:
    first, foreign = answered(alice), answered(alice)
    with pytest.raises(ConflictError):
        shared(alice, first.conversation, leaf=foreign)
    Message.objects.filter(pk=first.pk).update(deleted_at=timezone.now())
    with pytest.raises(ConflictError):
        shared(alice, first.conversation, leaf=first)


def test_an_answer_that_is_being_written_is_left_out(alice: User) -> None:
    first = answered(alice, "One", answer="Two")
    say(alice, "Three", under=first)
    assert texts(shared(alice, first.conversation)) == ["One", "Two", "Three"]


def test_an_empty_or_temporary_conversation_can_not_be_shared(alice: User) -> None:
    with pytest.raises(ConflictError, match="nothing to share"):
        shared(alice, Conversation.objects.create(owner=alice))
    answer = answered(alice)
    answer.conversation.is_temporary = True
    with pytest.raises(ConflictError, match="temporary"):
        shared(alice, answer.conversation)


def test_what_is_too_large_is_refused(alice: User) -> None:
    answer = answered(alice)
    Message.objects.filter(pk=answer.pk).update(text="x" * snapshots.MOST_CHARACTERS)
    with pytest.raises(TooLargeError):
        shared(alice, answer.conversation)


def test_secrets_settings_and_costs_are_never_in_it(alice: User, model: LanguageModel) -> None:
    LanguageModel.objects.filter(pk=model.pk).update(system_prompt="CANARY-SYSTEM", wire_name="CANARY-WIRE")
    answer = calling(alice, ("search", '{"q": 1}'), text="Said.")
    conversation = answer.conversation
    conversation.parameters = {"instructions": "CANARY-PARAMETER", "temperature": 0.123}
    conversation.save()
    Message.objects.filter(pk=answer.pk).update(
        provider_items=[{"x": "CANARY-ITEM"}], reasoning="CANARY-THOUGHT",
        tool_calls=[{"id": "CANARY-CALL", "name": "search", "arguments": "{}"}],
        citations=[{"url": "https://example.org/", "title": "T", "start": 0, "end": 1, "extra": "CANARY-CITED"}],
    )  # fmt: skip
    Generation.objects.filter(message=answer).update(
        request={"parameters": {"seed": {"value": "CANARY-SENT", "source": "x"}}}, request_id="CANARY-REQUEST",
        error_message="CANARY-ERROR", error_detail="CANARY-DETAIL", cost="0.98765432", prices={"input": "CANARY-PRICE"},
    )  # fmt: skip
    stored = json.dumps(ShareLink.objects.get(pk=shared(alice, conversation).pk).messages)
    assert "Said." in stored
    assert "CANARY" not in stored
    assert "0.98765" not in stored
    assert "0.123" not in stored


def test_thoughts_are_in_it_only_if_they_are_wanted(alice: User) -> None:
    sent = say(alice)
    play("Said.", reasoning="Thought.")
    with_thoughts = shared(alice, sent.conversation, with_reasoning=True)
    assert [each.reasoning for each in read_snapshot(with_thoughts)] == ["", "Thought."]
    assert [each.reasoning for each in read_snapshot(shared(alice, sent.conversation))] == ["", ""]


def test_names_are_left_out_if_they_are_not_wanted(alice: User) -> None:
    link = shared(alice, answered(alice).conversation, with_names=False)
    assert "Alice" not in json.dumps(link.messages)
    assert not link.shows_names


def test_calls_and_results_are_joined_by_ids_of_our_own(alice: User) -> None:
    answer = calling(alice, ("search", '{"q": 1}'), ("search", '{"q": 2}'))
    answer_tools(alice, answer, results={"call_0": "First", "call_1": "Second"}, client_id=uuid.uuid4())
    play("Both.")
    messages = read_snapshot(shared(alice, answer.conversation))
    calls = {call["id"]: call["arguments"] for call in messages[1].tool_calls}
    results = [(calls[each.tool_call_id], each.called, each.text) for each in messages if each.is_result]
    assert results == [('{"q": 1}', "search", "First"), ('{"q": 2}', "search", "Second")]


def test_html_of_an_older_renderer_is_made_anew_once(alice: User) -> None:
    link = shared(alice, answered(alice, answer="**Bold**").conversation)
    link.messages[1] |= {"html": "<p onclick=x>old</p>", "html_version": 0}
    link.save()
    assert read_snapshot(ShareLink.objects.get(pk=link.pk))[1].html == "<p><strong>Bold</strong></p>\n"
    assert ShareLink.objects.get(pk=link.pk).messages[1]["html_version"] == markdown.VERSION


def test_the_same_order_makes_one_link(alice: User) -> None:
    conversation, client_id = answered(alice).conversation, uuid.uuid4()
    made = {create_share_link(alice, conversation, None, Terms(), client_id=client_id).pk for _ in range(2)}
    assert ShareLink.objects.count() == len(made) == 1


@pytest.mark.parametrize(
    "terms",
    [
        {"audience": "everybody"},
        {"audience": Audience.ANYONE},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"password": "abc"},
        {"password": "x" * 1025},
    ],
)
def test_terms_that_can_not_be_are_refused(alice: User, terms: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        shared(alice, answered(alice).conversation, **terms)
    assert not ShareLink.objects.exists()


def test_very_many_links_are_refused(alice: User) -> None:
    conversation = answered(alice).conversation
    for _ in range(MADE.most):
        attempts.is_over(MADE, str(alice.pk))
    with pytest.raises(LimitError):
        shared(alice, conversation)


def test_a_revoked_link_forgets_what_it_showed(alice: User) -> None:
    picture, _ = store_image(alice, "red.png", drawing())
    sent = send_pictures(alice, ImageGiven(file=picture.pk))
    link = shared(alice, sent.conversation)
    assert list(link.files.all()) == [picture]
    revoke_share_link(link)
    revoked_at = ShareLink.objects.get(pk=link.pk).revoked_at
    assert revoked_at
    assert ShareLink.objects.get(pk=link.pk).messages == []
    assert not link.files.exists()
    revoke_share_link(link)
    assert ShareLink.objects.get(pk=link.pk).revoked_at == revoked_at


def test_revoking_all_ends_one_s_own_only(alice: User, bob: User) -> None:
    mine, theirs = shared(alice, answered(alice).conversation), shared(bob, answered(bob).conversation)
    assert revoke_share_links(alice) == 1
    assert set(ShareLink.objects.live()) == {theirs}
    assert set(ShareLink.objects.ended()) == {mine}


def test_links_live_as_long_as_what_they_belong_to(alice: User, bob: User) -> None:
    link = shared(alice, answered(alice).conversation, expires_at=timezone.now() + timedelta(days=1))
    assert list(ShareLink.objects.visible_to(bob)) == [link]
    delete_conversation(link.conversation)
    assert not ShareLink.objects.visible_to(bob).exists()
    restore_conversation(link.conversation)
    assert ShareLink.objects.visible_to(bob).exists()
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert not ShareLink.objects.visible_to(bob).exists()
    User.objects.filter(pk=alice.pk).update(is_active=True)
    ShareLink.objects.update(expires_at=timezone.now())
    assert not ShareLink.objects.visible_to(bob).exists()
    assert list(ShareLink.objects.ended()) == [link]


def test_links_for_anyone_follow_the_site_s_policy(alice: User, bob: User) -> None:
    link = shared(alice, answered(alice).conversation, anyone=True)
    for who in (bob, alice):
        assert list(ShareLink.objects.visible_to(who)) == [link]
    allow_anyone(is_allowed=False)
    assert not ShareLink.objects.visible_to(bob).exists()


# ---- passwords ----


def locked(owner: User, password: str = "pass") -> ShareLink:
    return shared(owner, answered(owner).conversation, password=password)


def test_a_password_is_hashed_and_opens_its_link_alone(alice: User) -> None:
    link, other = locked(alice), locked(alice)
    assert "pass" not in link.password
    require_share_password(link, "pass", network=str(uuid.uuid4()))
    assert is_unlocked(link, unlock_mark(link))
    assert not is_unlocked(link, unlock_mark(other))
    assert not is_unlocked(link, "")
    link.password = other.password
    assert not is_unlocked(link, unlock_mark(locked(alice)))


def test_guesses_are_limited_by_link_and_address(alice: User) -> None:
    link, other, here = locked(alice), locked(alice), str(uuid.uuid4())
    for _ in range(10):
        with pytest.raises(InvalidInputError):
            require_share_password(link, "wrong", network=here)
    with pytest.raises(LimitError):
        require_share_password(link, "pass", network=here)
    require_share_password(other, "pass", network=here)
    require_share_password(link, "pass", network=str(uuid.uuid4()))


def test_right_passwords_are_not_counted(alice: User) -> None:
    link, here = locked(alice), str(uuid.uuid4())
    for _ in range(12):
        require_share_password(link, "pass", network=here)


# ---- copies ----


def test_a_viewer_goes_on_in_a_conversation_of_their_own(alice: User, bob: User) -> None:
    picture, _ = store_image(alice, "red.png", drawing())
    sent = send_pictures(alice, ImageGiven(file=picture.pk, description="Red"), text="Look")
    play("Seen.")
    link = shared(alice, sent.conversation)
    copy = continue_as_own(link, bob, client_id=uuid.uuid4())
    assert (copy.owner, copy.title) == (bob, link.title)
    copied = Message.objects.shown(Conversation.objects.get(pk=copy.pk))
    assert [(each.role, each.text, each.author_id) for each in copied] == [
        ("user", "Look", None), ("assistant", "Seen.", None),
    ]  # fmt: skip
    assert copied[1].html == "<p>Seen.</p>\n"
    image = copied[0].images.get()
    assert (image.description, image.file and image.file.owner) == ("Red", bob)
    assert image.file
    assert image.file.place.read_bytes() == picture.place.read_bytes()
    assert image.file.path != picture.path
    Conversation.objects.filter(pk=sent.conversation.pk).delete()
    assert File.objects.filter(owner=bob).count() == 1
    assert answered(bob, "More", under=copied[1])


def test_the_same_order_copies_once(alice: User, bob: User) -> None:
    link, client_id = shared(alice, answered(alice).conversation), uuid.uuid4()
    copies = {continue_as_own(link, bob, client_id=client_id).pk for _ in range(2)}
    assert len(copies) == 1
    assert Conversation.objects.filter(owner=bob).count() == 1


def test_a_model_one_may_not_use_is_replaced(alice: User, bob: User, model: LanguageModel) -> None:
    elm = other_model()
    sent = send_message(
        alice, conversation=None, parent=None, text="Hi", model=elm, client_id=uuid.uuid4()
    )  # fmt: skip
    play()
    link = shared(alice, sent.conversation)
    assert continue_as_own(link, bob, client_id=uuid.uuid4()).model == elm
    LanguageModel.objects.filter(pk=elm.pk).update(is_enabled=False)
    copy = continue_as_own(link, bob, client_id=uuid.uuid4())
    assert copy.model == model
    assert [each.model_name for each in Message.objects.shown(copy)] == ["", "Elm"]


def test_a_question_at_the_end_is_not_copied(alice: User, bob: User) -> None:
    first = answered(alice, "One", answer="Two")
    say(alice, "Three", under=first)
    copy = continue_as_own(shared(alice, first.conversation), bob, client_id=uuid.uuid4())
    assert [each.text for each in Message.objects.shown(copy)] == ["One", "Two"]
    alone = say(alice, "Only a question").conversation
    with pytest.raises(ChatError):
        continue_as_own(shared(alice, alone), bob, client_id=uuid.uuid4())


def test_what_is_shared_and_revoked_is_logged_without_content(alice: User, bob: User, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    link = shared(alice, answered(alice, "SECRET TEXT").conversation, password="SECRET PASSWORD")
    with pytest.raises(InvalidInputError):
        require_share_password(link, "SECRET GUESS", network="192.0.2.7")
    continue_as_own(link, bob, client_id=uuid.uuid4())
    revoke_share_link(link)
    lines = [record.getMessage() for record in caplog.records if record.name == "chatsite.security"]
    assert lines == [
        f"Share link created: link {link.pk} of conversation {link.conversation_id} by user {alice.pk} for team",
        f"Share link password failed: link {link.pk} from 192.0.2.7",
        f"Shared conversation copied: link {link.pk} by user {bob.pk}",
        f"Share link revoked: link {link.pk} by user {alice.pk}",
    ]
    assert "SECRET" not in caplog.text
    assert link.token not in caplog.text
