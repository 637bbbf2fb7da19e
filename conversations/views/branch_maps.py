"""The tree of a conversation as a list of rows that can be drawn: first what branches off, then what goes on below.

One query whatever the size. A row is a message, or a run of messages between two forks.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.db.models.functions import Left

from conversations.models import Conversation, Message, MessageStatus, Role

SHORTENED_FROM: Final = 30
"""Messages from which runs of plain ones become one row each."""
SHORTEST_RUN: Final = 3
MOST_ROWS: Final = 500
LANE, HEIGHT, MOST_LANES = 14, 44, 8
"""Of the drawing: px between two lines and of a row; further lines are drawn upon the last."""
_MARKS = re.compile(r"[*_`#>|~]+")


@dataclass(frozen=True)
class Node:
    """What is known of a message without loading it."""

    id: uuid.UUID
    parent_id: uuid.UUID | None
    role: str
    status: str
    model_name: str
    name: str
    text: str

    @property
    def words(self) -> str:
        """The first words, on one line."""
        line = " ".join((self.text if self.role == Role.USER else _MARKS.sub("", self.text)).split())
        return line[:80].rstrip() + "…" if len(line) > 80 else line

    @property
    def label(self) -> str:
        if self.words:
            return self.words
        if self.role == Role.ASSISTANT:
            return "Calls tools" if self.status == MessageStatus.COMPLETE else MessageStatus(self.status).label
        return "Pictures" if self.role == Role.USER else "Empty result"


@dataclass(frozen=True)
class Row:
    """One line of the map. ``count`` messages from ``node`` on; ``lines`` and ``lines_here`` are SVG paths."""

    node: Node
    lane: int
    count: int = 1
    is_head: bool = False
    is_here: bool = False
    is_end: bool = False
    lines: str = ""
    lines_here: str = ""

    @property
    def level(self) -> int:
        return self.lane + 1

    @property
    def x(self) -> int:
        return _x(self.lane)


@dataclass(frozen=True)
class Tree:
    """All live messages of a conversation; ``path`` is what is shown of it."""

    nodes: dict[uuid.UUID, Node]
    children: dict[uuid.UUID | None, list[Node]]
    names: dict[uuid.UUID, str]
    """What the branch of each is called: by the name given to it, else by the words it begins with."""
    path: list[Node]

    @property
    def leaves(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.id not in self.children]

    def path_to(self, leaf_id: uuid.UUID | None) -> list[Node]:
        """From the root down."""
        found, node = [], self.nodes.get(leaf_id) if leaf_id else None
        while node is not None:
            found.append(node)
            node = self.nodes.get(node.parent_id) if node.parent_id else None
        return found[::-1]

    def head_of(self, path: Sequence[Node]) -> Node:
        """Where a branch parts from all others."""
        return next((node for node in reversed(path) if len(self.children[node.parent_id]) > 1), path[0])


def tree_of(conversation: Conversation) -> Tree:
    rows = Message.objects.live().filter(conversation=conversation).order_by("id")
    columns = "id", "parent_id", "role", "status", "model_name", "branch_name", Left("text", 120)
    nodes = {row[0]: Node(*row) for row in rows.values_list(*columns)}
    children: dict[uuid.UUID | None, list[Node]] = {}
    for node in nodes.values():
        children.setdefault(node.parent_id, []).append(node)
    tree = Tree(nodes, children, _names(children), [])
    return replace(tree, path=tree.path_to(conversation.selected_leaf_id))


def _names(children: dict[uuid.UUID | None, list[Node]]) -> dict[uuid.UUID, str]:
    found: dict[uuid.UUID, str] = {}
    waiting = list(children.get(None, []))
    while waiting:
        node = waiting.pop()
        is_head = node.parent_id is None or len(children[node.parent_id]) > 1
        found[node.id] = node.name or (node.label if is_head or not node.parent_id else found[node.parent_id])
        waiting += children.get(node.id, [])
    return found


@dataclass
class _Drawing:
    """The walk: what branches off first, then what goes on; ``goes_on_here`` by lane."""

    tree: Tree
    here: set[uuid.UUID]
    rows: list[Row] = field(default_factory=list)
    goes_on_here: dict[int, bool] = field(default_factory=dict)

    def walk(self) -> list[Row]:
        waiting = [(node, 0, False) for node in reversed(self.tree.children.get(None, []))]
        while waiting:
            node, lane, is_head = waiting.pop()
            kids = self.tree.children.get(node.id, [])
            main = next((kid for kid in kids if kid.id in self.here), kids[-1] if kids else None)
            self._add(node, lane, main, is_head=is_head)
            if main is not None:
                waiting.append((main, lane, False))
                waiting += [(kid, lane + 1, True) for kid in reversed(kids) if kid is not main]
        return self.rows

    def _add(self, node: Node, lane: int, main: Node | None, *, is_head: bool) -> None:
        is_here = node.id in self.here
        lines: dict[bool, list[str]] = {False: [], True: []}
        for left in range(lane):
            lines[self.goes_on_here[left]].append(f"M{_x(left)} 0V{HEIGHT}")
        x, middle = _x(lane), HEIGHT // 2
        if is_head:
            lines[is_here].append(f"M{_x(lane - 1)} 0C{_x(lane - 1)} {middle} {x} 0 {x} {middle}")
        elif node.parent_id:
            lines[is_here].append(f"M{x} 0V{middle}")
        if main is not None:
            self.goes_on_here[lane] = main.id in self.here
            lines[self.goes_on_here[lane]].append(f"M{x} {middle}V{HEIGHT}")
        is_end = bool(self.tree.path) and node is self.tree.path[-1]
        plain, own = "".join(lines[False]), "".join(lines[True])
        self.rows.append(Row(node, lane, 1, is_head, is_here, is_end, plain, own))


def rows_of(tree: Tree) -> list[Row]:
    """The whole tree; long runs without a fork or a name are one row. Past MOST_ROWS those around where one is."""
    rows = _Drawing(tree, {node.id for node in tree.path}).walk()
    if len(rows) > SHORTENED_FROM:
        rows = _shortened(tree, rows)
    if len(rows) > MOST_ROWS:
        rows = [row for row in rows if row.is_here or (row.is_head and row.lane == 1)]
    end = next((place for place, row in enumerate(rows) if row.is_end), len(rows))
    start = max(0, min(end - MOST_ROWS // 2, len(rows) - MOST_ROWS))
    return rows[start : start + MOST_ROWS]


def _shortened(tree: Tree, rows: Sequence[Row]) -> list[Row]:
    found: list[Row] = []
    run: list[Row] = []
    for row in rows:
        if _is_plain(tree, row):
            run.append(row)
            continue
        found += _one(run)
        run = []
        found.append(row)
    return [*found, *_one(run)]


def _one(run: Sequence[Row]) -> Sequence[Row]:
    return [replace(run[0], count=len(run))] if len(run) >= SHORTEST_RUN else run


def _is_plain(tree: Tree, row: Row) -> bool:
    """Whether nothing parts at it and nobody would look for it: neither an end, nor a beginning, nor named."""
    node = row.node
    is_single = len(tree.children[node.parent_id]) == 1 and len(tree.children.get(node.id, ())) == 1
    return is_single and node.parent_id is not None and not node.name


def _x(lane: int) -> int:
    return LANE // 2 + LANE * min(lane, MOST_LANES)


def width_of(rows: Sequence[Row]) -> int:
    """Of the drawing, in px."""
    return _x(max((row.lane for row in rows), default=0)) + LANE // 2
