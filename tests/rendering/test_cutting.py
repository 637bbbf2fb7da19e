"""The checker of the cut rule can fail: each weakened rule gives other HTML than the whole render."""

import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest

from conversations.rendering.blocks import TopBlock
from conversations.rendering.cutting import cut_line
from conversations.rendering.dialect import normalise
from conversations.rendering.document import Document
from conversations.rendering.markdown import render
from tests.rendering.documents import GFM

Rule = Callable[[list[TopBlock], list[str]], int]


def at_any_block(blocks: list[TopBlock], lines: list[str]) -> int:
    return blocks[-1].first if blocks else 0


def at_the_end_of_the_last_block(blocks: list[TopBlock], lines: list[str]) -> int:
    return blocks[-1].end if blocks else 0


def where_only_the_block_before_counts(blocks: list[TopBlock], lines: list[str]) -> int:
    return blocks[-1].first if len(blocks) > 1 and blocks[-2].end == blocks[-1].first else 0


def without(pattern: str) -> Rule:
    kept = [part for part in (r"\[", r"\$\$", r"\\\[", r"\\begin\{") if part != pattern]
    return partial(cut_line, reaches_on=re.compile(rf" {{0,3}}(?:{'|'.join(kept)})"))


def differences(rule: Rule) -> list[str]:
    cases = [
        *GFM,
        '[a]: http://a.example\n"over\n# h\nlines"\n',
        "\\[\na\n# b\n\\]\n",
        "\\begin{align}\n# a\n\\end{align}\n",
    ]
    return [text for text in cases if _grown(rule, normalise(text)) != render(text)]


def _grown(rule: Rule, text: str) -> str:
    document = Document(rule)
    for begin, end in pairwise([0, *(match.end() for match in re.finditer("\n", text)), len(text)]):
        document.append(text[begin:end])
    document.finish()
    return "".join(document.html)


def test_the_rule_gives_no_difference() -> None:
    assert differences(cut_line) == []


WEAKENED = [
    at_any_block,
    at_the_end_of_the_last_block,
    where_only_the_block_before_counts,
    without(r"\$\$"),
    without(r"\\\["),
    without(r"\\begin\{"),
]


@pytest.mark.parametrize("rule", WEAKENED)
def test_a_weakened_rule_is_caught(rule: Rule) -> None:
    assert differences(rule)
