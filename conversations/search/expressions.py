"""What is asked of the index, free of any database's syntax."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple
from uuid import UUID


class Term(NamedTuple):
    """Words one after the other; the last one perhaps only begun."""

    words: tuple[str, ...]
    is_prefix: bool = False


def term(word: str, *, is_prefix: bool = False) -> Term:
    return Term((word,), is_prefix)


@dataclass(frozen=True)
class Expression:
    """Of each group of ``all_of`` one term must occur, of ``none_of`` none may. There is at least one group."""

    all_of: tuple[tuple[Term, ...], ...]
    none_of: tuple[Term, ...] = ()


class Part(NamedTuple):
    """Of the index: what belongs to one person, or only some conversations of theirs."""

    owner_id: int
    conversations: tuple[UUID, ...] | None = None


class Reach(Enum):
    """How far to look, for a database that can't give matches in order."""

    ALL = auto()
    FEW = auto()
    """Everywhere: matches are known to be few."""
    NEWEST = auto()
    """Among the newest; older ones are missed."""


class Window(NamedTuple):
    """Which numbers (times) to look at: ``lowest`` <= number < ``below``; at most ``limit``, the newest."""

    below: int
    lowest: int = 0
    limit: int = 200
    reach: Reach = Reach.ALL


# Marks: words of the index that no text can hold.
TITLE, QUESTION, ANSWER = "~t", "~q", "~a"
HAS = {"image": "~hi", "code": "~hc", "error": "~he"}
_CONVERSATION, _MODEL, _IN_TITLE = "~c", "~m", "^"


def conversation_mark(pk: UUID) -> str:
    return f"{_CONVERSATION}{pk.hex}"


def model_mark(folded_name: str) -> str:
    return f"{_MODEL}{folded_name}"


def title_word(word: str) -> str:
    """Words of titles are kept apart from those of messages: there are few, so beginnings of one letter are cheap."""
    return f"{_IN_TITLE}{word}"
