"""A conversation in the order of reading, for documents: the shown branch, or all with their beginnings marked."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from conversations.transfer.records import ConversationRecord, MessageRecord
from conversations.transfer.trees import Parents, children_of

STATUSES: Final = {"stopped": "Stopped", "interrupted": "Interrupted", "failed": "Failed"}


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    """Counts from 1 in the document."""
    message: MessageRecord
    mark: str = ""
    """Where branches part, in the whole tree: which one begins here, and after which message."""


def steps(record: ConversationRecord, *, whole_tree: bool) -> list[Step]:
    places = {message.key: place for place, message in enumerate(record.messages)}
    parents: Parents = [None if each.parent is None else places[each.parent] for each in record.messages]
    if whole_tree:
        return _all(record, parents)
    branch = []
    place = places.get(record.selected or "", len(record.messages) - 1 if record.messages else None)
    while place is not None:
        branch.append(record.messages[place])
        place = parents[place]
    return [Step(number, message) for number, message in enumerate(reversed(branch), 1)]


def _all(record: ConversationRecord, parents: Parents) -> list[Step]:
    children = children_of(parents)
    ranks = {place: rank for siblings in children.values() for rank, place in enumerate(siblings, 1)}
    numbers: dict[int, int] = {}
    made = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        place = waiting.pop()
        numbers[place] = len(numbers) + 1
        parent = parents[place]
        count = len(children[parent])
        mark = ""
        if count > 1:
            after = f", after message {numbers[parent]}" if parent is not None else ""
            mark = f"Branch {ranks[place]} of {count}{after}"
        made.append(Step(numbers[place], record.messages[place], mark))
        waiting += reversed(children.get(place, []))
    return made


def who(message: MessageRecord) -> str:
    if message.role == "user":
        return message.author or "Person"
    if message.role == "tool":
        return "Tool"
    return message.model_name or "Model"


def shown_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def ending(message: MessageRecord) -> str:
    """How an answer ended, where that wasn't well."""
    status = STATUSES.get(message.status, "")
    error = message.runs[-1].error_message if message.runs else ""
    return f"{status}: {error}" if status and error else status


def facts(record: ConversationRecord) -> list[tuple[str, str]]:
    """What stands below the title."""
    made = [("Begun", shown_time(record.created_at)), ("Last active", shown_time(record.active_at))]
    named = [("Model", record.model), ("Folder", " / ".join(record.folder)), ("Tags", ", ".join(record.tags))]
    return made + [(name, value) for name, value in named if value]
