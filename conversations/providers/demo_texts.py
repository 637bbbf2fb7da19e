"""The demonstration's texts: Markdown that uses every kind of content the site renders."""

from typing import Final

LABEL: Final = "**This is the built-in demonstration:** no language model reads along, the text below is prepared."

OPENINGS: Final[dict[str, tuple[str, ...]]] = {
    "greeting": ("Hello! Good to see you here.", "Hi there, and welcome.", "Good day! Make yourself at home."),
    "code": ("Let us look at some code.", "Code it is.", "A task for a programmer, gladly."),
    "maths": ("Let us do the sums.", "Numbers, then.", "A bit of mathematics, gladly."),
    "writing": ("A blank page is a fine start.", "Let us put something into words.", "Pen and paper are ready."),
    "question": ("That is a good question.", "Let me think about that.", "Worth asking."),
    "other": ("Understood.", "Let us see.", "Noted, here we go."),
}

PARAGRAPHS: Final = (
    "What you wrote stands above. An administrator can connect a real provider under *Providers*: any endpoint that "
    "speaks the OpenAI format will do, on this machine or far away. Until then this page shows **how an answer looks** "
    "while it arrives, word by word.",
    "Your words stand above, and that is all the demonstration understands of them. A *real* model would now "
    "answer; this one walks through headings, lists, tables, code and formulas, so that you can **judge the page** "
    "before you trust it with your work.",
    "You may stop this answer at any time, ask for another one, or edit your message: each attempt is kept as a branch "
    "of its own. Reload the page in the middle of a sentence and the text will simply *go on*, because the **server** "
    "owns the answer and not the browser tab.",
    "Nothing you type here leaves this server. The demonstration needs no key and no network, costs nothing and tires "
    "never. It even makes small pauses now and then, as models do, and it listens to the settings for "
    "length, stop words and temperature.",
    "Long answers are where a chat page shows its quality. Lines should not jump while they grow, the scroll position "
    "should stay where *you* put it, and a table should not flicker when its next row arrives. **Watch the edges** "
    "while this paragraph is written.",
)

LISTS: Final = """## Lists

A plain list, with a second level:

- Ask anything, in any language: *¿qué tal?*, „wie geht's?“, 元気ですか 👋
- Commands for trying things out
  - `/reason` thinks first
  - `/long` writes about 6,000 tokens
  - `/tool` asks for a tool call, `/json` answers in JSON
- ~~Nothing~~ everything else gives this tour

Steps in order:

1. Connect a provider.
2. Choose a model in the composer.
3. Ask your first real question.

And what is done already:

- [x] Install the site
- [x] Sign in and say something
- [ ] Connect a model"""

TABLE: Final = """## A table

| Figure | Where it comes from | Value |
| :--- | :---: | ---: |
| Pace of this text | demonstration | 60 tokens/s |
| Wait for the first token | demonstration | 0.3 s |
| Price | none | 0.00 USD |"""

CODE: Final = '''## Code

```python
from collections import Counter


def most_common_words(text: str, count: int = 3) -> list[tuple[str, int]]:
    """The words that occur most often, longest runs first."""
    words = text.lower().split()
    return Counter(words).most_common(count)


print(most_common_words("to be or not to be"))  # [('to', 2), ('be', 2), ('or', 1)]
```

Inline code such as `Counter(words)` stays in the line.'''

MATHS: Final = r"""## Mathematics

Formulas may stand in a line, like \(e^{i\pi} + 1 = 0\), or on their own:

$$
\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}
\qquad
\sum_{k=1}^{n} k = \frac{n(n+1)}{2}
$$"""

QUOTE: Final = """### A quotation and a link

> What can be read at a glance was hard work for somebody.
>
> — the demonstration

The format of all this is [CommonMark](https://commonmark.org) with the usual extensions."""

CLOSINGS: Final = (
    "That was the tour. Write `/help` to see what else the demonstration can do.",
    "So much for the demonstration; `/help` names its commands.",
    "And that is everything it can show. Try `/reason` or `/long` next, or `/help` for the whole list.",
)

HELP: Final = """Write one of these as your message:

| Command | What happens |
| :--- | :--- |
| `/reason` | some seconds of reasoning, then an answer |
| `/long` | an answer of about 6,000 tokens |
| `/slow` | three tokens a second |
| `/fail` | the answer breaks off, *Continue* finishes it |
| `/tool` | asks for a call of the first tool that is declared |
| `/json` | an answer in JSON, fitting the schema that is set |
| `/help` | this list |

Anything else gives an answer with every kind of content. The settings for length, stop words and temperature work,
and so do tools and structured output. Pictures are counted, not looked at.
"""

FAIL: Final = (
    (
        "This answer is going to break off in the middle of a sentence, because you asked it to. What has come by then "
        "stays here, the page says in plain words what happened, and",
        " *Continue* asks for the rest: here it is, without a word lost or said twice.\n",
    ),
    (
        "Connections break, and this one will in a moment. Nothing that you can read now gets lost: it is kept in its "
        "message, and from there you can",
        " go on as if nothing had happened, which is what you just did.\n",
    ),
)

SLOW: Final = (
    "This is the demonstration at **three tokens a second**. Plenty of time to press *Stop*, to reload the page or to "
    "open a second tab.",
    "Slowly, word by word: the **demonstration** now writes three tokens a second, so that you can watch, stop or "
    "reload it at leisure.",
)

REASONING: Final = """The person wants to see reasoning. I have no thoughts of my own, so I show what they look like.

First, what is asked? A model that reasons writes down its steps before it answers. These steps are not part of the
answer, they stand apart and can be folded away.

Second, what should be checked? That the steps appear while they are written, that they fold when the answer begins,
that the time they took is shown, and that a reload in the middle loses nothing.

Third, a small calculation so that there is something to check: 17 times 23 is 17 times 20 plus 17 times 3, which is
340 plus 51, so 391. Another way: 20 times 20 minus 3 times 3 is 400 minus 9, which is 391 again. Both agree.

That is enough. Now the answer, in one or two sentences.
"""

REASONED: Final = (
    "17 × 23 = **391**. The steps that led there stand above and can be unfolded.",
    "The result is **391**: once by 340 + 51, once by 400 − 9. Unfold the reasoning above to follow it.",
)

LONG_INTRODUCTION: Final = f"""# A long answer

{LABEL} It is about 6,000 tokens long, so that you can try scrolling, stopping and reloading."""

TOOL: Final = (
    "I would like to know what `{name}` says, so I ask for it. The arguments are made up from its declaration.",
    "For this I need a result of `{name}`. Its arguments below are samples that fit its declaration.",
)

NO_TOOL: Final = (
    "I would call a tool now, but none is declared in this conversation. Declare one under *Parameters*, in *Tools*, "
    "and write `/tool` again."
)

NO_TOOL_ALLOWED: Final = (
    "I would call a tool now, but *Tool choice* is set to none, so I don't. Set it to auto and write `/tool` again."
)

RESULTS: Final = (
    "Thank you, that is what I was waiting for. A real model would now work with it; I can only read it out:"
)

NO_RESULT: Final = "(an empty result)"

JSON: Final = (
    "No structured output is set, so this is only an example of mine. Set *Response format* under *Parameters* to a "
    "JSON schema and write `/json` again: the whole answer will be JSON that fits it."
)

EXAMPLE: Final[dict[str, object]] = {
    "title": "An example",
    "steps": ["Set a schema", "Write /json", "Look at the tree"],
    "done": False,
}

PICTURES: Final = (
    "I was sent {what} with this message. The demonstration does not look at pictures, it only counts them."
)
