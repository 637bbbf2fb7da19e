"""Ids as forms and addresses bring them."""

import uuid
from collections.abc import Iterable
from contextlib import suppress


def ids_in(texts: Iterable[str]) -> list[uuid.UUID]:
    """Those that are ids, in order; others name nothing."""
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(uuid.UUID(text))
    return found
