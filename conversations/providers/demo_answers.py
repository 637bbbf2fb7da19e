"""What the demonstration says: commands, and for everything else a tour of all the site can show."""

import random
import re
from dataclasses import dataclass, replace
from typing import Final

from conversations.providers import demo_texts as texts
from conversations.providers.base import ChatMessage

_USUAL_PACE: Final = 60.0
_LONG_TOKENS: Final = 6000
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]()#+!|<>~$&-]|(?<=^\d)\.")
_KINDS: Final = (
    ("greeting", re.compile(r"^\W*(hi|hello|hey|hallo|moin|good (morning|evening))\b", re.IGNORECASE)),
    ("code", re.compile(r"\b(code|python|function|bug|script|program|javascript|regex|error)\b", re.IGNORECASE)),
    ("maths", re.compile(r"\b(maths?|equation|prove|proof|integral|formula)\b|\d\s*[-+*/^=]\s*\d", re.IGNORECASE)),
    ("writing", re.compile(r"\b(write|draft|poem|story|mail|letter|summari[sz]e|translate)\b", re.IGNORECASE)),
    ("question", re.compile(r"\?")),
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    text: str
    reasoning: str = ""
    tokens_per_second: float = _USUAL_PACE
    breaks_off_at: int | None = None

    def rest(self, position: int) -> "Answer":
        """What follows the first ``position`` characters, without thinking again and without a second failure."""
        return replace(self, text=self.text[position:], reasoning="", breaks_off_at=None)


def answer_to(messages: tuple[ChatMessage, ...], *, variant: int) -> Answer:
    """The same conversation and variant give the same answer."""
    asked = [message.content for message in messages if message.role == "user"]
    words = asked[-1].strip() if asked else ""
    chance = random.Random(f"{words}\n{len(asked)}\n{variant}")  # noqa: S311 (variety, no secret)
    match words.partition(" ")[0].partition("\n")[0].lower():
        case "/help":
            return Answer(f"{texts.LABEL}\n\n{texts.HELP}")
        case "/fail":
            begun, rest = chance.choice(texts.FAIL)
            begun = f"{texts.LABEL}\n\n{begun}"
            return Answer(begun + rest, breaks_off_at=len(begun))
        case "/slow":
            return Answer(chance.choice(texts.SLOW), tokens_per_second=3)
        case "/reason":
            return Answer(f"{texts.LABEL}\n\n{chance.choice(texts.REASONED)}", reasoning=texts.REASONING)
        case "/long":
            return Answer(_long(chance))
    return Answer(_tour(words, len(asked), chance))


def _tour(words: str, turn: int, chance: random.Random) -> str:
    opening = chance.choice(texts.OPENINGS[_kind(words)])
    again = f" This is turn {turn} of our conversation." if turn > 1 else ""
    parts = [
        f"{opening} {texts.LABEL}{again}",
        f"> {_quoted(words)}",
        chance.choice(texts.PARAGRAPHS),
        texts.LISTS, texts.TABLE, texts.CODE, texts.MATHS, texts.QUOTE, "---",
        chance.choice(texts.CLOSINGS),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _kind(words: str) -> str:
    return next((kind for kind, pattern in _KINDS if pattern.search(words)), "other")


def _quoted(words: str) -> str:
    """The person's words on one line, as text and not as markup."""
    line = " ".join(words.split())
    if len(line) > 160:
        line = line[:160].rsplit(" ", 1)[0] + " …"
    return _SPECIAL.sub(r"\\\g<0>", line) or "(nothing)"


def _long(chance: random.Random) -> str:
    """About 6,000 tokens, a token being three to four characters here."""
    parts, size, chapter = [texts.LONG_INTRODUCTION], 0, 0
    blocks = [*texts.PARAGRAPHS, texts.LISTS, texts.TABLE, texts.CODE, texts.MATHS, texts.QUOTE]
    while size < _LONG_TOKENS * 3.5:
        chapter += 1
        part = "\n\n".join([f"## Chapter {chapter}", *chance.sample(texts.PARAGRAPHS, 2), chance.choice(blocks)])
        size += len(part)
        parts.append(part)
    return "\n\n".join([*parts, chance.choice(texts.CLOSINGS)]) + "\n"
