"""Conversations as Markdown, for reading, editing and other programs. Texts stand as they are; only what one message
leaves open (a fence, a comment) is closed behind it, so that the next one begins outside of it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from conversations.transfer.documents import Entry, Kind, write_documents
from conversations.transfer.pictures import web_address
from conversations.transfer.reading import Step, ending, facts, shown_time, steps, who
from conversations.transfer.records import ConversationRecord, ImageRecord, MessageRecord
from conversations.transfer.texts import fenced, one_line
from conversations.transfer.zip_writer import Pictures, Written, no_progress

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>#|~!&$])")
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)


def write_markdown(
    path: Path,
    records: Iterable[ConversationRecord],
    open_image: Callable[[ImageRecord], BinaryIO | None],
    *,
    created_at: datetime,
    progress: Callable[[int], None] = no_progress,
    whole_tree: bool = True,
) -> Written:
    """A zip of one ``.md`` per conversation, ``index.md`` and the pictures in ``files/``. Raises OSError."""

    def document(record: ConversationRecord, pictures: Pictures) -> Iterator[str]:
        return _pieces(record, lambda image: pictures.store(image).name, whole_tree=whole_tree)

    kind = Kind("md", document, _index)
    return write_documents(kind, path, records, open_image, created_at=created_at, progress=progress)


def conversation_markdown(
    record: ConversationRecord,
    *,
    whole_tree: bool = False,
    place: Callable[[ImageRecord], str] = lambda image: image.file,
) -> str:
    """The shown branch, or all of them; ``place`` says where a picture stands beside the document, "" for nowhere."""
    return "".join(_pieces(record, place, whole_tree=whole_tree))


def escaped(text: str) -> str:
    """A name or title, on one line, that means nothing in Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _pieces(record: ConversationRecord, place: Callable[[ImageRecord], str], *, whole_tree: bool) -> Iterator[str]:
    yield f"# {escaped(record.title) or 'Conversation'}\n\n"
    yield "".join(f"- {name}: {escaped(value)}\n" for name, value in facts(record))
    for step in steps(record, whole_tree=whole_tree):
        yield "\n" + _message(step, place)


def _message(step: Step, place: Callable[[ImageRecord], str]) -> str:
    message = step.message
    head = f"## {step.number}. {escaped(who(message))} · {shown_time(message.created_at)}"
    name = f" “{escaped(message.branch_name)}”" if message.branch_name else ""
    parts = [
        head,
        f"*{step.mark}{name}*" if step.mark or name else "",
        _quoted(message.reasoning),
        *(_picture(image, place) for image in message.images),
        _closed(message.text),
        *(_call(call) for call in message.tool_calls),
        _sources(message),
        f"*{escaped(ending(message))}*" if ending(message) else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _quoted(reasoning: str) -> str:
    if not reasoning.strip():
        return ""
    lines = ["**Thinking**", "", *_closed(reasoning).split("\n")]
    return "\n".join(f"> {line}" if line else ">" for line in lines)


def _picture(image: ImageRecord, place: Callable[[ImageRecord], str]) -> str:
    """A file beside the document is shown, an address is only a link: opening a document asks no server."""
    shown = escaped(image.description or image.name or "Picture")
    if image.url:
        return f"[{shown}]({quote(image.url, safe=':/?&=%#@+,;~')})" if web_address(image.url) else shown
    file = place(image)
    return f"![{shown}]({quote(file)})" if file else f"*Picture, lost: {shown}*"


def _call(call: dict[str, Any]) -> str:
    name = escaped(one_line(call.get("name"), 200)) or "a tool"
    return f"*To {name}:*\n\n" + fenced(str(call.get("arguments", "")), "json")


def _sources(message: MessageRecord) -> str:
    urls = dict.fromkeys(web_address(str(each.get("url", ""))) for each in message.citations)
    lines = [f"{number}. <{url}>" for number, url in enumerate(filter(None, urls), 1)]
    return "\n".join(["**Sources**", "", *lines]) if lines else ""


def _closed(text: str) -> str:
    """The text, with the fence and the comment it leaves open closed behind it."""
    open_fence = ""
    for found in _FENCE.finditer(text):
        marks, rest = found.groups()
        if not open_fence:
            open_fence = marks if marks[0] == "~" or "`" not in rest else ""
        elif marks.startswith(open_fence) and not rest.strip():
            open_fence = ""
    kept = text.rstrip()
    if open_fence:
        return f"{kept}\n{open_fence}"
    return f"{kept}\n-->" if text.rfind("<!--") > text.rfind("-->") else kept


def _index(entries: list[Entry]) -> str:
    lines = [f"- [{escaped(each.title)}]({quote(each.file)}) · {shown_time(each.created_at)}" for each in entries]
    return "\n".join(["# Conversations", "", *lines, ""])
