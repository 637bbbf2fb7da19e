"""What stands above some answers, messages and their pictures: read at once for all that are claimed together."""

import uuid
from collections.abc import Collection, Iterable, Mapping

from conversations.models import Message, MessageImage, Role

Pictures = Mapping[uuid.UUID, list[MessageImage]]
"""By message, in their order. No bytes of them are read yet."""
_AT_ONCE = 500


class Branches:
    """Three queries, however many there are. Messages are shared between branches: don't change them."""

    def __init__(self, leaves: Collection[uuid.UUID]) -> None:
        self._branches = Message.objects.defer("html", "reasoning").branches(leaves)
        self.pictures = pictures_of(message for branch in self._branches.values() for message in branch)

    def of(self, leaf: uuid.UUID) -> list[Message]:
        """From the root down to ``leaf``, in order of reading."""
        return self._branches[leaf]


def pictures_of(messages: Iterable[Message]) -> Pictures:
    """Those of people's messages; others have none."""
    ids = list({message.pk for message in messages if message.role == Role.USER})
    found: dict[uuid.UUID, list[MessageImage]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        rows = MessageImage.objects.filter(message__in=ids[start : start + _AT_ONCE]).select_related("file")
        for row in rows.order_by("position"):
            found.setdefault(row.message_id, []).append(row)
    return found
