"""ChatGPT's data export: a zip with ``conversations.json`` (or ``conversations-000.json``, …), pictures; or bare.

A list of conversations: {"title", "create_time", "update_time" (seconds), "mapping": {id: {"id", "parent", "children",
"message"}}, "current_node", "conversation_id" or "id", "is_archived", "is_starred"}. A message has "author": {"role",
"name"}, "content", "create_time", "status", "recipient" and "metadata" ("model_slug", "attachments",
"is_visually_hidden_from_conversation"). The root has no message. What tools were asked and what they said stands in
messages of their own: here it becomes text of answers, for it can't be sent to another model as calls.
"""

import re
from collections import Counter
from typing import Any, ClassVar, Final

from conversations.exceptions import DamagedTransferError
from conversations.transfer.chatgpt_contents import CONTEXTS, PRELUDES, Content, asset_id, content_of
from conversations.transfer.drafts import Draft, plant
from conversations.transfer.foreign import ForeignSource, begun, ended, key_of, note, titled
from conversations.transfer.records import ConversationRecord, ImageRecord
from conversations.transfer.texts import one_line
from conversations.transfer.times import time_of
from conversations.transfer.values import dict_of, list_of, str_of

JSON_FILE: Final = re.compile(r"(?:.*/)?conversations(?:-\d{1,6})?\.json")
_STATUSES: Final = {"in_progress": "interrupted", "finished_partial_completion": "stopped"}
_ROLES: Final = {"user", "assistant", "tool", "system"}


class ChatGptSource(ForeignSource):
    format: ClassVar[str] = "chatgpt"
    label: ClassVar[str] = "ChatGPT"

    def convert(self, value: dict[str, Any]) -> tuple[ConversationRecord, list[str]]:
        mapping = value.get("mapping")
        if not isinstance(mapping, dict):
            raise DamagedTransferError("It has no messages: “mapping” is missing.")
        reader = _Conversation(mapping, self._pictures())
        drafts = reader.drafts()
        begun_at = begun(value.get("create_time"), drafts, self.seen_at)
        planted = plant(drafts, str_of(value.get("current_node")), begun_at, reader.claimed())
        record = ConversationRecord(
            key=key_of(value.get("conversation_id"), value.get("id"), value.get("current_node"), *mapping),
            title=titled(value.get("title"), planted),
            has_own_title=bool(str_of(value.get("title")).strip()),
            created_at=begun_at,
            active_at=ended(value.get("update_time"), planted, begun_at),
            messages=planted.messages,
            selected=planted.selected,
            is_pinned=value.get("is_starred") is True or value.get("pinned_time") is not None,
            is_archived=value.get("is_archived") is True,
            model=one_line(value.get("default_model_slug"), 100),
            system_text="\n\n".join(reader.instructions),
            source=self.format,
        )
        return record, [*planted.notes, *reader.notes()]

    def _pictures(self) -> dict[str, str]:
        """Names in the archive by the ids that messages point to."""
        names = self._archive.names if self._archive else []
        return {found: name for name in names if (found := asset_id(name))}


