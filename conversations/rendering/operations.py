"""What a client is told to change."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """A block that is final. The same index again replaces it: a link definition it mentions came late."""

    index: int
    html: str


@dataclass(frozen=True)
class Tail:
    """The tail's HTML is now the first ``keep`` UTF-16 code units (what JavaScript counts) of the old and ``html``."""

    keep: int
    html: str


@dataclass(frozen=True)
class RawText:
    """Append this text (not HTML) to the last ``<code>`` of the tail. The Tail after it has ``keep`` 0."""

    text: str


Op = Block | Tail | RawText
