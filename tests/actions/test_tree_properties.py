"""Any sequence of what two people do, in turns and at once, leaves valid trees with one selected path each."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as site
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from conversations.actions.members import invite
from conversations.exceptions import ChatError
from conversations.models import Conversation, LanguageModel, User
from tests.actions.tree_deeds import DEEDS, Scene, check_all
from tests.trees import play, say

ROUNDS = 40


class Trees(RuleBasedStateMachine):
    """Two people take turns. Each acts on what they saw when they looked last, which is not always now."""

    people: tuple[User, User]

    @initialize()
    def begin(self) -> None:
        Conversation.objects.all().delete()
        conversation = say(self.people[0]).conversation
        invite(self.people[0], conversation, self.people[1], "editor")
        play()
        self.scenes = [Scene(person, random.Random(0)) for person in self.people]
        for scene in self.scenes:
            scene.look()

    @rule(who=st.integers(0, 1), deed=st.sampled_from(sorted(DEEDS)), seed=st.integers(0, 2**16), looks=st.booleans())
    def act(self, who: int, deed: str, seed: int, looks: bool) -> None:
        scene = self.scenes[who]
        if looks or not scene.messages:
            scene.look()
        scene.chance = random.Random(seed)
        try:
            DEEDS[deed if scene.messages else "begin again"](scene)
        except ChatError:
            return

    @invariant()
    def every_tree_is_one(self) -> None:
        check_all()


@pytest.mark.django_db
def test_any_sequence_of_deeds_leaves_valid_trees(alice: User, bob: User, model: LanguageModel) -> None:
    Trees.people = (alice, bob)
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    rules = settings(
        max_examples=20, stateful_step_count=25, deadline=None, print_blob=True, suppress_health_check=slow
    )
    run_state_machine_as_test(Trees, settings=rules)


def _race(folder: Path, database: str, seed: int) -> None:
    """Two threads with connections of their own, in a process of their own."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "chatsite.settings", "CHATSITE_DATA": str(folder), "CHATSITE_DATABASE_URL": database
    }  # fmt: skip
    print(f"seed {seed}")
    done = subprocess.run(
        [sys.executable, "-m", "tests.actions.tree_race", str(seed), str(ROUNDS)],
        cwd=site.BASE_DIR, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_people_at_once_leave_valid_trees_on_sqlite(tmp_path: Path) -> None:
    _race(tmp_path, "", random.SystemRandom().getrandbits(32))


@pytest.mark.postgresql
def test_two_people_at_once_leave_valid_trees_on_postgresql(tmp_path: Path, postgresql: str) -> None:
    _race(tmp_path, postgresql, random.SystemRandom().getrandbits(32))
