"""Reading the JSON of our own archive: each value has to be what the format says, and of a length tables hold."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn, TypeVar

from conversations.exceptions import DamagedTransferError
from conversations.transfer.texts import clean, clean_json
from conversations.transfer.values import count_of

T = TypeVar("T")


class Fields:
    """One object of the file. A name that is missing has its default; raises DamagedTransferError for a wrong value."""

    def __init__(self, value: Any, what: str) -> None:
        if not isinstance(value, dict):
            raise DamagedTransferError(f"It holds {what} that is no object.")
        self._value = value
        self._what = what

    def _get(self, name: str, kind: type[T], default: T) -> T:
        value = self._value.get(name)
        if value is None:
            return default
        if not isinstance(value, kind):
            self.refuse(name)
        return value

    def refuse(self, name: str) -> NoReturn:
        raise DamagedTransferError(f"It holds {self._what} whose “{name}” can't be used.")

    def text(self, name: str, length: int = 0) -> str:
        """Cut at ``length`` characters, which our own exports never pass; 0 means unlimited."""
        text = clean(self._get(name, str, ""))
        return text[:length] if length else text

    def required(self, name: str, length: int) -> str:
        text = self.text(name, length)
        if not text:
            self.refuse(name)
        return text

    def one_of(self, name: str, known: tuple[str, ...], default: str) -> str:
        text = self.text(name) or default
        if text not in known:
            self.refuse(name)
        return text

    def flag(self, name: str) -> bool:
        return self._get(name, bool, False)

    def count(self, name: str) -> int | None:
        value = self._value.get(name)
        number = count_of(value)
        if number is None and value is not None:
            self.refuse(name)
        return number

    def time(self, name: str) -> datetime | None:
        text = self.text(name, 40)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                self.refuse(name)
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.refuse(name)

    def required_time(self, name: str) -> datetime:
        moment = self.time(name)
        if moment is None:
            self.refuse(name)
        return moment

    def money(self, name: str) -> str | None:
        """At most 6 digits before the point and 8 after it."""
        text = self._get(name, str, "")
        if not text:
            return None
        try:
            amount = Decimal(text)
            if not amount.is_finite() or not 0 <= amount < 1_000_000:
                self.refuse(name)
            return str(amount.quantize(Decimal("0.00000001")))
        except InvalidOperation:
            self.refuse(name)

    def mapping(self, name: str) -> dict[str, Any]:
        made: dict[str, Any] = clean_json(self._get(name, dict, {}))
        return made

    def values(self, name: str) -> list[Any]:
        made: list[Any] = clean_json(self._get(name, list, []))
        return made

    def each(self, name: str, read: Callable[[Any], T]) -> list[T]:
        return [read(value) for value in self._get(name, list, [])]

    def texts(self, name: str, length: int) -> tuple[str, ...]:
        values = self._get(name, list, [])
        if not all(isinstance(value, str) for value in values):
            self.refuse(name)
        return tuple(clean(value)[:length] for value in values if value.strip())
