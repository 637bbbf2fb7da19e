"""LibreChat's export of one conversation: {"conversationId", "endpoint", "title", "options", "branches", "recursive"}
and "messages", or "messagesTree" where each message holds its "children". Several files may come in one zip.

A message has "messageId", "parentMessageId" (a first one: zeros only), "sender", "isCreatedByUser", "text" or "content"
(a list of parts), "createdAt" (ISO 8601), "model", "error", "unfinished", "files". The pictures themselves are never in
the file.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from conversations.exceptions import DamagedTransferError
from conversations.transfer.drafts import Draft, plant
from conversations.transfer.foreign import ForeignSource, begun, ended, key_of, note, titled
from conversations.transfer.pictures import picture_at
from conversations.transfer.records import ConversationRecord, RunRecord
from conversations.transfer.texts import clean, fenced, one_line, shown_json, text_of
from conversations.transfer.times import time_of
from conversations.transfer.values import dict_of, list_of, str_of

_NO_PARENT: Final = "00000000-0000-0000-0000-000000000000"
_SYSTEM_TEXTS: Final = ("promptPrefix", "system", "instructions", "additional_instructions")
_NO_SETTINGS: Final = {
    "presetId",
    "conversationId",
    "endpoint",
    "endpointType",
    "model",
    "title",
    "chatGptLabel",
    "modelLabel",
}


class LibreChatSource(ForeignSource):
    format: ClassVar[str] = "librechat"
    label: ClassVar[str] = "LibreChat"

    def convert(self, value: dict[str, Any]) -> tuple[ConversationRecord, list[str]]:
        messages = value.get("messagesTree", value.get("messages"))
        if not isinstance(messages, list):
            raise DamagedTransferError("It has no messages: “messages” is missing.")
        options = dict_of(value.get("options"))
        reader = _Conversation()
        drafts = reader.drafts(messages)
        begun_at = begun(value.get("createdAt"), drafts, self.seen_at)
        planted = plant(drafts, None, begun_at)
        texts = [text_of(options.get(name)) for name in _SYSTEM_TEXTS]
        record = ConversationRecord(
            key=key_of(value.get("conversationId"), *(draft.key for draft in drafts)),
            title=titled(value.get("title"), planted),
            has_own_title=bool(str_of(value.get("title")).strip()),
            created_at=begun_at,
            active_at=ended(value.get("updatedAt"), planted, begun_at),
            messages=planted.messages,
            selected=planted.selected,
            tags=tuple(dict.fromkeys(one_line(tag, 60) for tag in list_of(value.get("tags")) if one_line(tag, 60))),
            model=one_line(options.get("model"), 100),
            system_text="\n\n".join(text for text in texts if text.strip()),
            source=self.format,
        )
        return record, [*planted.notes, *reader.notes(), *_settings(options)]


def _settings(options: dict[str, Any]) -> list[str]:
    left = [name for name, value in options.items() if value not in (None, "", [], {})]
    names = [one_line(name, 40) for name in left if name not in _NO_SETTINGS and name not in _SYSTEM_TEXTS]
    return [f"Its settings aren't taken over: {', '.join(sorted(names)[:10])}."] if names else []


class _Conversation:
    """Messages on their way to drafts, and what has to be said about them."""

    def __init__(self) -> None:
        self._lost_pictures = 0
        self._unknown: set[str] = set()

    def drafts(self, messages: list[Any]) -> list[Draft]:
        return [self._draft(number, message, parent) for number, (message, parent) in enumerate(_flat(messages), 1)]

    def notes(self) -> list[str]:
        kinds = [
            f"Content of the kind “{kind}” isn't known here; it is shown as it is." for kind in sorted(self._unknown)
        ]
        return [
            *kinds[:5],
            *note(self._lost_pictures, "1 picture isn't in the file.", "{} pictures aren't in the file."),
        ]

    def _draft(self, number: int, message: dict[str, Any], parent: str | None) -> Draft:
        is_person = message.get("isCreatedByUser") is True
        draft = Draft(_key(message, number), parent, role="user" if is_person else "assistant")
        draft.created_at = time_of(message.get("createdAt")) or time_of(message.get("updatedAt"))
        texts = [text for part in list_of(message.get("content")) for text in self._part(draft, part)]
        if not any(text.strip() for text in texts):
            texts = [text_of(message.get("text"))]
        if not is_person:
            sender = one_line(message.get("sender"), 100)
            draft.model_name = one_line(message.get("model"), 100) or sender
            draft.status = "interrupted" if message.get("unfinished") is True else "complete"
        if message.get("error") is True:
            _fail(draft, "\n\n".join(text for text in texts if text))
            texts = []
        texts += self._files(draft, message)
        draft.text = "\n\n".join(text for text in texts if text.strip())
        if draft.text or draft.reasoning or draft.images or draft.runs:
            draft.kind = "message"
        return draft

    def _part(self, draft: Draft, part: Any) -> Iterator[str]:
        """The texts of one content part; its thinking goes to the draft."""
        given = dict_of(part)
        kind = str_of(given.get("type"))
        if kind == "think":
            draft.reasoning = "\n\n".join(text for text in (draft.reasoning, _value(given.get("think"))) if text)
        elif kind == "text" or isinstance(part, str):
            yield _value(part if isinstance(part, str) else given.get("text"))
        elif kind == "tool_call":
            yield _call(dict_of(given.get("tool_call")))
        elif kind in ("image_file", "image_url"):
            image = dict_of(given.get(kind))
            yield self._picture(draft, str_of(image.get("url")) or str_of(image.get("filepath")), image.get("filename"))
        elif kind == "error":
            _fail(draft, _value(given.get("error")) or _value(given.get("text")))
        elif given:
            self._unknown.add(one_line(kind, 60) or "none")
            yield shown_json(given)

    def _files(self, draft: Draft, message: dict[str, Any]) -> list[str]:
        lines = []
        for file in map(dict_of, [*list_of(message.get("files")), *list_of(message.get("attachments"))]):
            name = one_line(file.get("filename"), 200)
            if str_of(file.get("type")).startswith("image/") or file.get("width"):
                lines.append(self._picture(draft, str_of(file.get("filepath")), name))
            elif name:
                lines.append(f"*File: {name}*")
        return lines

    def _picture(self, draft: Draft, address: str, name: Any) -> str:
        shown = one_line(name, 200)
        picture = picture_at(address, shown)
        self._lost_pictures += picture is None
        return draft.place(picture, shown)


def _flat(messages: list[Any]) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Each message with its parent's key, parents first; what nests is taken apart without recursion."""
    waiting: list[tuple[Any, str | None]] = [(message, None) for message in reversed(messages)]
    before: str | None = None
    number = 0
    while waiting:
        given, outer = waiting.pop()
        message = dict_of(given)
        if not message:
            continue
        number += 1
        named = message.get("parentMessageId", outer or before)
        parent = outer or (named if isinstance(named, str) and named != _NO_PARENT else None)
        yield message, parent
        before = _key(message, number)
        waiting += [(child, before) for child in reversed(list_of(message.get("children")))]


def _key(message: dict[str, Any], number: int) -> str:
    return str_of(message.get("messageId")) or f"message-{number}"


def _fail(draft: Draft, sentence: str) -> None:
    draft.status = "failed"
    draft.runs = [
        RunRecord(
            status="failed",
            model=draft.model_name,
            error_message=one_line(sentence, 500) or "The answer failed.",
            error_detail=sentence if len(sentence) > 500 else "",
            finished_at=draft.created_at,
        )
    ]


def _value(value: Any) -> str:
    """A text, or the text in {"value": …}."""
    return text_of(dict_of(value).get("value") if isinstance(value, dict) else value)


def _call(call: dict[str, Any]) -> str:
    function = dict_of(call.get("function"))
    name = one_line(call.get("name") or function.get("name"), 100)
    asked = call.get("args", function.get("arguments"))
    given = _value(call.get("output") or function.get("output"))
    parts = [
        f"*To {name}:*" if name else "",
        fenced(clean(asked), "json") if isinstance(asked, str) and asked else shown_json(asked) if asked else "",
        "*Result:*\n\n" + fenced(given) if given.strip() else "",
    ]
    return "\n\n".join(part for part in parts if part)
