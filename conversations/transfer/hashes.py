"""Whether two records say the same, whatever their messages are called."""

import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from conversations.transfer.archive_records import to_json
from conversations.transfer.records import ConversationRecord, MessageRecord
from conversations.transfer.trees import children_of

_NAMES: Final = ("key", "parent", "author")
"""What differs between sites: names of messages and people. Models are rows of a site; their names stay in messages."""


def hash_of(record: ConversationRecord) -> str:
    """SHA-256 in hexadecimal of all but: keys, the authors' names, the models' rows, pins, archive, folder and tags.

    Two records have the same exactly when texts, tree, order of siblings, shown branch, times, parameters, runs and the
    pictures' bytes (by their SHA-256) are.
    """
    places = {message.key: place for place, message in enumerate(record.messages)}
    parents = [None if each.parent is None else places[each.parent] for each in record.messages]
    children = children_of(parents)
    numbers: dict[int, int] = {}
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        place = waiting.pop()
        numbers[place] = len(numbers)
        waiting += reversed(children.get(place, []))
    digest = hashlib.sha256()
    _add(digest, _about(record, numbers[places[record.selected]] if record.selected else None))
    for place in sorted(numbers, key=numbers.__getitem__):
        parent = parents[place]
        _add(digest, [None if parent is None else numbers[parent], _message(record.messages[place])])
    return digest.hexdigest()


def _about(record: ConversationRecord, selected: int | None) -> list[Any]:
    about = to_json(replace(record, messages=[]))
    names = ("title", "has_own_title", "created_at", "active_at", "request_format", "parameters")
    return [selected, {name: about.get(name) for name in names}]


def _message(message: MessageRecord) -> dict[str, Any]:
    made = {name: value for name, value in to_json(message).items() if name not in _NAMES}
    for image in made.get("images", []):
        image.pop("file", None)
    for run in made.get("runs", []):
        run.pop("model", None)
        if "cost" in run:
            run["cost"] = str(Decimal(run["cost"]).normalize())
    return made


def _add(digest: Any, value: Any) -> None:
    digest.update(json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode())
    digest.update(b"\n")
