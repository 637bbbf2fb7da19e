"""The lines before the threads that wait for the database."""

import time
from functools import partial
from threading import Event

import pytest

from conversations.threads import CROWD, LINGER, PASSED, Crowd, Line


def _held(line: Line) -> Event:
    """Keeps the only thread of a line busy until it is set."""
    go, begun = Event(), Event()

    def hold() -> None:
        begun.set()
        go.wait(10)

    line.submit(hold)
    assert begun.wait(10)
    return go


def test_only_a_few_of_those_that_wait_go_before_what_may_pass() -> None:
    line, done = Line(1, "test"), list[str]()
    go = _held(line)
    waiting = [line.submit(partial(done.append, str(number))) for number in range(PASSED + 5)]
    first, second = (line.submit(partial(done.append, name), passes=True) for name in ("first", "second"))
    go.set()
    for future in (*waiting, first, second):
        future.result(10)
    numbers = [str(number) for number in range(PASSED + 5)]
    assert done == [*numbers[:PASSED], "second", "first", *numbers[PASSED:]]


def test_what_stands_aside_lets_others_go_before_it_but_not_all() -> None:
    line, done = Line(1, "test"), list[str]()
    go = _held(line)
    aside = [line.submit(partial(done.append, name), yields=True) for name in ("aside", "aside too")]
    waiting = [line.submit(partial(done.append, str(number))) for number in range(PASSED + 2)]
    go.set()
    for future in (*aside, *waiting):
        future.result(10)
    numbers = [str(number) for number in range(PASSED + 2)]
    assert done == [*numbers[:PASSED], "aside", *numbers[PASSED:], "aside too"]


def test_an_error_comes_to_whoever_waits_for_it() -> None:
    line = Line(1, "test")
    with pytest.raises(ZeroDivisionError):
        line.submit(lambda: 1 // 0).result(10)
    assert line.submit(lambda: "next").result(10) == "next"


def test_what_nobody_waits_for_any_more_is_left_out() -> None:
    line, done = Line(1, "test"), list[str]()
    go = _held(line)
    dropped, kept = line.submit(partial(done.append, "dropped")), line.submit(partial(done.append, "kept"))
    assert dropped.cancel()
    go.set()
    kept.result(10)
    assert done == ["kept"]


def test_a_crowd_counts_for_a_moment_after_it_was_seen() -> None:
    crowd = Crowd()
    assert not crowd.is_there(CROWD - 1)
    assert crowd.is_there(CROWD)
    assert crowd.is_there(0)
    time.sleep(LINGER)
    assert not crowd.is_there(0)
