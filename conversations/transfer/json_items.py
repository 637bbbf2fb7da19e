"""Values of a JSON file of any size, one at a time: each element of the outermost list, or the one outermost object.

Built from the parser's events and not by its own builder, for two reasons: what one value may take in memory is
bounded, and a name that stands twice in one object is noticed (JSON doesn't say what that means; the last one counts).
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zipfile import BadZipFile

import ijson

from conversations.exceptions import DamagedTransferError
from conversations.transfer.limits import ImportLimits
from conversations.transfer.streams import CleanStream, Readable

_OPENING: Final = {"start_map", "start_array"}
_CLOSING: Final = {"end_map", "end_array"}
_EACH: Final = 110
"""Bytes a value takes in Python beside its characters, about: an object, its place in a list or dict, its key."""
_MOST_DOUBLE: Final = 20


@dataclass(frozen=True, slots=True)
class Item:
    """``value`` is None where ``is_too_large``; ``title`` is then what was read of it before."""

    value: Any
    is_too_large: bool = False
    title: str = ""
    doubles: tuple[str, ...] = ()
    """Names that stood twice in one object."""


def read_items(source: Readable, limits: ImportLimits) -> Iterator[Item]:
    """Raises DamagedTransferError where the JSON ends early or is none, OversizedTransferError past a limit."""
    stream = CleanStream(source, whole=limits.unpacked, value=limits.value)
    with plain_errors():
        events = ijson.basic_parse(stream, buf_size=65536)
        kind, value = next(events)
        if kind == "start_array":
            yield from _elements(events, stream, limits)
        else:
            builder = _Builder(limits)
            builder.take(kind, value)
            while builder.depth:
                builder.take(*next(events))
                stream.waiting = 0
            yield builder.item()
            for _ in events:  # what follows the value is checked too
                stream.waiting = 0


def _elements(events: Iterator[tuple[str, Any]], stream: CleanStream, limits: ImportLimits) -> Iterator[Item]:
    builder = _Builder(limits)
    take = builder.take
    for kind, value in events:
        stream.waiting = 0
        if not builder.depth and kind == "end_array":
            continue
        take(kind, value)
        if not builder.depth:
            yield builder.item()
            builder = _Builder(limits)
            take = builder.take


@contextmanager
def plain_errors() -> Iterator[None]:
    """The parsers' and unpackers' errors as ours."""
    try:
        yield
    except ijson.JSONError as error:
        raise DamagedTransferError(_sentence(error)) from error
    except UnicodeDecodeError as error:
        raise DamagedTransferError("This file isn't in UTF-8, which JSON has to be in.") from error
    except (SystemError, ValueError, InvalidOperation) as error:  # the parser's, for numbers of thousands of digits
        raise DamagedTransferError("This file holds a number that is none.") from error
    except (BadZipFile, zlib.error, EOFError) as error:
        raise DamagedTransferError("This archive is damaged: what is in it can't be unpacked.") from error


def _sentence(error: ijson.JSONError) -> str:
    said = str(error)
    if "premature EOF" in said or "ncomplete" in said:
        return "This file ends in the middle: it was cut off. Export or download it again."
    if "UTF8" in said:
        return "This file isn't in UTF-8, which JSON has to be in."
    return "This file is no proper JSON. Export or download it again."


class _Builder:
    """Puts one value together; ``depth`` is 0 once it is whole."""

    def __init__(self, limits: ImportLimits) -> None:
        self.depth = 0
        self._limits = limits
        self._root: Any = None
        self._stack: list[Any] = []
        self._names: list[str] = []
        self._cost = 0
        self._is_too_large = False
        self._title = ""
        self._doubles: list[str] = []

    def item(self) -> Item:
        if self._is_too_large:
            return Item(None, is_too_large=True, title=self._title)
        return Item(self._root, doubles=tuple(self._doubles))

    def take(self, kind: str, value: Any) -> None:
        if kind in _OPENING:
            self.depth += 1
            if self.depth > self._limits.depth:
                raise DamagedTransferError("This file's JSON nests deeper than any conversation does.")
        elif kind in _CLOSING:
            self.depth -= 1
        if not self._is_too_large:
            self._build(kind, value)

    def _build(self, kind: str, value: Any) -> None:
        if kind == "map_key":
            self._name(value)
        elif kind in _CLOSING:
            if isinstance(self._stack.pop(), dict):
                self._names.pop()
        elif kind == "start_map":
            self._open({})
            self._names.append("")
        elif kind == "start_array":
            self._open([])
        else:
            self._put(float(value) if isinstance(value, Decimal) else value)
        if self._cost > self._limits.conversation:
            self._drop()

    def _name(self, name: str) -> None:
        self._names[-1] = name
        self._cost += len(name)
        if name in self._stack[-1] and len(self._doubles) < _MOST_DOUBLE:
            self._doubles.append(name)

    def _open(self, container: Any) -> None:
        self._put(container)
        self._stack.append(container)

    def _put(self, value: Any) -> None:
        self._cost += _EACH + (value.__sizeof__() if isinstance(value, str) else 0)
        if not self._stack:
            self._root = value
            return
        parent = self._stack[-1]
        if isinstance(parent, dict):
            parent[self._names[-1]] = value
        else:
            parent.append(value)

    def _drop(self) -> None:
        title = self._root.get("title") if isinstance(self._root, dict) else None
        self._title = title if isinstance(title, str) else ""
        self._is_too_large = True
        self._root = None
        self._stack.clear()
        self._names.clear()
