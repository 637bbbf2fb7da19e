"""How long the runs are, and by what chance: a few rounds by default, many under ``make test-faults``."""

import random

import pytest


def rounds(few: int, many: int) -> pytest.MarkDecorator:
    """Runs a test with ``few`` rounds by default, and with ``many`` when faults are asked for."""
    return pytest.mark.parametrize("rounds", [few, pytest.param(many, marks=pytest.mark.faults)])


def new_chance() -> random.Random:
    """A new seed each time, printed."""
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    return random.Random(seed)
