"""What ChatGPT's messages are made of, as Markdown. Facts: exports of 2023 to 2026; the format is not documented.

``content_type`` says how ``content`` is built. Kinds unknown here are shown as they are and said in a note.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from conversations.transfer.texts import clean_lines, fenced, one_line, shown_json, text_of
from conversations.transfer.values import dict_of, list_of, str_of

_ASSET: Final = re.compile(r"file[-_][A-Za-z0-9]+")
_MARK: Final = re.compile("\ue200[^\ue201]{0,500}\ue201|[\ue200-\ue206]")
"""References to sources in the text, in characters of no meaning elsewhere."""
CONTEXTS: Final = {"user_editable_context", "model_editable_context"}
PRELUDES: Final = {"thoughts", "reasoning_recap"}


@dataclass(slots=True)
class Content:
    text: str = ""
    assets: list[str] = field(default_factory=list)
    """Ids of the pictures."""
    unknown: str = ""
    """Its kind, where that isn't known here."""


def asset_id(pointer: str) -> str:
    """The id in "file-service://file-…" and "sediment://file_…", and in the names of an archive's files."""
    found = _ASSET.match(pointer.rpartition("/")[2])
    return found.group() if found else ""


def content_of(message: dict[str, Any]) -> Content:
    content = dict_of(message.get("content"))
    kind = str_of(content.get("content_type"))
    read = _KINDS.get(kind)
    made = read(content) if read else _unknown(content, kind)
    made.text = _without_marks(made.text, dict_of(message.get("metadata"))).strip("\n")
    return made


def _without_marks(text: str, metadata: dict[str, Any]) -> str:
    """References with the links they stand for."""
    if "\ue200" not in text and "【" not in text:
        return text
    for reference in list_of(metadata.get("content_references")):
        mark, alternative = dict_of(reference).get("matched_text"), dict_of(reference).get("alt")
        if isinstance(mark, str) and mark.strip() and isinstance(alternative, str):
            text = text.replace(mark, clean_lines(alternative))
    return _MARK.sub("", text)


def _parts(content: dict[str, Any]) -> Content:
    made = Content()
    texts = []
    for part in list_of(content.get("parts")):
        if isinstance(part, str):
            texts.append(clean_lines(part))
        elif isinstance(part, dict):
            texts.append(_part(part, made))
    made.text = "\n\n".join(text for text in texts if text.strip())
    return made


def _part(part: dict[str, Any], made: Content) -> str:
    kind = str_of(part.get("content_type"))
    if kind == "image_asset_pointer":
        made.assets.append(asset_id(str_of(part.get("asset_pointer"))) or "?")
        return ""
    if kind == "audio_transcription":
        return text_of(part.get("text"))
    if kind.endswith("_asset_pointer"):
        return "*A recording, which is not in the export.*"
    read = _KINDS.get(kind)
    if read is None:
        made.unknown = made.unknown or kind or "no kind"
        return shown_json(part)
    return read(part).text


def _code(content: dict[str, Any]) -> Content:
    language = str_of(content.get("language"))
    code = text_of(content.get("text"))
    return Content(fenced(code, "" if language == "unknown" else language) if code.strip() else "")


def _output(content: dict[str, Any]) -> Content:
    text = text_of(content.get("text"))
    return Content(fenced(text) if text.strip() else "")


def _thoughts(content: dict[str, Any]) -> Content:
    texts = []
    for thought in list_of(content.get("thoughts")):
        summary, said = text_of(dict_of(thought).get("summary")), text_of(dict_of(thought).get("content"))
        texts.append("\n\n".join(part for part in (f"**{summary.strip()}**" if summary.strip() else "", said) if part))
    texts += [clean_lines(part) for part in list_of(content.get("parts")) if isinstance(part, str)]
    return Content("\n\n".join(text for text in texts if text.strip()))


def _context(content: dict[str, Any]) -> Content:
    names = ("user_profile", "user_instructions", "model_set_context")
    return Content("\n\n".join(text for name in names if (text := text_of(content.get(name))).strip()))


def _quote(content: dict[str, Any]) -> Content:
    """A page that was looked at."""
    title, url = one_line(content.get("title"), 300), one_line(content.get("url"), 2000)
    text = text_of(content.get("text")) or text_of(content.get("snippet"))
    head = [line for line in (f"**{title}**" if title else "", f"<{url}>" if url else "") if line]
    quoted = "\n".join(f"> {line}" for line in [*head, "", *text.split("\n")])
    return Content(quoted if head or text.strip() else "")


def _display(content: dict[str, Any]) -> Content:
    return Content(text_of(content.get("result")) or text_of(content.get("summary")))


def _recap(content: dict[str, Any]) -> Content:
    return Content(text_of(content.get("content")))


def _error(content: dict[str, Any]) -> Content:
    name, text = one_line(content.get("name"), 100), text_of(content.get("text"))
    return Content(": ".join(part for part in (name, text) if part))


def _unknown(content: dict[str, Any], kind: str) -> Content:
    made = _parts(content)
    if not made.text and not made.assets:
        plain = next((text for name in ("text", "result", "content") if (text := text_of(content.get(name)))), "")
        made.text = plain or (shown_json(content) if set(content) - {"content_type"} else "")
    made.unknown = kind or "no kind" if made.text or made.assets else ""
    return made


_KINDS: Final[dict[str, Callable[[dict[str, Any]], Content]]] = {
    "text": _parts,
    "multimodal_text": _parts,
    "code": _code,
    "execution_output": _output,
    "thoughts": _thoughts,
    "reasoning_recap": _recap,
    "user_editable_context": _context,
    "model_editable_context": _context,
    "tether_quote": _quote,
    "sonic_webpage": _quote,
    "tether_browsing_display": _display,
    "system_error": _error,
}
