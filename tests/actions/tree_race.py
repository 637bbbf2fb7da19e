"""Two people at once: ``python -m tests.actions.tree_race SEED ROUNDS``, on the database of the environment.

In each round both look, wait for each other, and act at the same moment on what they saw; then every tree is checked.
"""

import random
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # after django.setup()
from django.db import connection  # noqa: E402

from conversations.actions.members import invite  # noqa: E402
from conversations.exceptions import ChatError  # noqa: E402
from conversations.models import LanguageModel, Provider, ProviderKind, User  # noqa: E402
from tests.actions.tree_deeds import DEEDS, HANGING, TAKING, Scene, check_all  # noqa: E402
from tests.trees import play, say  # noqa: E402


class Person:
    """One of the two, in a thread of their own. Whatever ends one of them ends both."""

    def __init__(self, user: User, seed: str, number: int, barrier: threading.Barrier) -> None:
        self._scene, self._barrier = Scene(user, random.Random(f"{seed} {number}")), barrier
        self._number, self._plan = number, random.Random(seed)  # the plan is the same for both
        self.deeds: list[str] = []
        self.done = 0

    def play(self, rounds: int) -> None:
        try:
            for _ in range(rounds):
                self._round()
        finally:
            if len(self.deeds) < rounds or sys.exc_info()[1]:
                self._barrier.abort()
            connection.close()

    def _choose(self) -> str:
        """Anything; or, every other time, one takes away what the other wants to hang something on."""
        collides, taker, place = self._plan.random() < 0.5, self._plan.randrange(2), self._plan.random()
        count = len(self._scene.messages)
        self._scene.focus = int((1 - place**2) * (count - 1)) if collides and count else None
        if not collides:
            return self._scene.chance.choice(sorted(DEEDS))
        return self._scene.chance.choice(TAKING if taker == self._number else HANGING)

    def _round(self) -> None:
        self._scene.look()
        deed = self._choose()
        self.deeds.append(deed)
        self._barrier.wait(60)
        try:
            DEEDS[deed if self._scene.messages else "begin again"](self._scene)
            self.done += 1
        except ChatError:
            pass
        if self._barrier.wait(60) == 0:  # one of the two looks at what both have done
            check_all()
        self._barrier.wait(60)


def main(seed: str, rounds: int) -> int:
    call_command("migrate", verbosity=0)
    provider = Provider.objects.create(name="Trees", kind=ProviderKind.DEMO)
    LanguageModel.objects.create(provider=provider, wire_name="oak", name="Oak", is_default=True)
    people = [User.objects.create(username=name) for name in ("alice", "bob")]
    conversation = say(people[0]).conversation
    invite(people[0], conversation, people[1], "editor")
    play()
    barrier = threading.Barrier(2)
    both = [Person(user, seed, number, barrier) for number, user in enumerate(people)]
    with ThreadPoolExecutor(2) as threads:
        ends = _ends(threads, both, rounds)
    print(
        f"seed {seed}:", [f"{each.done} of {len(each.deeds)} deeds done, the last {each.deeds[-3:]}" for each in both]
    )
    failures = [end for end in ends if end and not isinstance(end, threading.BrokenBarrierError)]
    for failure in failures:
        traceback.print_exception(failure)
    return len(failures)


def _ends(threads: ThreadPoolExecutor, people: list[Person], rounds: int) -> list[BaseException | None]:
    running = [threads.submit(each.play, rounds) for each in people]
    return [each.exception() for each in running]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
