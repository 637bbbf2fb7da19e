"""Names that people give: one clean line."""

from conversations.actions.texts import clean_text
from conversations.exceptions import InvalidInputError


def require_name(text: str, longest: int, thing: str) -> str:
    """The name as it is kept: 1 to ``longest`` characters on one line. ``thing``: "A tag". Raises InvalidInputError."""
    line = " ".join(clean_text(text).split())
    if not line:
        raise InvalidInputError(f"{thing} needs a name of at least one character.", field="name")
    if len(line) > longest:
        message = f"{thing} has a name of at most {longest} characters; this one has {len(line)}."
        raise InvalidInputError(message, field="name")
    return line


def quoted(text: str) -> str:
    """In quotation marks, and kept from turning the direction of the sentence around it."""
    return f"“\u2068{text}\u2069”"


def counted(count: int, one: str, many: str = "") -> str:
    """As in "1 folder", "2 folders"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
