"""Ids that people may see: UUID version 7 (RFC 9562): they sort by time and can't be guessed in bulk."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    return uuid7()
