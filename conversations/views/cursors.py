"""Places in a list of conversations, newest activity first: the microsecond and the id of a row."""

import uuid
from datetime import UTC, datetime, timedelta

from django.http import Http404

from conversations.models import Conversation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cursor_of(last: Conversation) -> str:
    return cursor_at(last.active_at, last.pk)


def cursor_at(moment: datetime, pk: uuid.UUID) -> str:
    """The same for a list in another order of time."""
    return f"{(moment - _EPOCH) // timedelta(microseconds=1)}-{pk.hex}"


def position(cursor: str) -> tuple[datetime, uuid.UUID] | None:
    """What ``newest_first`` takes; None for no cursor, 404 for what is none of ours."""
    if not cursor:
        return None
    microseconds, _, pk = cursor.partition("-")
    try:
        return _EPOCH + timedelta(microseconds=int(microseconds)), uuid.UUID(pk)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
