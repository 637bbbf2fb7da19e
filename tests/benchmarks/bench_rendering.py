"""CPU time of rendering while text arrives: per 1,000 tokens, by length, beside rendering all of it at each tick.

By hand: ``.venv/bin/python -m tests.benchmarks.bench_rendering``. A token is 4 characters; one is fed at a time, and
each third is followed by a tick. "Paced" lets a tick wait until 25 times the cost of the last one has passed at 100
tokens per second, as the server does. Linear growth shows as ratios near 1.
"""

from collections.abc import Callable
from time import process_time

from conversations.rendering.incremental import IncrementalRenderer
from conversations.rendering.markdown import render

TOKEN = 4
TICK = 3
TOKENS_PER_SECOND = 100

SECTION = """## How it works, part {number}

The **renderer** takes text as it comes, cuts off what is final, and shows the rest as a *tail*. See
[the notes](https://example.org/notes/{number}) or `render(text)`; the cost is $O(n)$, not $O(n^2)$.

1. It looks at **complete lines** only.
   - A block is final when a later one has begun.
   - Link definitions may come late, see [part][p{number}].
2. It renders the open end again, with what is open closed:

```python
def tick(self) -> list[Op]:
    \"\"\"What changed since the last tick.\"\"\"
    ops = self._advance()  # final blocks first
    return [*ops, *self._tail(limit={number})]
```

| what | limit | note |
| --- | ---: | :-: |
| text | {number}00 | *per part* |
| code | 32000 | `plain` |

$$
\\int_0^\\infty e^{{-x^2}}\\,dx = \\frac{{\\sqrt{{\\pi}}}}{{2}}
$$

[p{number}]: https://example.org/part/{number}

"""
CODE_LINE = '    result[{number}] = compute("name", {number} * 2)  # step {number}\n'
SENTENCE = (
    "The **renderer** takes text as it comes, cuts off what is `final`, and shows the rest; this is number {number}. "
)
ITEM = "- **Item {number}**: some words about it, with `code` and [a link](https://example.org/{number})\n"


def _repeated(unit: str, characters: int, head: str = "") -> str:
    text, number = head, 0
    while len(text) < characters:
        number += 1
        text += unit.format(number=number)
    return text[:characters]


def incremental(text: str) -> float:
    begin = process_time()
    renderer = IncrementalRenderer()
    for index, start in enumerate(range(0, len(text), TOKEN), 1):
        renderer.feed(text[start : start + TOKEN])
        if index % TICK == 0:
            renderer.tick()
    renderer.finish()
    return process_time() - begin


def paced(text: str) -> float:
    begin, due = process_time(), 0.0
    renderer = IncrementalRenderer()
    for index, start in enumerate(range(0, len(text), TOKEN), 1):
        renderer.feed(text[start : start + TOKEN])
        now = index / TOKENS_PER_SECOND
        if now >= due:
            renderer.tick()
            due = now + max(TICK / TOKENS_PER_SECOND, 25 * renderer.last_cost)
    renderer.finish()
    return process_time() - begin


def whole(text: str) -> float:
    """Rendering all at each tick; for long texts at each of 60 ticks, scaled to all of them."""
    ticks = list(range(TOKEN * TICK, len(text) + 1, TOKEN * TICK))
    chosen = ticks[:: max(1, len(ticks) // 60)]
    begin = process_time()
    for end in chosen:
        render(text[:end])
    return (process_time() - begin) * len(ticks) / len(chosen)


def _line(name: str, text: str, first: dict[str, float]) -> str:
    ways: dict[str, Callable[[str], float]] = {"incremental": incremental, "paced": paced, "whole": whole}
    cells = []
    for way, run in ways.items():
        cost = run(text) * 1000 / (len(text) / TOKEN / 1000)
        cells.append(f"{cost:9.1f} ms ({cost / first.setdefault(way, cost):6.2f}x)")
    return f"{name:<24}" + "  ".join(cells)


def main() -> None:
    print("CPU per 1,000 tokens (ratio to the first line)")
    print(f"{'':<24}{'incremental':<22}{'paced':<22}{'whole at each tick':<22}")
    incremental(_repeated(SECTION, 2_000))  # lexers are compiled at their first use
    first: dict[str, float] = {}
    for tokens in (600, 6_000, 30_000):
        print(_line(f"answer, {tokens:,} tokens", _repeated(SECTION, tokens * TOKEN), first), flush=True)
    print(_line("one code block, 24 kB", _repeated(CODE_LINE, 24_000, "```python\n"), first), flush=True)
    print(_line("paragraphs, 24 kB", (_repeated(SENTENCE, 600) + "\n\n") * 40, first), flush=True)
    print(_line("one paragraph, 8 kB", _repeated(SENTENCE, 8_000), first), flush=True)
    print(_line("one list, 24 kB", _repeated(ITEM, 24_000), first), flush=True)


if __name__ == "__main__":
    main()
