"""Scripts of the upstream that several browser tests play."""

from tests.upstream.steps import Step, close, done, gate, head, words

MODEL = "scripted"


def gated(first: list[str], rest: list[str], name: str = "go") -> list[Step]:
    """Some words, then the rest once the gate is opened."""
    return [head(), *words(*first), gate(name), *words(*rest), *done()]


def answer(*pieces: str) -> list[Step]:
    return [head(), *words(*pieces), *done()]


def broken(*pieces: str) -> list[Step]:
    """The connection closes in the middle."""
    return [head(), *words(*pieces), close()]
