"""Finding: one ranked list of titles and messages."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from conversations.models import Conversation, User
from conversations.search.results import Results


def search(
    user: User | AnonymousUser,
    text: str,
    *,
    conversation: Conversation | None = None,
    limit: int = 20,
    after: str = "",
) -> Results:
    """The best ``limit`` hits among what ``user`` may see, or in one conversation of those.

    ``text`` may be anything: all words must occur; "in this order"; -not; the last word is found by its beginning
    unless a space follows; model:, from:me|model, folder:, tag:, before:, after:, has:image|code|error,
    is:shared|archived|pinned. ``after`` is the cursor of the page before; one that can't be read is the first page.
    """
    return Results()


def matches_in(conversation: Conversation, text: str) -> list[UUID]:
    """Ids of the messages of one conversation that match: the shown branch first, each part in reading order.

    At most 1,000. The caller has made sure that the person may read the conversation.
    """
    return []
