"""From the nodes of a foreign format to a tree of messages: what is broken is repaired and said, nothing gets lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from conversations.exceptions import DamagedTransferError
from conversations.transfer.records import ImageRecord, MessageRecord, Role, RunRecord
from conversations.transfer.trees import Parents, above, children_of, in_order, resolved, unique

LONG: Final = 200_000
"""Characters a person may send at once here; longer texts are kept, and said."""


@dataclass(slots=True)
class Draft:
    """A node as a format has it. A structural one only holds the tree together, a prelude is the thinking before."""

    key: str
    parent: str | None
    kind: Literal["message", "structural", "prelude"] = "structural"
    role: Role = "assistant"
    created_at: datetime | None = None
    text: str = ""
    reasoning: str = ""
    status: str = "complete"
    author: str = ""
    model_name: str = ""
    citations: list[dict[str, Any]] = field(default_factory=list)
    images: list[ImageRecord] = field(default_factory=list)
    runs: list[RunRecord] = field(default_factory=list)

    def place(self, picture: ImageRecord | None, name: str) -> str:
        """Take a picture; the line for the text that tells of one which isn't in the file, or which an answer shows."""
        if picture is None:
            return f"*Picture, not in the export: {name}*" if name else "*A picture, not in the export.*"
        self.images.append(picture)
        if self.role == "user":
            return ""
        return f"*Picture: {name}*" if name else "*A picture*"


@dataclass(frozen=True, slots=True)
class Planted:
    messages: list[MessageRecord]
    selected: str | None
    notes: list[str]


def plant(
    drafts: Sequence[Draft], selected: str | None, begun_at: datetime, claimed: Mapping[str, str] | None = None
) -> Planted:
    """The messages in order of time, parents first. ``begun_at`` is the time of what says none.

    Raises DamagedTransferError where there is no message, or a circle.
    """
    keys, doubles = unique([draft.key for draft in drafts])
    parents, missing = resolved(keys, [draft.parent for draft in drafts], claimed)
    _fold_preludes(drafts, parents)
    kept = [draft.kind == "message" for draft in drafts]
    if not any(kept):
        raise DamagedTransferError("It holds no messages.")
    closest = above(parents, kept)
    times = _times(drafts, parents, begun_at)
    order = [place for place in in_order(closest, times) if kept[place]]
    messages = [_message(drafts[place], keys, place, closest[place], times[place]) for place in order]
    shown = _shown(keys, selected, kept, closest, order)
    return Planted(messages, keys[shown], _notes(drafts, kept, doubles, missing))


def _message(draft: Draft, keys: list[str], place: int, parent: int | None, time: datetime) -> MessageRecord:
    return MessageRecord(
        key=keys[place],
        parent=None if parent is None else keys[parent],
        role=draft.role,
        created_at=draft.created_at or time,
        text=draft.text,
        reasoning=draft.reasoning,
        status=draft.status,
        author=draft.author,
        model_name=draft.model_name,
        citations=draft.citations,
        images=draft.images,
        runs=draft.runs,
    )


def _fold_preludes(drafts: Sequence[Draft], parents: Parents) -> None:
    """Thinking becomes the reasoning of the answers it led to; where there are none it stays a message."""
    children = children_of(parents)
    for place in in_order(parents, range(len(drafts))):
        draft = drafts[place]
        if draft.kind != "prelude":
            continue
        answers = [drafts[child] for child in children.get(place, ())]
        if answers and all(each.kind != "structural" and each.role == "assistant" for each in answers):
            for answer in answers:
                answer.reasoning = "\n\n".join(part for part in (draft.reasoning, answer.reasoning) if part)
            draft.kind = "structural"
        else:
            draft.kind = "message"


def _times(drafts: Sequence[Draft], parents: Parents, begun_at: datetime) -> list[datetime]:
    """For each place its own time, or that of what stands above it; never before what stands above it."""
    times: list[datetime] = [begun_at] * len(drafts)
    for place in in_order(parents, range(len(drafts))):
        parent = parents[place]
        own = drafts[place].created_at
        if parent is None:
            times[place] = own or begun_at
        else:
            times[place] = max(own, times[parent]) if own else times[parent]
    return times


def _shown(keys: list[str], selected: str | None, kept: list[bool], closest: Parents, order: list[int]) -> int:
    """The end of the branch through what was selected; without it, of the newest."""
    newest: dict[int | None, int] = {}
    for child in order:
        newest[closest[child]] = child  # the last one is the newest child
    place: int | None = keys.index(selected) if selected in keys else None
    if place is not None and not kept[place]:
        place = closest[place]
    end = order[-1] if place is None else place
    while end in newest:
        end = newest[end]
    return end


def _notes(drafts: Sequence[Draft], kept: list[bool], doubles: int, missing: int) -> list[str]:
    notes = []
    if doubles:
        notes.append(f"{_messages(doubles)} had the same key as another one; both are kept.")
    if missing:
        notes.append(f"{_messages(missing)} followed one that isn't in the file; now a branch begins there.")
    long = sum(len(draft.text) > LONG for draft, is_kept in zip(drafts, kept, strict=True) if is_kept)
    if long:
        notes.append(f"{_messages(long)} longer than {LONG:,} characters; nothing was cut.")
    return notes


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count:,} messages"
