"""Our own archive: everything of a conversation, so that nothing is lost on the way out and in again.

A zip (stored or deflated entries, ZIP64 where it has to be) with

``manifest.json``
    {"format": "chatsite-export", "version": 1, "created_at": time, "counts": {"conversations", "messages", "runs",
    "files", "missing_files"}}. A reader refuses a version it doesn't know. "missing_files" counts pictures whose bytes
    the site itself had lost.
``conversations/000001.json``, ``conversations/000002.json``, …
    One conversation each, in any order; the number means nothing beyond its place.
``files/<sha256>.<ext>``
    Each picture once, named after the SHA-256 of its bytes in hexadecimal; "png", "jpg", "webp", "gif" or "bin".

All JSON is UTF-8 without a mark (RFC 8259). Times are texts, ISO 8601 in UTC with six digits of microseconds:
"2026-11-20T15:00:00.000000Z". Amounts of money are US dollars as decimal texts. A key whose value is empty (null,
false, "", [] or {}) may be missing, except where it says *always*. Unknown keys are ignored.

A conversation is an object with
    "key" (text of at most 100 characters, always): what it is recognised by when it is imported again; "title" (text,
    200, always), "has_own_title" (true: a person chose it); "created_at", "active_at" (times, always): when it began,
    when something was said last; "is_pinned", "is_archived" (true or false); "folder" (list of names, outermost
    first); "tags" (list of texts, 60 each); "model" (the model's name), "request_format" ("chat_completions",
    "responses", … or ""), "parameters" (object: what was set for it, by the parameters' names); "selected" (key of the
    last message of the branch that was shown, or null; always); "messages" (list, always): parents stand before
    children, siblings in order of time.

A message is an object with
    "key" (text, 100, unique in its conversation, always), "parent" (key of the message it follows, null for a first
    one; always; there may be several first ones); "role" ("user", "assistant" or "tool", always); "created_at" (time,
    always); "status" ("complete", "stopped", "interrupted" or "failed", always); "text", "reasoning" (texts without a
    limit; a person's as it was typed, an answer's in Markdown); "author" (name of the person), "model_name" (of an
    answer), "branch_name" (text, 100: what the branches through it are called), "is_refusal" (true where the model
    refused); "tool_calls" (of an answer: list of {"id", "name", "arguments"}, all texts), "tool_call_id" (of a tool's
    message: which call it is the result of); "citations" (list of {"url", "title", "start", "end"}, places in
    characters or null); "provider_items" (list of objects as the provider sent them); "images" (list of objects):
    "file" (name in the archive) or "url" (http or https) or, where the bytes are lost, neither; "name" (its file's
    name, 200), "sha256", "detail" ("auto", "low", "high"), "description" (alternative text, 1000); "runs" (list of
    objects, oldest first).

A run, one attempt at an answer, is an object with
    "status" (as of a message, always), "is_continuation" (true: it went on where an earlier one had ended), "model",
    "request_format", "parameters" (what was chosen for it), "request" (what was sent, without the messages), "prices"
    (US dollars per million tokens then, as texts), "length" (characters of the text at its end); "started_at",
    "first_token_at", "reasoned_at" (when it had thought), "finished_at", "stop_requested_at" (times); "finish_reason",
    "error_code", "error_message", "error_detail", "error_parameter", "request_id" (texts); "input_tokens",
    "output_tokens", "cached_tokens", "reasoning_tokens" (whole numbers; a missing one is unknown, 0 is 0),
    "is_estimated" (true: the site counted, not the provider), "cost" (money).
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from conversations.transfer.archive_records import to_json
from conversations.transfer.records import ConversationRecord, ImageRecord, MessageRecord
from conversations.transfer.times import written
from conversations.transfer.zip_writer import Pictures, Written, ZipWriter, no_progress

FORMAT: Final = "chatsite-export"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"


def write_archive(
    path: Path,
    records: Iterable[ConversationRecord],
    open_image: Callable[[ImageRecord], BinaryIO | None],
    *,
    created_at: datetime,
    progress: Callable[[int], None] = no_progress,
) -> Written:
    """Write the records as an archive to ``path``, one after another. Raises OSError where there is no room."""
    messages = runs = done = 0
    with ZipWriter(path, created_at) as target:
        pictures = Pictures(target, open_image)
        for done, record in enumerate(records, 1):
            packed = replace(record, messages=[_packed(message, pictures) for message in record.messages])
            target.add_text(f"conversations/{done:06}.json", _dumped(to_json(packed)))
            messages += len(record.messages)
            runs += sum(len(message.runs) for message in record.messages)
            progress(done)
        counts = {"conversations": done, "messages": messages, "runs": runs}
        counts |= {"files": pictures.count, "missing_files": pictures.missing}
        about = {"format": FORMAT, "version": VERSION, "created_at": written(created_at), "counts": counts}
        target.add_text(MANIFEST, _dumped(about))
    return Written(done, messages, pictures.count, pictures.missing, path.stat().st_size)


def _packed(message: MessageRecord, pictures: Pictures) -> MessageRecord:
    if not message.images:
        return message
    return replace(message, images=[_image(image, pictures) for image in message.images])


def _image(image: ImageRecord, pictures: Pictures) -> ImageRecord:
    if image.url:
        return image
    stored = pictures.store(image)
    return replace(image, file=stored.name, sha256=stored.sha256 or image.sha256)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
