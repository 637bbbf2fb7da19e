"""The commands of operators: export, import, and made-up data."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conversations.jobs.exports import Exporter
from conversations.models import Conversation, Generation, Message, User
from conversations.rendering import markdown
from conversations.transfer.hashes import hash_of
from tests.trees import answered

pytestmark = pytest.mark.usefixtures("model")


def said(*command: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*command, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def hashes(person: User) -> list[str]:
    return sorted(hash_of(record) for record in Exporter(person).records())


def test_export_then_import_gives_the_same(alice: User, bob: User, tmp_path: Path) -> None:
    answered(alice, "One"), answered(alice, "Two")
    file = tmp_path / "all.zip"
    assert "Wrote 2 conversations" in said("export_conversations", "alice", str(file))
    assert "Would import 2 of 2" in said("import_conversations", "bob", str(file), dry_run=True)
    assert "Imported 2 of 2" in said("import_conversations", "bob", str(file))
    assert "Imported 0 of 2 conversations; 2 were there already" in said("import_conversations", "bob", str(file))
    assert hashes(alice) == hashes(bob)


@pytest.mark.parametrize("command", ["export_conversations", "import_conversations"])
def test_what_can_not_be_done_is_said_in_a_sentence(alice: User, tmp_path: Path, command: str) -> None:
    there = tmp_path / "there"
    there.write_text("{}")
    for person, file in (("nobody", tmp_path / "x"), ("alice", there), ("alice", tmp_path / "no" / "where")):
        with pytest.raises(CommandError, match=r"^[A-Z/].*\S"):
            said(command, person, str(file))


def test_made_up_data_has_just_the_size_asked_for_and_can_be_removed(alice: User) -> None:
    own = answered(alice)
    assert "Made 400 messages in 40 conversations of 3 people" in said(
        "seed_demo_data", people=3, conversations=40, messages=400, person="alice"
    )
    assert Conversation.objects.count() == 41
    assert Message.objects.count() == 402
    assert Conversation.objects.filter(owner=alice).count() == 9
    for conversation in Conversation.objects.exclude(selected_leaf=None).select_related("selected_leaf"):
        branch = Message.objects.branch(conversation.pk, conversation.selected_leaf_id)
        assert [message.role for message in branch] == ["user", "assistant"] * (len(branch) // 2) + ["user"] * (
            len(branch) % 2
        )
    assert "Removed 40 conversations" in said("seed_demo_data", remove=True)
    assert list(Conversation.objects.all()) == [own.conversation]
    assert Generation.objects.count() == 1


def test_made_up_answers_look_as_the_renderer_makes_them(alice: User) -> None:
    said("seed_demo_data", people=1, conversations=5, messages=60)
    for message in Message.objects.filter(role="assistant")[:20]:
        assert message.html == markdown.render(message.text)
