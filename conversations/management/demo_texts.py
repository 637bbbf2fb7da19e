"""Made-up questions and answers that read like a team's: for trying the product and for measuring it.

Words are drawn as in natural language: few are in nearly every text, most are rare.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from conversations.rendering import markdown

POOL = 1500
"""How many paragraphs are made (and rendered) once; every answer puts some of them together."""

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
_SUBJECTS = (
    "invoice import",
    "release checklist",
    "customer survey",
    "onboarding guide",
    "price table",
    "backup schedule",
    "sign-in form",
    "search index",
    "quarterly report",
    "travel policy",
    "error budget",
    "support queue",
    "mobile layout",
    "data model",
    "holiday calendar",
    "test suite",
    "newsletter",
    "contract draft",
    "cache",
    "deployment script",
    "meeting notes",
    "image upload",
    "translation file",
    "database migration",
    "warehouse stock",
    "hiring plan",
    "budget",
    "message queue",
    "access review",
    "dashboard",
)
_ASKING = (
    "How should we change the {0} so that it works with the {1}?",
    "Summarise what we know about the {0} in three points.",
    "The {0} broke after we touched the {1}. Where do I begin to look?",
    "Write a short note to the team about the {0}.",
    "Compare two ways to connect the {0} and the {1}, please.",
    "Can you review my plan for the {0}? It has to be ready before the {1}.",
    "What are the risks if we drop the {0}?",
    "Explain the {0} to somebody who only knows the {1}.",
    "Give me a table of open questions on the {0}.",
    "Draft the steps to test the {0} by hand.",
)
_SAYING = (
    "Begin with the {0}: it decides how the {1} can be built, and it is the cheapest part to change today.",
    "The {0} and the {1} should not know each other; let a small record stand between them.",
    "Measure first. If the {0} takes longer than a second, look at what it reads before you look at what it computes.",
    "I would keep the {0} as it is for this month and write down what people ask about the {1}.",
    "There are three risks: the {0} is edited by two teams, the {1} has no owner, and nobody has tried a restore.",
    "A plain sentence helps more than a long page here. Say what the {0} does, for whom, and what happens if it fails.",
    "Once the {0} is done, remove the old path to the {1} in the same change, or both will stay for years.",
    "That error usually means that the {0} was saved twice. Check whether the {1} sends the same number again.",
)
_CODE = (
    "```python\ndef {0}(rows):\n    total = sum(row.amount for row in rows)\n    return total / max(len(rows), 1)\n```",
    "```sql\nSELECT {0}, count(*) FROM {1}\nGROUP BY {0} ORDER BY 2 DESC LIMIT 20;\n```",
    "| step | owner | days |\n| --- | --- | --- |\n| {0} | platform | 3 |\n| {1} | support | 5 |",
    "1. Copy the {0}.\n2. Try the {1} on the copy.\n3. Compare, then switch.",
)


@dataclass(frozen=True)
class Paragraph:
    """Markdown and what the one renderer makes of it."""

    text: str
    html: str


class DemoTexts:
    """Deterministic by ``random``'s seed."""

    def __init__(self, random: Random, words: int = 30_000) -> None:
        self._random = random
        self._words = self._vocabulary(words)
        self._weights = list(accumulate(1 / (rank + 8) for rank in range(words)))  # Zipf's law
        self._paragraphs = [self._paragraph() for _ in range(POOL)]

    def title(self) -> str:
        return self._question()[:60].rsplit(" ", 1)[0]

    def question(self) -> str:
        """One or two sentences, now and then with something pasted below."""
        text = f"{self._question()} {self._sentence()}"
        if self._random.random() < 0.1:
            text += "\n\n" + "\n".join(self._sentence() for _ in range(8))
        return text

    def answer(self) -> Paragraph:
        """Some paragraphs, whose HTML stands side by side just as the renderer would put it."""
        some = self._random.choices(self._paragraphs, k=self._random.choice((1, 1, 2, 2, 3, 4)))
        return Paragraph("\n\n".join(one.text for one in some), "".join(one.html for one in some))

    def _vocabulary(self, size: int) -> list[str]:
        words: dict[str, None] = {}
        while len(words) < size:
            words["".join(self._random.choices(_SYLLABLES, k=self._random.choice((2, 3, 3, 4))))] = None
        return list(words)

    def _pair(self) -> list[str]:
        return self._random.sample(_SUBJECTS, 2)

    def _question(self) -> str:
        return self._random.choice(_ASKING).format(*self._pair())

    def _sentence(self) -> str:
        """A few rarer words around what everybody says."""
        rare = self._random.choices(self._words, cum_weights=self._weights, k=5)
        return f"{self._random.choice(_SAYING).format(*self._pair())} See {', '.join(rare[:4])} and {rare[4]}."

    def _paragraph(self) -> Paragraph:
        if self._random.random() < 0.15:
            text = self._random.choice(_CODE).format(*self._random.choices(self._words, k=2))
        else:
            text = " ".join(self._sentence() for _ in range(self._random.choice((1, 2, 3))))
        return Paragraph(text, markdown.render(text))
