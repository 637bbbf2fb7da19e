"""What any text has to pass before it is stored."""

from django.conf import settings

from conversations.exceptions import InvalidInputError, TooLargeError


def clean_text(text: str) -> str:
    """The text without what databases and browsers can't hold: NUL and lone surrogates become U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def require_message_text(text: str, *, may_be_empty: bool = False) -> str:
    """A message's text, cleaned. Raises InvalidInputError if it is empty, TooLargeError past the site's limit."""
    cleaned = clean_text(text).replace("\r\n", "\n").replace("\r", "\n")
    if not cleaned.strip() and not may_be_empty:
        raise InvalidInputError("Write something first.", field="text")
    limit = settings.LIMIT_MESSAGE_CHARACTERS
    if len(cleaned) > limit:
        message = f"The message has {len(cleaned):,} characters; at most {limit:,} can be sent at once."
        raise TooLargeError(message, field="text")
    return cleaned
