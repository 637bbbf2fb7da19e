"""Inviting, roles, leaving; who may do what; who has seen what; and what all that costs."""

import logging
import uuid
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.actions.files import store_image
from conversations.actions.groups import group_changed, remove_members
from conversations.actions.images import ImageGiven
from conversations.actions.members import (
    change_role,
    find_invitable,
    invite,
    look_at,
    person_goes,
    remove_member,
)
from conversations.actions.messages import edit_message, send_message
from conversations.actions.runs import Sent
from conversations.exceptions import ChatError, ConflictError, InvalidInputError, LimitError
from conversations.generation.announcing import people_of
from conversations.models import Conversation, File, LanguageModel, Member, Message, MessageImage, Usage, User
from conversations.models.members import MOST_MEMBERS, OWNER, roles_in
from tests.media.pictures import drawing
from tests.trees import answered, fresh, play, question_of, shown_texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(alice: User, model: LanguageModel) -> Message:
    return answered(alice)


def say_in(author: User, answer: Message, text: str = "And?") -> Sent:
    given = {"conversation": answer.conversation, "parent": answer, "model": None, "client_id": uuid.uuid4()}
    return send_message(author, text=text, **given)  # type: ignore[arg-type]


def readable(user: User) -> list[Conversation]:
    return list(Conversation.objects.visible_to(user))


def people(count: int) -> list[User]:
    return User.objects.bulk_create([User(username=f"colleague-{number}") for number in range(count)])


def test_a_viewer_may_read_and_an_editor_write(alice: User, bob: User, carol: User, answer: Message) -> None:
    invite(alice, answer.conversation, bob, "editor")
    invite(alice, answer.conversation, carol, "viewer")
    for person in (bob, carol):
        assert readable(person) == [answer.conversation]
        assert not Conversation.objects.owned_by(person).exists()
    assert Message.objects.editable_by(bob).count() == 2
    assert Message.objects.visible_to(carol).count() == 2
    assert not Message.objects.editable_by(carol).exists()


def test_the_conversation_knows_whether_it_is_shared(alice: User, bob: User, answer: Message) -> None:
    conversation = answer.conversation
    member = invite(alice, conversation, bob, "viewer")
    assert Conversation.objects.get(pk=conversation.pk).has_members
    remove_member(alice, member)
    assert not Conversation.objects.get(pk=conversation.pk).has_members
    assert not readable(bob)


def test_inviting_again_changes_the_role(alice: User, bob: User, answer: Message) -> None:
    first = invite(alice, answer.conversation, bob, "viewer")
    assert invite(alice, answer.conversation, bob, "editor") == first
    assert [member.role for member in Member.objects.all()] == ["editor"]
    change_role(alice, first, "viewer")
    assert not Conversation.objects.editable_by(bob).exists()


def test_a_group_reads_together_and_the_better_role_counts(alice: User, bob: User, answer: Message) -> None:
    team = Group.objects.get(name="team")
    invite(alice, answer.conversation, team, "editor")
    invite(alice, answer.conversation, bob, "viewer")
    assert roles_in([answer.conversation_id], [alice.pk, bob.pk]) == {
        (answer.conversation_id, alice.pk): OWNER,
        (answer.conversation_id, bob.pk): "editor",
    }
    assert set(people_of(answer.conversation)) == {alice.pk, bob.pk}


def test_who_leaves_a_group_loses_what_was_shared_with_it(alice: User, bob: User, dana: User, answer: Message) -> None:
    team = Group.objects.get(name="team")
    invite(alice, answer.conversation, team, "viewer")
    remove_members(dana, team, [bob])
    assert not readable(bob)
    assert roles_in([answer.conversation_id], [bob.pk]) == {}


def test_a_group_that_is_deleted_takes_its_memberships_along(dana: User, alice: User, answer: Message) -> None:
    team = Group.objects.get(name="team")
    invite(alice, answer.conversation, team, "viewer")
    group_changed(dana, team, "deleted")
    team.delete()
    assert not Conversation.objects.get(pk=answer.conversation_id).has_members


def test_only_own_groups_can_be_invited_but_by_staff(alice: User, bob: User, dana: User, answer: Message) -> None:
    other = Group.objects.create(name="others")
    with pytest.raises(InvalidInputError):
        invite(alice, answer.conversation, other, "viewer")
    assert find_invitable(alice, answer.conversation, "oth")[1] == []
    theirs = answered(dana).conversation
    assert invite(dana, theirs, other, "viewer").group == other


@pytest.mark.parametrize(("who", "role"), [("alice", "viewer"), ("gone", "viewer"), ("bob", "owner"), ("bob", "")])
def test_what_makes_no_sense_is_refused(alice: User, bob: User, answer: Message, who: str, role: str) -> None:
    User.objects.create(username="gone", is_active=False)
    with pytest.raises(InvalidInputError):
        invite(alice, answer.conversation, User.objects.get(username=who), role)
    assert not Member.objects.exists()


def test_a_temporary_conversation_is_not_shared(alice: User, bob: User, answer: Message) -> None:
    answer.conversation.is_temporary = True
    with pytest.raises(ConflictError):
        invite(alice, answer.conversation, bob, "viewer")


