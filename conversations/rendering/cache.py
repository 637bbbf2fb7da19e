"""What the parts of a growing block gave, so that they are not parsed or highlighted again at each tick."""

from typing import Generic, TypeVar

from markdown_it.token import Token

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """A mapping that forgets, at each ``turn``, what was not used since the one before."""

    def __init__(self) -> None:
        self._now: dict[Key, Value] = {}
        self._before: dict[Key, Value] = {}

    def turn(self) -> None:
        self._before, self._now = self._now, {}

    def get(self, key: Key) -> Value | None:
        value = self._now.get(key)
        if value is None and (value := self._before.get(key)) is not None:
            self._now[key] = value
        return value

    def __setitem__(self, key: Key, value: Value) -> None:
        self._now[key] = value


class Cache:
    """Paragraphs by their text (those that no link definition can change) and figures by info string and code."""

    def __init__(self) -> None:
        self.inlines: Kept[str, list[Token]] = Kept()
        self.figures: Kept[tuple[str, str], str] = Kept()

    def turn(self) -> None:
        self.inlines.turn()
        self.figures.turn()
