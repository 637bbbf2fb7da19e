"""However a text is cut while it arrives, its blocks are the whole render."""

from random import Random
from secrets import randbits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.rendering.incremental import Block, IncrementalRenderer, RawText, Tail
from conversations.rendering.markdown import render
from tests.rendering.conftest import Example
from tests.rendering.documents import GFM, PIECES, random_document, random_parts
from tests.rendering.reader import Reader, read


def check_every_split(text: str) -> None:
    whole = render(text)
    assert read(text) == whole
    for cut in range(len(text) + 1):
        assert read((text[:cut], text[cut:])) == whole, (text, cut)


def test_the_examples_of_commonmark_at_every_split(examples: list[Example]) -> None:
    assert len(examples) == 652
    for example in examples:
        check_every_split(example.markdown)


@pytest.mark.parametrize("text", GFM)
def test_our_own_cases_at_every_split(text: str) -> None:
    check_every_split(text)


def test_examples_put_together_at_random_splits(examples: list[Example]) -> None:
    seed = randbits(32)
    print("seed", seed)
    random = Random(seed)
    for _ in range(300):
        chosen = random.choices([*GFM, *(example.markdown for example in examples)], k=random.randint(2, 5))
        text = random.choice(("", "\n", "\n\n")).join(chosen)
        assert read(random_parts(random, text)) == render(text), text


def test_random_documents_at_random_splits() -> None:
    seed = randbits(32)
    print("seed", seed)
    random = Random(seed)
    for _ in range(1500):
        text = random_document(random)
        assert read(random_parts(random, text)) == render(text), text


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40))
def test_documents_that_hypothesis_finds(parts: list[str]) -> None:
    assert read(parts) == render("".join(parts))


def test_nothing_new_gives_no_operation() -> None:
    renderer = IncrementalRenderer()
    assert renderer.tick() == []
    renderer.feed("word")
    assert renderer.tick() == [Tail(0, "<p>word</p>\n")]
    assert renderer.tick() == []


def test_a_tail_is_sent_as_what_changed_in_utf16_units() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("😀 one")
    renderer.tick()
    renderer.feed(" two")
    assert renderer.tick() == [Tail(9, " two</p>\n")]


def test_code_in_an_open_fence_is_sent_as_raw_text() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("```\n" + "line\n" * 20)
    renderer.tick()
    renderer.feed("<b>")
    assert renderer.tick() == [RawText("<b>")]
    assert "line\n&lt;b&gt;</code>" in renderer.snapshot()[1]


def test_a_closed_fence_is_final_at_once() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("```\ncode\n```\n")
    ops = renderer.tick()
    assert [type(op) for op in ops] == [Block]
    assert renderer.snapshot()[1] == ""


def test_a_late_definition_sends_its_block_again() -> None:
    renderer, reader = IncrementalRenderer(), Reader()
    renderer.feed("see [a]\n\nother\n\n")
    reader.apply(renderer.tick())
    renderer.feed("last\n\n[a]: http://a.example\n\nend\n")
    ops = renderer.tick()
    assert [op.index for op in ops if isinstance(op, Block)] == [0, 1, 2]
    reader.apply([*ops, *renderer.finish()])
    assert 'href="http://a.example"' in reader.blocks[0]


def test_many_late_definitions_do_not_render_a_block_each_time() -> None:
    renderer = IncrementalRenderer()
    labels = [f"a{number}" for number in range(50)]
    text = " ".join(f"[{label}]" for label in labels) + "\n\nb\n\n"
    renderer.feed(text)
    sent = renderer.tick()
    for label in labels:
        text += f"[{label}]: http://{label}.example\n\nc\n\n"
        renderer.feed(f"[{label}]: http://{label}.example\n\nc\n\n")
        sent += renderer.tick()
    sent += renderer.finish()
    assert sum(isinstance(op, Block) and op.index == 0 for op in sent) < 12
    assert renderer.html == render(text)


def test_the_cost_of_a_tick_is_told() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("word")
    renderer.tick()
    assert renderer.last_cost > 0
