"""The text of a model's answer: Markdown of many kinds, decided by the model's name alone."""

import random
import re
from dataclasses import dataclass
from functools import lru_cache

_NAME = re.compile(r"words-(\d+)-(\d+)(?:-\w+)?")
_TOKEN = re.compile(r"\s?\w{1,5}|\s?[^\w\s]{1,3}|\s")
_VOCABULARY = """
river stone paper window quiet engine garden letter signal matter harbour silver winter orange market bridge naïve
façade über größer señor déjà Ωμέγα δέλτα привет мир 東京 北京 日本語 한국어 שלום مرحبا 🙂 👩‍👩‍👧 🚀
"""
_WORDS = (*_VOCABULARY.split(), "e\u0301tude", "a\u2028b", "x\u0085y")  # str.splitlines() would tear the last two


@dataclass(frozen=True)
class Plan:
    tokens: int
    rate: int


def plan_of(model: str) -> Plan:
    """How many tokens at how many a second; unknown names get 60 at 200 a second."""
    named = _NAME.fullmatch(model)
    return Plan(int(named[1]), int(named[2])) if named else Plan(60, 200)


@lru_cache(maxsize=64)
def tokens_of(model: str) -> tuple[str, ...]:
    wanted, chance = plan_of(model).tokens, random.Random(model)
    tokens: list[str] = []
    while len(tokens) < wanted:
        tokens += _TOKEN.findall(_block(chance) + "\n\n")
    return tuple(tokens[:wanted])


def expected_text(model: str) -> str:
    """Exactly what the fake streams for this model when it has no script, whatever was asked."""
    return "".join(tokens_of(model))


def _block(chance: random.Random) -> str:
    kinds = (_paragraph, _paragraph, _paragraph, _list, _table, _code, _heading, _quote)
    return chance.choice(kinds)(chance)


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(count))


def _paragraph(chance: random.Random) -> str:
    marks = ("{}", "**{}**", "*{}*", "`{}`", "[{}](https://example.org/a?b=1)", "{}, and", "{}.")
    return " ".join(chance.choice(marks).format(_words(chance, 3)) for _ in range(chance.randint(2, 9)))


def _list(chance: random.Random) -> str:
    mark = chance.choice(("-", "1.", "- [x]"))
    return "\n".join(f"{mark} {_words(chance, 4)}" for _ in range(chance.randint(2, 5)))


def _table(chance: random.Random) -> str:
    rows = "\n".join(f"| {_words(chance, 2)} | {chance.randint(0, 9999)} |" for _ in range(chance.randint(1, 4)))
    return f"| name | value |\n| :--- | ---: |\n{rows}"


def _code(chance: random.Random) -> str:
    lines = "\n".join(
        f"    value_{number} = {chance.random()!r}  # <b> & $x$" for number in range(chance.randint(1, 6))
    )
    return f"```python\ndef run():\n{lines}\n```"


def _heading(chance: random.Random) -> str:
    return f"{'#' * chance.randint(1, 4)} {_words(chance, 3)}"


def _quote(chance: random.Random) -> str:
    return f"> {_words(chance, 6)}\n> {_words(chance, 4)}"
