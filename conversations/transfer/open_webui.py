"""Open WebUI's export of chats: a list of {"id", "title", "chat", "folder_id", "pinned", "archived", "created_at",
"updated_at" (seconds), "meta": {"tags"}}.

"chat" is {"title", "models", "system", "params", "history": {"messages": {id: message}, "currentId"}, "messages"};
older files have no wrapper around it, the oldest only the list "messages". A message has "parentId", "childrenIds",
"role", "content", "timestamp" (seconds), "model", "files", "sources", "error", "done", "usage".
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from conversations.exceptions import DamagedTransferError
from conversations.transfer.drafts import Draft, plant
from conversations.transfer.foreign import ForeignSource, begun, ended, key_of, note, titled
from conversations.transfer.open_webui_details import take_apart
from conversations.transfer.pictures import picture_at, web_address
from conversations.transfer.records import ConversationRecord, RunRecord
from conversations.transfer.texts import clean, one_line, shown_json, text_of
from conversations.transfer.times import time_of
from conversations.transfer.values import count_of, dict_of, list_of, str_of

_TOKENS: Final = (
    ("prompt_tokens", "completion_tokens"),
    ("input_tokens", "output_tokens"),
    ("prompt_eval_count", "eval_count"),
)


class OpenWebUiSource(ForeignSource):
    format: ClassVar[str] = "open_webui"
    label: ClassVar[str] = "Open WebUI"

    def convert(self, value: dict[str, Any]) -> tuple[ConversationRecord, list[str]]:
        chat = dict_of(value.get("chat")) or value
        reader = _Chat(chat)
        drafts = reader.drafts()
        begun_at = begun(value.get("created_at") or chat.get("timestamp"), drafts, self.seen_at)
        planted = plant(drafts, reader.selected, begun_at, reader.claimed)
        said = str_of(value.get("title")) or str_of(chat.get("title"))
        models = [one_line(model, 100) for model in list_of(chat.get("models"))]
        tags = list_of(dict_of(value.get("meta")).get("tags")) or list_of(chat.get("tags"))
        said_before = (text_of(dict_of(chat.get("params")).get("system")), text_of(chat.get("system")))
        record = ConversationRecord(
            key=key_of(value.get("id"), chat.get("id"), reader.selected, *(draft.key for draft in drafts)),
            title=titled(said, planted),
            has_own_title=bool(said.strip()),
            created_at=begun_at,
            active_at=ended(value.get("updated_at"), planted, begun_at),
            messages=planted.messages,
            selected=planted.selected,
            is_pinned=value.get("pinned") is True,
            is_archived=value.get("archived") is True,
            tags=tuple(dict.fromkeys(name for name in map(_tag, tags) if name)),
            model=next((model for model in models if model), ""),
            system_text="\n\n".join(
                dict.fromkeys(text for text in (*said_before, *reader.instructions) if text.strip())
            ),
            source=self.format,
        )
        folder = ["The folder it was in isn't named in the file."] if value.get("folder_id") else []
        return record, [*planted.notes, *reader.notes(), *folder]


def _tag(value: Any) -> str:
    return one_line(value if isinstance(value, str) else dict_of(value).get("name"), 60)


class _Chat:
    """One chat on its way to drafts, and what has to be said about it."""

    def __init__(self, chat: dict[str, Any]) -> None:
        self._settings = sorted(set(dict_of(chat.get("params"))) - {"system"})
        self.instructions: list[str] = []
        self._lost_pictures = 0
        self._roles: set[str] = set()
        history = dict_of(chat.get("history"))
        known = dict_of(history.get("messages"))
        self.selected = str_of(history.get("currentId"))
        self.claimed = dict(_children(known))
        self._nodes = [(key, dict_of(node)) for key, node in known.items()]
        if not self._nodes:
            self._nodes = _chain(list_of(chat.get("messages")))
        if not self._nodes and not isinstance(chat.get("messages"), list) and not history:
            raise DamagedTransferError("It has no messages: “history” is missing.")

    def drafts(self) -> list[Draft]:
        return [self._draft(key, node) for key, node in self._nodes]

    def notes(self) -> list[str]:
        roles = [f"Messages of the role “{role}” are shown as answers." for role in sorted(self._roles)[:5]]
        lost = note(self._lost_pictures, "1 picture isn't in the file.", "{} pictures aren't in the file.")
        names = ", ".join(one_line(name, 40) for name in self._settings[:10])
        settings = [f"Its settings aren't taken over: {names}."] if names else []
        return [*roles, *lost, *settings]

    def _draft(self, key: str, node: dict[str, Any]) -> Draft:
        role = str_of(node.get("role"))
        draft = Draft(key, str_of(node.get("parentId")) or None, role="user" if role == "user" else "assistant")
        draft.created_at = time_of(node.get("timestamp"))
        texts = list(self._contents(draft, node.get("content")))
        if role == "system" and not draft.parent:
            self.instructions += texts
            return draft
        if draft.role == "assistant":
            texts, draft.reasoning = _apart(texts)
            draft.reasoning = draft.reasoning or text_of(node.get("reasoning_content"))
            draft.model_name = one_line(node.get("model") or node.get("modelName"), 100) if role == "assistant" else ""
            draft.citations = list(_citations(node))
            self._end(draft, node)
        texts += self._files(draft, node)
        if role not in ("user", "assistant"):
            self._roles.add(one_line(role, 60) or "none")
            texts[:0] = [f"*{one_line(role, 60)}:*"] if role and any(texts) else []
        draft.text = "\n\n".join(text for text in texts if text.strip())
        if draft.text or draft.reasoning or draft.images or draft.runs:
            draft.kind = "message"
        return draft

    def _contents(self, draft: Draft, content: Any) -> Iterator[str]:
        """The texts of a content, which is one or a list of parts."""
        if isinstance(content, str):
            yield text_of(content)
        for part in list_of(content):
            given = dict_of(part)
            if given.get("type") == "image_url":
                yield self._picture(draft, str_of(dict_of(given.get("image_url")).get("url")), "")
            elif isinstance(given.get("text"), str):
                yield text_of(given["text"])
            else:
                yield text_of(part) if isinstance(part, str) else shown_json(part)

    def _files(self, draft: Draft, node: dict[str, Any]) -> list[str]:
        lines = []
        for file in map(dict_of, list_of(node.get("files"))):
            inner = dict_of(file.get("file"))
            name = one_line(file.get("name") or inner.get("filename"), 200)
            is_picture = file.get("type") == "image" or str_of(file.get("content_type")).startswith("image/")
            if is_picture:
                lines.append(self._picture(draft, str_of(file.get("url")), name))
            else:
                lines.append(f"*File: {name or 'without a name'}*")
                lines.append(text_of(dict_of(inner.get("data")).get("content")))
        return lines

    def _picture(self, draft: Draft, address: str, name: str) -> str:
        picture = picture_at(address, name)
        self._lost_pictures += picture is None
        return draft.place(picture, name or ("" if address.startswith("data:") else one_line(address, 100)))

    def _end(self, draft: Draft, node: dict[str, Any]) -> None:
        """How the answer ended, and what it used."""
        error = node.get("error")
        given = dict_of(error).get("content") or dict_of(error).get("message") or error
        sentence = one_line(given if isinstance(given, str) else "", 500)
        if error:
            draft.status = "failed"
        elif node.get("done") is False:
            draft.status = "interrupted"
        usage = dict_of(node.get("usage")) or dict_of(node.get("info"))
        tokens = next(((usage[a], usage[b]) for a, b in _TOKENS if a in usage and b in usage), (None, None))
        counts = [count_of(value) for value in tokens]
        if error or any(counts):
            draft.runs = [
                RunRecord(
                    status=draft.status,
                    model=draft.model_name,
                    error_message=(sentence or "The answer failed.") if error else "",
                    error_detail=clean(given) if isinstance(given, str) and len(given) > 500 else "",
                    input_tokens=counts[0],
                    output_tokens=counts[1],
                    finished_at=draft.created_at,
                )
            ]


def _apart(texts: list[str]) -> tuple[list[str], str]:
    pairs = [take_apart(text) for text in texts]
    return [text for text, _ in pairs], "\n\n".join(reasoning for _, reasoning in pairs if reasoning)


def _children(known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, node in known.items():
        for child in list_of(dict_of(node).get("childrenIds")):
            if isinstance(child, str) and child != key:
                yield child, key


def _chain(messages: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    """A list without a tree: each message follows the one before, unless it names another."""
    nodes: list[tuple[str, dict[str, Any]]] = []
    for number, message in enumerate(map(dict_of, messages), 1):
        before = nodes[-1][0] if nodes else None
        nodes.append((str_of(message.get("id")) or f"message-{number}", {"parentId": before, **message}))
    return nodes


def _citations(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each page of the web that was used, once."""
    seen = set()
    for source in map(dict_of, [*list_of(node.get("sources")), *list_of(node.get("citations"))]):
        about = dict_of(source.get("source"))
        pages = [(str_of(about.get("url")), about.get("name"))]
        pages += [(str_of(dict_of(m).get("source")), dict_of(m).get("title")) for m in list_of(source.get("metadata"))]
        for url, title in pages:
            if web_address(url) and url not in seen:
                seen.add(url)
                yield {"url": url, "title": one_line(title, 300), "start": None, "end": None}
