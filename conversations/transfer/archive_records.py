"""Records to the JSON of our own archive and back. ``archive.py`` documents what stands there."""

from dataclasses import fields
from datetime import datetime
from typing import Any, Final, cast

from conversations.exceptions import DamagedTransferError
from conversations.transfer.archive_fields import Fields
from conversations.transfer.pictures import web_address
from conversations.transfer.records import (
    MESSAGE_STATUSES,
    ROLES,
    ConversationRecord,
    ImageRecord,
    MessageRecord,
    Role,
    RunRecord,
)
from conversations.transfer.texts import clean_json
from conversations.transfer.times import written
from conversations.transfer.trees import children_of, in_order, resolved, unique

_ALWAYS: Final = {"key", "parent", "role", "created_at", "active_at", "messages", "title", "selected", "status"}
_NEVER: Final = {"data", "source", "system_text"}
_DEEPEST: Final = 110
_FILES: Final = "files/"


def to_json(record: ConversationRecord | MessageRecord | RunRecord | ImageRecord) -> dict[str, Any]:
    """As JSON has it; what is empty is left out."""
    made: dict[str, Any] = clean_json(_object(record), _DEEPEST)
    return made


def _object(record: Any) -> dict[str, Any]:
    made = {}
    for field in fields(record):
        value = getattr(record, field.name)
        is_empty = value is None or value is False or (isinstance(value, str | list | dict | tuple) and not value)
        if field.name not in _NEVER and (field.name in _ALWAYS or not is_empty):
            made[field.name] = _value(value)
    return made


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, list) and value and isinstance(value[0], MessageRecord | RunRecord | ImageRecord):
        return [_object(each) for each in value]
    return value


def from_json(value: Any) -> tuple[ConversationRecord, list[str]]:
    """The record and what was repaired. Raises DamagedTransferError, also for messages that form a circle."""
    read = Fields(value, "a conversation")
    given = read.each("messages", _message)
    messages, notes = _in_order(given)
    selected, said = _selected(read.text("selected", 100), messages)
    created_at = read.required_time("created_at")
    record = ConversationRecord(
        key=read.required("key", 100),
        title=read.text("title", 200),
        created_at=created_at,
        active_at=read.time("active_at") or created_at,
        messages=messages,
        selected=selected,
        has_own_title=read.flag("has_own_title"),
        is_pinned=read.flag("is_pinned"),
        is_archived=read.flag("is_archived"),
        folder=read.texts("folder", 60),
        tags=read.texts("tags", 60),
        model=read.text("model", 100),
        request_format=read.text("request_format", 30),
        parameters=read.mapping("parameters"),
    )
    return record, [*notes, *said]


def _in_order(given: list[MessageRecord]) -> tuple[list[MessageRecord], list[str]]:
    keys, doubles = unique([message.key for message in given])
    parents, missing = resolved(keys, [message.parent for message in given])
    notes = []
    if doubles:
        notes.append(f"{doubles:,} of its messages had the same key as another one; all are kept.")
    if missing:
        notes.append(f"{missing:,} of its messages followed one that isn't in the file; now branches begin there.")
    order = in_order(parents, range(len(given)))
    if not notes and order == list(range(len(given))):
        return given, []
    made = []
    for place in order:
        parent = parents[place]
        message = given[place]
        values = {field.name: getattr(message, field.name) for field in fields(message)}
        made.append(MessageRecord(**values | {"key": keys[place], "parent": None if parent is None else keys[parent]}))
    return made, notes


def _selected(key: str, messages: list[MessageRecord]) -> tuple[str | None, list[str]]:
    """The end of the branch through what is selected, else of the newest one."""
    if not messages:
        return None, []
    places = {message.key: place for place, message in enumerate(messages)}
    children = children_of([None if each.parent is None else places[each.parent] for each in messages])
    place = places.get(key, len(messages) - 1)
    while place in children:
        place = children[place][-1]
    said = [] if key in places else ["The branch that was shown isn't in the file; the newest is."]
    return messages[place].key, said


def _message(value: Any) -> MessageRecord:
    read = Fields(value, "a message")
    if read.text("role") not in ROLES:
        raise DamagedTransferError(f"It holds a message of the role “{read.text('role', 40)}”, which nobody has here.")
    return MessageRecord(
        key=read.required("key", 100),
        parent=read.text("parent", 100) or None,
        role=cast("Role", read.text("role")),
        created_at=read.required_time("created_at"),
        text=read.text("text"),
        reasoning=read.text("reasoning"),
        status=read.one_of("status", MESSAGE_STATUSES, "complete"),
        author=read.text("author", 150),
        model_name=read.text("model_name", 100),
        branch_name=read.text("branch_name", 100),
        is_refusal=read.flag("is_refusal"),
        tool_calls=read.each("tool_calls", _call),
        tool_call_id=read.text("tool_call_id", 200),
        citations=read.each("citations", _citation),
        provider_items=read.values("provider_items"),
        images=read.each("images", _image),
        runs=read.each("runs", _run),
    )


def _call(value: Any) -> dict[str, Any]:
    read = Fields(value, "a call of a tool")
    return {"id": read.text("id", 200), "name": read.text("name", 200), "arguments": read.text("arguments")}


def _citation(value: Any) -> dict[str, Any]:
    read = Fields(value, "a citation")
    known = {"url": read.text("url", 4000), "title": read.text("title", 300)}
    return known | {"start": read.count("start"), "end": read.count("end")}


def _image(value: Any) -> ImageRecord:
    read = Fields(value, "a picture")
    file, url = read.text("file", 200), read.text("url", 2000)
    if (file and not file.startswith(_FILES)) or (url and not web_address(url)) or (file and url):
        read.refuse("file" if file else "url")
    return ImageRecord(
        file=file,
        url=url,
        name=read.text("name", 200),
        sha256=read.text("sha256", 64),
        detail=read.one_of("detail", ("auto", "low", "high"), "auto"),
        description=read.text("description", 1000),
    )


def _run(value: Any) -> RunRecord:
    read = Fields(value, "a run")
    return RunRecord(
        status=read.one_of("status", MESSAGE_STATUSES, "complete"),
        is_continuation=read.flag("is_continuation"),
        model=read.text("model", 100),
        request_format=read.text("request_format", 30),
        parameters=read.mapping("parameters"),
        request=read.mapping("request"),
        prices=read.mapping("prices"),
        length=read.count("length") or 0,
        started_at=read.time("started_at"),
        first_token_at=read.time("first_token_at"),
        reasoned_at=read.time("reasoned_at"),
        finished_at=read.time("finished_at"),
        stop_requested_at=read.time("stop_requested_at"),
        finish_reason=read.text("finish_reason", 30),
        error_code=read.text("error_code", 50),
        error_message=read.text("error_message", 500),
        error_detail=read.text("error_detail"),
        error_parameter=read.text("error_parameter", 100),
        request_id=read.text("request_id", 200),
        input_tokens=read.count("input_tokens"),
        output_tokens=read.count("output_tokens"),
        cached_tokens=read.count("cached_tokens"),
        reasoning_tokens=read.count("reasoning_tokens"),
        is_estimated=read.flag("is_estimated"),
        cost=read.money("cost"),
    )
