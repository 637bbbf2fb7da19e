"""JSON as a tree for reading: names and values in order, bounded in size."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

MOST_CHARACTERS: Final = 60_000
MOST_NODES: Final = 800
MOST_DEPTH: Final = 24
OPEN_TO: Final = 3
"""Levels that stand open at first; deeper ones are folded, and so is what has many parts."""
OPEN_PARTS: Final = 20
TOO_LARGE: Final = "It is too large to be shown as a tree."


@dataclass(frozen=True)
class Node:
    """``kind`` is object, list, string, number or word (true, false, null); containers have parts, others a text."""

    name: str
    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()
    is_open: bool = True

    @property
    def count(self) -> str:
        """How many parts it has, in words."""
        word = "item" if self.kind == "list" else "field"
        return f"{len(self.parts)} {word}{'' if len(self.parts) == 1 else 's'}"


@dataclass(frozen=True)
class Tree:
    """``parts`` of a value that has some; else ``problem`` says in words why there is no tree."""

    parts: tuple[Node, ...] = ()
    problem: str = ""


class _Number(str):
    """As it was written: a float would lose digits."""

    __slots__ = ()


class _Fields(list[tuple[str, Any]]):
    """An object with all its keys, also those that stand there twice."""


class _TooLargeError(Exception):
    """More nodes or levels than are shown."""


def tree_of(text: str) -> Tree:
    """The tree of a JSON document. Never raises."""
    if len(text) > MOST_CHARACTERS:
        return Tree(problem=TOO_LARGE)
    try:
        value = json.loads(
            text, parse_int=_Number, parse_float=_Number, parse_constant=_refuse, object_pairs_hook=_Fields
        )
        root = _Builder().node("", value, 0)
    except (_TooLargeError, RecursionError):
        return Tree(problem=TOO_LARGE)
    except ValueError:
        return Tree(problem="It is not valid JSON.")
    return Tree(root.parts or (() if root.kind in {"object", "list"} else (root,)))


class _Builder:
    def __init__(self) -> None:
        self._count = 0

    def node(self, name: str, value: Any, depth: int) -> Node:
        name = _clean(name)
        self._count += 1
        if self._count > MOST_NODES or depth > MOST_DEPTH:
            raise _TooLargeError
        if isinstance(value, _Fields):
            return self._container(name, "object", value, depth)
        if isinstance(value, list):
            return self._container(name, "list", ((str(place), part) for place, part in enumerate(value, 1)), depth)
        if isinstance(value, _Number):
            return Node(name, "number", value)
        return Node(name, "string", _clean(value)) if isinstance(value, str) else Node(name, "word", json.dumps(value))

    def _container(self, name: str, kind: str, pairs: Iterable[tuple[str, Any]], depth: int) -> Node:
        parts = tuple(self.node(key, part, depth + 1) for key, part in pairs)
        return Node(name, kind, parts=parts, is_open=depth < OPEN_TO and len(parts) <= OPEN_PARTS)


def _clean(text: str) -> str:
    """Escapes may stand for what no page can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def _refuse(name: str) -> None:
    raise ValueError(name)
