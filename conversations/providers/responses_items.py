"""The output items of one Responses answer, as far as they are known: which one an event speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.providers.payloads import string


@dataclass(eq=False)
class OutputItem:
    """``type`` as the API names it. ``texts`` holds the pieces of each of its texts, by name and number."""

    type: str
    texts: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)
    """Where in the answer's text each of its parts begins."""
    reasoning_form: str = ""
    """Which of its two texts of reasoning is shown: "summary" or "content"."""
    call_index: int | None = None
    call_id: str = ""
    own_id: str = ""
    name: str = ""
    has_begun: bool = False
    status: str = ""
    phase: str = ""
    kept: Mapping[str, object] | None = None

    @property
    def is_call(self) -> bool:
        return self.type in {"function_call", "custom_tool_call"}

    def rest_of(self, text: str, number: int, whole: str) -> str:
        """What the pieces so far lack of the whole; nothing where they say something else: it is shown already."""
        so_far = "".join(self.texts.get((text, number), ()))
        return whole[len(so_far) :] if whole.startswith(so_far) else ""


class ItemRegister:
    """Finds items by id and by place. Neither is reliable: some servers change ids from event to event, some number
    all items alike, and some leave items out of the final list. Only items of the same type are taken for the same.
    """

    def __init__(self) -> None:
        self.items: list[OutputItem] = []
        self._by_id: dict[tuple[str, str], OutputItem] = {}
        self._by_place: dict[tuple[str, int], OutputItem] = {}

    def find(self, kind: str, item_id: Any, place: Any) -> OutputItem:
        """The item of an event, a new one if none fits. Events without id and place mean the last item of the type."""
        name = string(item_id)
        item = self._known(kind, name, place)
        if item is None and not name and not isinstance(place, int):
            item = next((item for item in reversed(self.items) if item.type == kind), None)
        return self._noted(item or self._new(kind), name, place)

    def begin(self, kind: str, value: dict[str, Any], place: Any) -> OutputItem:
        """The item that an event announces: a new one, unless it is announced again or was spoken of before."""
        name = string(value.get("id"))
        item = self._known(kind, name, place)
        if item is None or (item.has_begun and not self._is_same(item, name, value)):
            item = self._new(kind)
            if name:
                self._by_id[kind, name] = item
            if isinstance(place, int):
                self._by_place[kind, place] = item
        item.has_begun = True
        return self._noted(item, name, place)

    def _is_same(self, item: OutputItem, name: str, value: dict[str, Any]) -> bool:
        call_id = string(value.get("call_id"))
        return bool(name) and self._by_id.get((item.type, name)) is item and item.call_id in {"", call_id}

    def matched(self, values: list[dict[str, Any]]) -> list[tuple[OutputItem, dict[str, Any]]]:
        """The items of the final list, each with the one that was streamed, if there was one."""
        taken: set[int] = set()
        pairs: list[tuple[OutputItem, dict[str, Any]]] = []
        for place, value in enumerate(values):
            kind = string(value.get("type"))
            left = [item for item in self.items if item.type == kind and id(item) not in taken]
            called = [item for item in left if item.call_id and item.call_id == value.get("call_id")]
            known = self._known(kind, string(value.get("id")), place)
            item = next(iter(called or [item for item in left if item is known] or left), None) or self._new(kind)
            taken.add(id(item))
            pairs.append((item, value))
        return pairs

    def _known(self, kind: str, name: str, place: Any) -> OutputItem | None:
        by_place = self._by_place.get((kind, place)) if isinstance(place, int) else None
        return self._by_id.get((kind, name)) or by_place

    def _new(self, kind: str) -> OutputItem:
        item = OutputItem(kind)
        if item.is_call:
            item.call_index = sum(other.is_call for other in self.items)
        self.items.append(item)
        return item

    def _noted(self, item: OutputItem, name: str, place: Any) -> OutputItem:
        if name:
            self._by_id.setdefault((item.type, name), item)
        if isinstance(place, int):
            self._by_place.setdefault((item.type, place), item)
        return item
