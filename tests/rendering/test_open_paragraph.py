"""A paragraph rendered on from where it is settled looks exactly as if the whole tail were rendered anew."""

from functools import partial
from random import Random
from secrets import randbits

import pytest

from conversations.rendering.blocks import References
from conversations.rendering.tail import TailRenderer
from tests.rendering.conftest import Example
from tests.rendering.documents import GFM, random_document
from tests.rendering.test_limits import operations, stream

BEGINS = [
    "",
    "",
    "- ",
    "1. ",
    "> ",
    "- [x] ",
    "- a\n  - ",
    "> - ",
    "text\n\n",
    "| a |\n|---|\n\n",
    "[b]: /x\n\n",
    "## ",
]
WORDS = [
    *(
        "word",
        "two words",
        "é😀",
        "snake_case",
        "__init__",
        "_a_",
        "*a*",
        "**b c**",
        "***d***",
        "~~e f~~",
        "`g h`",
        "i!",
    ),
    *(
        "[j k](http://l.example)",
        "![m](http://n.example)",
        "[d]",
        "[o p]",
        "$q + r$",
        "$5",
        "\\(s t\\)",
        "\\*",
        "a\\",
        "**",
    ),
    *(
        "*",
        "_",
        "`",
        "``",
        "~~",
        "~",
        "[",
        "]",
        "](",
        "!",
        "!x",
        "<",
        "<u",
        "&",
        "&amp;",
        "&am",
        "$",
        "$$",
        "https://v.w/x",
    ),
    *(
        "<http://y.example>",
        "<http://z",
        ":",
        "a:",
        '"',
        "'",
        "|",
        "http",
        "://a",
        "2 * 3",
        "*a**b*",
        "**a*",
        "****a b****",
        "a  b",
        "\xa0",
    ),
    *(
        "\t",
        "\ufeff",
        "\u2028",
        "\x85",
        "\x0b",
        "#",
        "=",
        "1.",
        "-",
        "  ",
        "\n",
        "\n  ",
        "\n- ",
        "\n\n",
        "(x)",
        "(x y)",
    ),
]


KNOWN = References()
KNOWN["D"] = {"href": "https://d.example", "title": "", "map": [0, 1]}


def check(text: str, sizes: Random) -> tuple[int, int]:
    """Grow the text piece by piece; how often the tail wasn't rendered anew, of how many pieces."""
    growing, end, grown, count = TailRenderer(), 0, 0, 0
    while end < len(text):
        end += sizes.randint(1, 6)
        paragraph = growing._paragraph
        shown = growing.render(text[:end], KNOWN)
        assert shown == TailRenderer().render(text[:end], KNOWN), text[:end]
        grown += paragraph is not None and growing._paragraph is paragraph
        count += 1
    return grown, count


@pytest.mark.parametrize(
    "text",
    [
        "see <http://a.example !",
        "****a b**** c d****",
        "a \\*b* c* d",
        "a ![b c](d ![e f](g)) ![h",
        "snake_case_name __init__ a_ b_",
        "a $5 and $6, b $c + d$ e",
        "**a** `b **c` d** e",
        "[a b] c [d] (e) [f][g h] i",
        "\ufeffa *b* c d",
        "- a\n- b c [d](e f) g\n\n  h i *j*\n- k l m",
        "> a b\nc d *e f* g\n> h i",
        "a b\n| c | d | e\nf g",
    ],
)
def test_each_character_more_looks_the_same(text: str) -> None:
    growing = TailRenderer()
    for end in range(1, len(text) + 1):
        assert growing.render(text[:end], KNOWN) == TailRenderer().render(text[:end], KNOWN)


def test_the_cost_of_a_long_paragraph_grows_linearly() -> None:
    small, large = (
        operations(partial(stream, "some **words** with `code`, more words " * count)) for count in (25, 200)
    )
    assert large / small < 8 * 1.3


def random_prose(random: Random) -> str:
    words = random.choices(WORDS, weights=[20, *[1] * (len(WORDS) - 1)], k=random.randint(2, 30))
    return random.choice(BEGINS) + random.choice((" ", " ", "")).join(words)


def test_random_prose_looks_the_same() -> None:
    seed = randbits(32)
    print("seed", seed)
    random, grown, count = Random(seed), 0, 0
    for _ in range(1500):
        more = check(random_prose(random), random)
        grown, count = grown + more[0], count + more[1]
    assert grown > count / 3


def test_random_documents_look_the_same() -> None:
    seed = randbits(32)
    print("seed", seed)
    random = Random(seed)
    for _ in range(500):
        check(random_document(random).replace("\r", "\n"), random)


def test_the_examples_of_commonmark_look_the_same(examples: list[Example]) -> None:
    seed = randbits(32)
    print("seed", seed)
    random = Random(seed)
    for text in (*GFM, *(example.markdown for example in examples)):
        check(text.replace("\r", "\n").replace("\0", "\ufffd").replace("\ud800", ""), random)