class _Conversation:
    """One ``mapping`` on its way to drafts, and what has to be said about it."""

    def __init__(self, mapping: dict[str, Any], pictures: dict[str, str]) -> None:
        self.instructions: list[str] = []
        self._mapping = mapping
        self._pictures = pictures
        self._hidden = self._lost_pictures = 0
        self._unknown: Counter[str] = Counter()
        self._roles: Counter[str] = Counter()

    def drafts(self) -> list[Draft]:
        return [self._draft(key, dict_of(node)) for key, node in self._mapping.items()]

    def claimed(self) -> dict[str, str]:
        """Each child by whoever lists it."""
        return {
            child: key
            for key, node in self._mapping.items()
            for child in list_of(dict_of(node).get("children"))
            if isinstance(child, str) and child != key
        }

    def notes(self) -> list[str]:
        kinds = [f"Content of the kind “{kind}” isn't known here; it is shown as it is." for kind in self._unknown]
        roles = [f"Messages of the role “{role}” are shown as answers." for role in self._roles]
        hidden = note(
            self._hidden, "1 message that ChatGPT hides was left out.", "{} messages that ChatGPT hides were left out."
        )
        lost = note(self._lost_pictures, "1 picture isn't in the file.", "{} pictures aren't in the file.")
        return [*kinds[:5], *roles[:5], *hidden, *lost]

    def _draft(self, key: str, node: dict[str, Any]) -> Draft:
        message = dict_of(node.get("message"))
        draft = Draft(key, str_of(node.get("parent")) or None)
        if not message:
            return draft
        content = content_of(message)
        kind = str_of(dict_of(message.get("content")).get("content_type"))
        metadata = dict_of(message.get("metadata"))
        role = str_of(dict_of(message.get("author")).get("role"))
        if kind in CONTEXTS or (role == "system" and self._is_at_top(node)):
            if content.text.strip():
                self.instructions.append(content.text)
        elif metadata.get("is_visually_hidden_from_conversation") is True:
            self._hidden += bool(content.text.strip() or content.assets)
        elif kind in PRELUDES:
            draft.kind, draft.reasoning = ("prelude" if content.text.strip() else "structural"), content.text
            draft.created_at = time_of(message.get("create_time"))
        else:
            self._fill(draft, message, content, role)
        return draft

    def _is_at_top(self, node: dict[str, Any]) -> bool:
        """Whether nobody has said anything yet."""
        for _ in range(20):
            node = dict_of(self._mapping.get(str_of(node.get("parent"))))
            role = dict_of(dict_of(node.get("message")).get("author")).get("role")
            if not node or role not in (None, "system"):
                break
        return not node

    def _fill(self, draft: Draft, message: dict[str, Any], content: Content, role: str) -> None:
        metadata = dict_of(message.get("metadata"))
        draft.role = "user" if role == "user" else "assistant"
        draft.created_at = time_of(message.get("create_time"))
        draft.status = "complete" if draft.role == "user" else _STATUSES.get(str_of(message.get("status")), "complete")
        draft.model_name = one_line(metadata.get("model_slug"), 100) if role == "assistant" else ""
        texts = [*self._heads(message, role, content), content.text, *self._place_pictures(draft, content, metadata)]
        draft.text = "\n\n".join(text for text in texts if text.strip())
        if draft.text or draft.images:
            draft.kind = "message"
            if content.unknown:
                self._unknown[one_line(content.unknown, 60)] += 1

    def _heads(self, message: dict[str, Any], role: str, content: Content) -> list[str]:
        """Who speaks, where it is neither the person nor the model to the person."""
        if role in ("user", "assistant"):
            recipient = one_line(message.get("recipient"), 60)
            is_call = role == "assistant" and recipient not in ("", "all")
            return [f"*To {recipient}:*"] if is_call and content.text.strip() else []
        if role not in _ROLES:
            self._roles[one_line(role, 60) or "none"] += 1
        name = one_line(dict_of(message.get("author")).get("name"), 60) or one_line(role, 60)
        return [f"*{name}:*"] if name and (content.text.strip() or content.assets) else []

    def _place_pictures(self, draft: Draft, content: Content, metadata: dict[str, Any]) -> list[str]:
        """Lay the pictures into the draft; the lines that tell of what isn't there, or can't be shown."""
        attached = {str_of(each.get("id")): each for each in map(dict_of, list_of(metadata.get("attachments")))}
        lines = []
        for asset in content.assets:
            name = one_line(attached.get(asset, {}).get("name"), 200) or asset
            file = self._pictures.get(asset, "")
            self._lost_pictures += not file
            lines.append(draft.place(ImageRecord(file=file, name=name) if file else None, name))
        others = [one_line(each.get("name"), 200) for key, each in attached.items() if key not in content.assets]
        return lines + [f"*File: {name}*" for name in others if name]
