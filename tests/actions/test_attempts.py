"""Counting guesses of passwords, with a clock of the test."""

import pytest
from django.core.cache import cache
from django.test import override_settings

from conversations.actions.attempts import Attempts, Limit, in_words
from conversations.exceptions import LimitError

THREE = Limit("test", 3, 60)


class Clock:
    now = 6000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    cache.clear()
    return Clock()


def test_so_many_are_allowed_and_no_more(clock: Clock) -> None:
    attempts = Attempts(clock)
    for _ in range(3):
        attempts.take((THREE, "alice"))
    with pytest.raises(LimitError, match="Try again in 1 minute"):
        attempts.take((THREE, "alice"))
    attempts.take((THREE, "bob"))


def test_the_wait_shrinks_with_the_clock_and_ends(clock: Clock) -> None:
    attempts = Attempts(clock)
    for _ in range(3):
        attempts.take((THREE, "alice"))
    clock.now += 50
    with pytest.raises(LimitError, match="in 10 seconds"):
        attempts.take((THREE, "alice"))
    clock.now += 10
    attempts.take((THREE, "alice"))


def test_what_was_right_is_given_back(clock: Clock) -> None:
    attempts = Attempts(clock)
    for _ in range(20):
        attempts.give_back(attempts.take((THREE, "alice")))


def test_counts_are_shared_between_workers(clock: Clock) -> None:
    for _ in range(3):
        Attempts(clock).take((THREE, "alice"))
    with pytest.raises(LimitError):
        Attempts(clock).take((THREE, "alice"))


def test_one_subject_over_its_limit_is_enough(clock: Clock) -> None:
    attempts = Attempts(clock)
    for number in range(3):
        attempts.take((THREE, "here"), (THREE, f"name {number}"))
    with pytest.raises(LimitError):
        attempts.take((THREE, "here"), (THREE, "name 4"))


def test_limits_hold_while_the_shared_cache_is_away(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    away = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}}
    attempts = Attempts(clock)
    with override_settings(CACHES=away):
        for _ in range(3):
            attempts.take((THREE, "alice"))
        with pytest.raises(LimitError):
            attempts.take((THREE, "alice"))
    assert "counted in this process" in caplog.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (1.5, "2 seconds"), (59.0, "59 seconds"), (60.0, "1 minute"), (61.0, "2 minutes")],
)
def test_waits_are_said_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
