"""Where markdown ends in a very long text, and the parts in which the rest is shown."""

from collections.abc import Iterator

from conversations.rendering import limits

PART_CHARACTERS = 4_000


def limit_of(text: str, before: int = 0) -> int | None:
    """How much of a normalised text, ``before`` characters into the document, is markdown; None: maybe all of it."""
    begin = limits.DOCUMENT_CHARACTERS - before
    longest = begin + limits.LINE_CHARACTERS
    found = text.find("\n", begin, longest)
    if found >= 0:
        return found + 1
    return longest if len(text) >= longest else None


def split_at_limit(text: str) -> tuple[str, str]:
    """The markdown and the plain rest of a normalised text."""
    limit = limit_of(text)
    return (text, "") if limit is None else (text[:limit], text[limit:])


def plain_parts(text: str) -> Iterator[str]:
    """The rest in parts that end at a line break where there is one; a longer text only changes the last part."""
    begin = 0
    while begin < len(text):
        found = text.find("\n", begin + PART_CHARACTERS, begin + 2 * PART_CHARACTERS)
        end = found + 1 if found >= 0 else min(len(text), begin + 2 * PART_CHARACTERS)
        yield text[begin:end]
        begin = end
