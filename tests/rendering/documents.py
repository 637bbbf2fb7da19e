"""Markdown to try the renderer on: cases beyond CommonMark, and documents put together by chance."""

from random import Random

GFM = [
    "| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 |\n\nafter\n",
    "para\n| a | b |\n|---|--:|\n| `x\\|y` | **z** |\n> quote\n",
    "| a |\n| - |\n# heading\n| b |\n",
    "| a | b |\n| - |\n",
    "- [ ] open\n- [x] done\n  - [X] nested\n\n  para\n- [y] none\n",
    "1. a\n   - b\n     1. c\n\n        d\n   - e\n2. f\n\ng\n",
    "- a\n\n  ```python\n  def f():\n\n      pass\n  ```\n- b\n",
    "- ```\n  never closed\n\nafter\n",
    "> ```\n> a\nb\n> c\n",
    "```js\nlet a = `b`;\n\n\n````\nc\n~~~\n```\nafter\n",
    "  ~~~ sh\n   a\n  b\n c\n ~~~~ \nafter\n",
    "``` a`b\nno fence\n",
    "text:\n```\n``\n ```` \n# h\n",
    "[a], [B], [c][].\n\n- [a] in a list\n\n[a]: http://a.example 'T'\n[b]: <http://b.example>\n\n> [C]: mailto:c\n",
    "[a]\n\n[a]: http://first.example\n\n[a]: http://second.example\n",
    "[a]: http://a.example\n'title\nover lines'\n# heading\n[a]\n",
    "[a]:\nhttp://a.example\n# b\n\n[a]: http://other.example\n\n[a]\n",
    "[long\nlabel]: http://a.example\n- b\n\n[long label]\n",
    "~~gone~~ ~not~ https://a.example/b_(c)). **https://a.example** <https://a.example>\n",
    "a\n$$\nx^2\n$$\nb $$y$$ c \\(z\\) \\[w\\]\n",
    "$$\na\n# no heading\nb\n$$\nafter\n",
    "\\begin{align}\na &= b \\\\\n- c\n\\end{align}\nafter\n",
    "\\[\na\n\n\\]\n",
    "- $$\n  x\n  $$\n- \\[ y\n# h\n\\]\n",
    "> $$\n> x\n> $$\n$$\ny\n",
    "$5 and $6, $x$ and $y$, US$7\n",
    "a  \nb\\\nc\r\nd\re\r\r\nf\n",
    "\n\n   \n\ta\n\n\tb\nc\n",
    "Heading\n===\nOther\n---\n---\n* * *\n",
    "![alt [x] *y*](http://a.example/b.png 'c') [![badge](https://b.example/c.svg)](https://a.example)\n",
    "a\x00b\ud800c\u2028d\x0ce\x85f\n\x0b\ng\n",
    "😀 *a😀* `b` 😀\n\n```\n😀\n😀😀\n```\n",
]

PIECES = [
    *("[a]", "[a]: http://a.example", "[b]: /x 'y", "'", "$$", "\\[", "\\]", "\\begin{align}", "\\end{align}", "x"),
    *("- ", "  ", "    ", "1. ", "> ", "#", "# h", "---", "===", "```", "~~~", "````py", "|", "| a | b |", "|---|---|"),
    *("**", "*", "_", "`", "~~", "<b>", "http://a.example", "![", "](", ")", "[", "]", "$", "\\", "&amp;", "\t", "é😀"),
    *("\n", "\n", "\n", "\n\n", "\n\n", " ", " ", "word", "word", "\r\n", "\r"),
]


def random_document(random: Random) -> str:
    return "".join(random.choices(PIECES, k=random.randint(1, 40)))


def random_parts(random: Random, text: str) -> list[str]:
    cuts = sorted(random.choices(range(len(text) + 1), k=random.randint(1, 8)))
    return [text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