def test_members_are_bounded(alice: User, bob: User, answer: Message) -> None:
    crowd = people(MOST_MEMBERS)
    Member.objects.bulk_create([Member(conversation=answer.conversation, user=each) for each in crowd])
    with pytest.raises(LimitError):
        invite(alice, answer.conversation, bob, "viewer")


def test_people_are_found_by_all_their_words_and_nobody_twice(alice: User, bob: User, answer: Message) -> None:
    User.objects.create(username="bobby", display_name="Roberta Bo", is_active=False)
    assert find_invitable(alice, answer.conversation, "bo") == ([bob], [])
    assert find_invitable(alice, answer.conversation, "  ") == ([], [])
    assert find_invitable(alice, answer.conversation, "ali") == ([], [])
    found, groups = find_invitable(alice, answer.conversation, "tea")
    assert (found, [group.name for group in groups]) == ([], ["team"])
    invite(alice, answer.conversation, bob, "viewer")
    assert find_invitable(alice, answer.conversation, "bo") == ([], [])


def test_the_run_is_of_who_asked(alice: User, bob: User, answer: Message) -> None:
    invite(alice, answer.conversation, bob, "editor")
    sent = say_in(bob, answer)
    play()
    assert sent.generation.owner == bob
    assert sent.question is not None
    assert sent.question.author == bob
    assert Usage.objects.get(generation_id=sent.generation.pk).user == bob
    assert shown_texts(answer.conversation)[-2:] == ["And?", "An answer."]


def test_an_edit_by_another_keeps_the_pictures(alice: User, bob: User, model: LanguageModel) -> None:
    picture = store_image(alice, "red.png", drawing())[0]
    given = {"conversation": None, "parent": None, "model": None, "client_id": uuid.uuid4()}
    sent = send_message(alice, text="Look", images=[ImageGiven(file=picture.pk)], **given)  # type: ignore[arg-type]
    play()
    answer = fresh(sent.answer)
    assert not File.objects.visible_to(bob).exists()
    invite(alice, answer.conversation, bob, "editor")
    edited = edit_message(bob, question_of(answer), text="Look again", client_id=uuid.uuid4())
    assert MessageImage.objects.get(message=edited.question).file == picture
    assert File.objects.visible_to(bob).get() == picture


def test_a_dot_is_each_persons_own(alice: User, bob: User, carol: User, answer: Message) -> None:
    conversation = answer.conversation
    for person in (bob, carol):
        invite(alice, conversation, person, "editor")

    def unseen() -> list[bool]:
        rows = [Conversation.objects.unseen_by(person).get(pk=conversation.pk) for person in (alice, bob, carol)]
        return [row.is_unseen for row in rows]  # type: ignore[attr-defined]

    look_at(bob, conversation)
    assert unseen() == [False, False, True]
    say_in(bob, answer)
    play()
    assert unseen() == [True, True, True]
    look_at(alice, Conversation.objects.get(pk=conversation.pk))
    look_at(bob, conversation)
    assert unseen() == [False, False, True]


def test_who_did_what_stands_in_the_log(
    alice: User, bob: User, answer: Message, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "chatsite.security")
    member = invite(alice, answer.conversation, bob, "viewer")
    change_role(alice, member, "editor")
    remove_member(bob, member)
    words = [record.getMessage() for record in caplog.records]
    assert [line.split(":")[0] for line in words] == ["Member added", "Member changed", "Member removed"]
    assert all(str(answer.conversation_id) in line and str(bob.pk) in line for line in words)


def _queries_of_all_that_lists(alice: User, answer: Message, crowd: list[User]) -> Iterator[int]:
    Member.objects.bulk_create([Member(conversation=answer.conversation, user=each) for each in crowd])
    Conversation.objects.filter(pk=answer.conversation_id).update(has_members=True)
    conversation = Conversation.objects.get(pk=answer.conversation_id)
    for deed in (
        lambda: people_of(conversation),
        lambda: roles_in([conversation.pk], [each.pk for each in crowd]),
        lambda: [str(member) for member in Member.objects.filter(conversation=conversation).listed()],
        lambda: [message.author and message.author.name for message in Message.objects.shown(conversation)],
        lambda: find_invitable(alice, conversation, "coll"),
    ):
        with CaptureQueriesContext(connection) as queries:
            deed()
        yield len(queries)


def test_thirty_members_cost_as_many_queries_as_one(alice: User, answer: Message) -> None:
    crowd = people(30)
    one = list(_queries_of_all_that_lists(alice, answer, crowd[:1]))
    assert list(_queries_of_all_that_lists(alice, answer, crowd[1:])) == one
    assert one[:3] == [1, 1, 1]


def test_the_client_id_of_another_gives_nothing_away(alice: User, bob: User, answer: Message) -> None:
    invite(alice, answer.conversation, bob, "editor")
    sent = say_in(alice, answer)
    with pytest.raises(ChatError):
        send_message(
            bob,
            conversation=answer.conversation,
            parent=answer,
            text="x",
            model=None,
            client_id=sent.generation.client_id or uuid.uuid4(),
        )
    assert Message.objects.filter(conversation=answer.conversation).count() == 4


def test_an_account_that_is_deleted_takes_its_memberships_along(alice: User, bob: User, answer: Message) -> None:
    invite(alice, answer.conversation, bob, "viewer")
    person_goes(bob)
    bob.delete()
    assert not Conversation.objects.get(pk=answer.conversation_id).has_members
