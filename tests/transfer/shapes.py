"""Exports of other programs, built by hand in their shapes: small, whole ones that tests bend and break."""

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from conversations.transfer.detect import open_source
from conversations.transfer.limits import ImportLimits
from conversations.transfer.records import ConversationRecord, MessageRecord
from conversations.transfer.sources import Readable, Unreadable

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
ZEROS = "00000000-0000-0000-0000-000000000000"


def gpt_node(key: str, parent: str | None, role: str = "", text: str = "", **changes: Any) -> dict[str, Any]:
    """A node of ChatGPT's mapping; without a role it has no message."""
    if not role:
        return {"id": key, "message": None, "parent": parent, "children": []}
    message = {
        "id": key,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": 1_700_000_000.5,
        "content": {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
        "recipient": "all",
    }
    return {"id": key, "message": message | changes, "parent": parent, "children": []}


def gpt(*nodes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A conversation of ChatGPT, without nodes with a question and an answer."""
    known = nodes or (
        gpt_node("root", None),
        gpt_node("q", "root", "user", "Why?"),
        gpt_node("a", "q", "assistant", "So."),
    )
    mapping = {node["id"]: dict(node) for node in known}
    for node in known:
        if node["parent"] in mapping:
            mapping[node["parent"]]["children"] = [*mapping[node["parent"]]["children"], node["id"]]
    base: dict[str, Any] = {
        "title": "Reasons",
        "create_time": 1_700_000_000.0,
        "update_time": 1_700_000_100.0,
        "mapping": mapping,
    }
    base |= {"current_node": known[-1]["id"], "conversation_id": "c-1", "id": "c-1", "is_archived": False}
    return base | {"default_model_slug": "gpt-4o"} | changes


def webui_node(key: str, parent: str | None, role: str, content: Any, **changes: Any) -> dict[str, Any]:
    node = {
        "id": key,
        "parentId": parent,
        "childrenIds": [],
        "role": role,
        "content": content,
        "timestamp": 1_700_000_000,
    }
    return node | ({"model": "llama3.1"} if role == "assistant" else {}) | changes


def webui(*nodes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    known = nodes or (webui_node("q", None, "user", "Why?"), webui_node("a", "q", "assistant", "So."))
    history = {"messages": {node["id"]: node for node in known}, "currentId": known[-1]["id"]}
    chat = {"title": "Reasons", "models": ["llama3.1"], "params": {}, "history": history, "messages": []}
    base: dict[str, Any] = {
        "id": "w-1",
        "user_id": "u",
        "title": "Reasons",
        "chat": chat,
        "folder_id": None,
        "archived": False,
    }
    base |= {"created_at": 1_700_000_000, "updated_at": 1_700_000_100, "pinned": False, "meta": {"tags": ["one"]}}
    return base | changes


def libre_node(key: str, parent: str, text: str, *, is_person: bool, **changes: Any) -> dict[str, Any]:
    node = {
        "messageId": key,
        "parentMessageId": parent,
        "createdAt": "2024-04-09T14:32:05.230Z",
        "sender": "User" if is_person else "GPT-4",
        "isCreatedByUser": is_person,
        "text": text,
        "model": None if is_person else "gpt-4",
        "error": False,
        "unfinished": False,
    }
    return node | changes


def libre(*nodes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    known = nodes or (
        libre_node("q", ZEROS, "Why?", is_person=True),
        libre_node("a", "q", "So.", is_person=False),
    )
    base: dict[str, Any] = {
        "conversationId": "l-1",
        "endpoint": "openAI",
        "title": "Reasons",
        "exportAt": "16:33:32 GMT+0200",
    }
    base |= {"branches": True, "recursive": False, "options": {"model": "gpt-4"}, "messages": list(known)}
    return base | changes


def json_file(folder: Path, value: Any, name: str = "export.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def zip_file(folder: Path, entries: dict[str, bytes | str], name: str = "export.zip") -> Path:
    path = folder / name
    path.write_bytes(zipped(entries))
    return path


def zipped(entries: dict[str, bytes | str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


def read(path: Path, limits: ImportLimits | None = None) -> list[Readable | Unreadable]:
    with open_source(path, limits) as source:
        return list(source.conversations())


def one(path: Path) -> Readable:
    (found,) = read(path)
    assert isinstance(found, Readable), found
    return found


def refusal(path: Path) -> str:
    (found,) = read(path)
    assert isinstance(found, Unreadable), found
    return found.reason


def texts(record: ConversationRecord) -> list[str]:
    return [message.text for message in record.messages]


def outline(messages: Iterable[MessageRecord]) -> dict[str, str | None]:
    return {message.key: message.parent for message in messages}
