"""The tail of a long list is the same as if it were rendered whole at each tick, and costs less."""

from functools import partial

import pytest

from conversations.rendering.blocks import References, parse_blocks
from conversations.rendering.incremental import IncrementalRenderer
from conversations.rendering.long_lists import FrozenItems
from conversations.rendering.markdown import render
from conversations.rendering.tail import TailRenderer
from tests.rendering.test_limits import operations, stream

ITEMS = [
    "- **Item {0}**: some words, `code` and [a link](https://example.org/{0})\n",
    "{0}. **Item {0}**\n\n   Some words.\n\n   - a\n   - b\n\n",
    "* [ ] task {0}\n  ```python\n  x = {0}\n  ```\n",
]


def check_tails(text: str, size: int = 7) -> None:
    renderer = IncrementalRenderer()
    for begin in range(0, len(text), size):
        renderer.feed(text[begin : begin + size])
        renderer.tick()
        document = renderer._document
        assert renderer.snapshot()[1] == TailRenderer().render(document.source, document.references)
    renderer.finish()
    assert renderer.html == render(text)


@pytest.mark.parametrize("item", ITEMS)
def test_a_long_list_shows_the_same_as_when_rendered_whole(item: str) -> None:
    check_tails("".join(item.format(number) for number in range(1, 36)))


@pytest.mark.parametrize(
    "end", ["- a\n\n- b\n- c\n", "* other\n", "\npara *a*\n\nb\n", "# head\n- a\n", "- a\n\n  b\n\nc", "1. a", "---\n"]
)
def test_a_list_that_changes_late_shows_the_same(end: str) -> None:
    items = "".join(f"- item number {number} with words\n" for number in range(60))
    check_tails(items + end, size=11)


def test_items_behind_a_loose_list_are_loose() -> None:
    check_tails("- a\n\n- b\n" + "".join(f"- item number {number} with words\n" for number in range(80)), size=11)


def test_what_is_no_list_or_has_another_mark_does_not_go_on() -> None:
    frozen = FrozenItems("<ul>\n<li>a</li>\n", 4, "-", True)
    fits = [frozen.fit(parse_blocks(text, References())[0]) for text in ("- a", "+ a", "a", "- a\n\n- b")]
    assert fits == [True, False, False, False]


def test_the_cost_of_a_long_list_grows_linearly() -> None:
    def text(count: int) -> str:
        return "".join(ITEMS[0].format(number) for number in range(count))

    small, large = (operations(partial(stream, text(count))) for count in (40, 320))
    assert large / small < 8 * 1.3
