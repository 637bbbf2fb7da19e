"""Which value of each parameter is in force, and where it comes from: one resolver for every way in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Rule:
    """What an admin decided about one parameter.

    ``mode``: free, default, fixed or hidden. ``source``: site, model or group. Bounds only narrow what the schema allows.
    """

    name: str
    mode: str
    source: str
    value: Any = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = field(default=())
