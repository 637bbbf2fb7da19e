"""Conversations as HTML that needs nothing else: one file each, pictures inside, no script, nothing is loaded.

Answers go through the site's renderer; everything else is escaped. Each page carries a policy that forbids all but its
own style and the pictures in it. It prints, in light colours.
"""

import base64
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote, urlsplit

from conversations.rendering.links import is_allowed
from conversations.rendering.markdown import render
from conversations.transfer.documents import Entry, Kind, write_documents
from conversations.transfer.pictures import web_address
from conversations.transfer.reading import Step, ending, facts, shown_time, steps, who
from conversations.transfer.records import ConversationRecord, ImageRecord, MessageRecord
from conversations.transfer.texts import one_line
from conversations.transfer.zip_writer import Pictures, Written, extension, no_progress

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_STYLE: Final = Path(__file__).with_name("document.css").read_text(encoding="utf-8")
_MEDIA: Final = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_SIDES: Final = {"user": "person", "assistant": "answer", "tool": "tool"}


def write_html(
    path: Path,
    records: Iterable[ConversationRecord],
    open_image: Callable[[ImageRecord], BinaryIO | None],
    *,
    created_at: datetime,
    progress: Callable[[int], None] = no_progress,
    whole_tree: bool = True,
) -> Written:
    """A zip of one ``.html`` per conversation and ``index.html``. Raises OSError."""

    def document(record: ConversationRecord, pictures: Pictures) -> Iterator[str]:
        return _pieces(record, pictures.read, whole_tree=whole_tree)

    kind = Kind("html", document, _index)
    return write_documents(kind, path, records, open_image, created_at=created_at, progress=progress)


def conversation_html(
    record: ConversationRecord, read_image: Callable[[ImageRecord], bytes | None], *, whole_tree: bool = False
) -> str:
    """The shown branch, or all of them. ``read_image`` gives a picture's bytes, None where they are lost."""
    return "".join(_pieces(record, read_image, whole_tree=whole_tree))


def _pieces(
    record: ConversationRecord, read_image: Callable[[ImageRecord], bytes | None], *, whole_tree: bool
) -> Iterator[str]:
    title = record.title or "Conversation"
    yield _beginning(title)
    lines = "".join(f"<div><dt>{name}</dt><dd><bdi>{escape(value)}</bdi></dd></div>" for name, value in facts(record))
    yield f'<header><h1 dir="auto">{escape(title)}</h1><dl>{lines}</dl></header>\n<main>\n'
    for step in steps(record, whole_tree=whole_tree):
        yield _head(step)
        for image in step.message.images:
            yield _picture(image, read_image)
        yield _body(step.message)
        yield "</article>\n"
    yield "</main>\n</body>\n</html>\n"


def _beginning(title: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
    )


def _head(step: Step) -> str:
    message = step.message
    moment = message.created_at.astimezone(UTC)
    name = f" “<bdi>{escape(message.branch_name)}</bdi>”" if message.branch_name else ""
    mark = f'<p class="mark">{escape(step.mark)}{name}</p>' if step.mark or name else ""
    return (
        f'{mark}<article class="message {_SIDES[message.role]}">\n'
        f"<h2><span>{step.number}.</span> <bdi>{escape(who(message))}</bdi> "
        f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{shown_time(moment)}</time></h2>\n'
    )


def _body(message: MessageRecord) -> str:
    is_markdown = message.role == "assistant"
    text = render(message.text) if is_markdown else f'<div class="plain">{escape(message.text)}</div>\n'
    thinking = ""
    if message.reasoning.strip():
        thinking = f"<details><summary>Thinking</summary>\n{_prose(render(message.reasoning))}</details>\n"
    calls = "".join(
        f'<p class="note">To <bdi>{escape(one_line(call.get("name"), 200))}</bdi>:</p>\n'
        f"<pre>{escape(str(call.get('arguments', '')))}</pre>\n"
        for call in message.tool_calls
    )
    end = f'<p class="note">{escape(ending(message))}</p>\n' if ending(message) else ""
    return thinking + (_prose(text) if message.text.strip() else "") + calls + _sources(message) + end


def _prose(html: str) -> str:
    return f'<div class="prose" dir="auto">{html}</div>\n'


def _picture(image: ImageRecord, read_image: Callable[[ImageRecord], bytes | None]) -> str:
    """Inside the page as data. An address is a link: nothing is loaded from it."""
    shown = escape(image.description or image.name or "Picture")
    if image.url:
        return f'<p class="note">Picture: {_link(image.url, image.description)}</p>\n'
    data = read_image(image)
    media = _MEDIA.get(extension(data)) if data else None
    if data is None or media is None:
        return f'<p class="note">Picture, lost: <bdi>{shown}</bdi></p>\n'
    return f'<img src="data:{media};base64,{base64.b64encode(data).decode()}" alt="{shown}">\n'


def _sources(message: MessageRecord) -> str:
    named = {str(each.get("url", "")): one_line(each.get("title"), 200) for each in reversed(message.citations)}
    links = [f"<li>{_link(url, named[url])}</li>" for url in reversed(named) if web_address(url)]
    return f'<p class="note">Sources</p>\n<ol class="sources">{"".join(links)}</ol>\n' if links else ""


def _link(url: str, title: str) -> str:
    """To a page of the web; what may not be followed is only named."""
    if not web_address(url) or not is_allowed(url):
        return f"<bdi>{escape(title or url)}</bdi>"
    shown = escape(title or urlsplit(url).hostname or url)
    return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow"><bdi>{shown}</bdi></a>'


def _index(entries: list[Entry]) -> str:
    items = "".join(
        f'<li><a href="{escape(quote(each.file))}"><bdi>{escape(each.title or "Conversation")}</bdi></a> '
        f"<time>{shown_time(each.created_at)}</time></li>\n"
        for each in entries
    )
    head = _beginning("Conversations") + "<header><h1>Conversations</h1></header>\n"
    return f"{head}<main><ul>\n{items}</ul></main>\n</body>\n</html>\n"
