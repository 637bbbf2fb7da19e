"""JSON from strangers, read without trust: no value of any type or size raises anything but ProviderProtocolError."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from conversations.exceptions import ProviderProtocolError

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_HIGH_SURROGATE = re.compile("[\ud800-\udbff]$")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LARGEST_COUNT = 10**12
_DEEPEST = 60
_LARGEST_NUMBER = 2**63 - 1


def parsed(data: bytes) -> Any:
    """The JSON value; invalid UTF-8 is replaced. Raises ProviderProtocolError for anything that is no JSON."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _leniently(data)


def _leniently(data: bytes) -> Any:
    """What the strict reader refuses though it has a meaning: lone surrogates, NaN, stray bytes."""
    try:
        return json.loads(data.decode("utf-8", "replace").removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ProviderProtocolError("The provider sent something that can't be read.") from error


def clean(text: str) -> str:
    """Text any database stores: NUL and lone surrogates become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


class TextJoiner:
    """Cleans text that comes in pieces: a surrogate pair cut between two of them is put together."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        if self._half:
            text = _PAIR.sub(_joined_pair, self._half + text)
            self._half = ""
        if text and _HIGH_SURROGATE.match(text[-1]):
            text, self._half = text[:-1], text[-1]
        return clean(text)

    def finish(self) -> str:
        half, self._half = self._half, ""
        return clean(half)


def _joined_pair(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def nested(values: Mapping[str, object]) -> dict[str, Any]:
    """Objects instead of dotted names: ``{"a.b": 1}`` becomes ``{"a": {"b": 1}}``. What is given stays as it is."""
    made: dict[str, Any] = {}
    for name, value in values.items():
        *above, last = name.split(".")
        place = made
        for part in above:
            place[part] = dict(mapping(place.get(part)))
            place = place[part]
        place[last] = {**mapping(value), **mapping(place.get(last))} if isinstance(value, dict) else value
    return made


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def string(value: Any) -> str:
    """The value if it is a string, else an empty one."""
    return clean(value) if isinstance(value, str) else ""


def storable(value: Any, depth: int = 0) -> Any:
    """The JSON value as any database stores and any encoder writes it: what is too deep or too large becomes null."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, (dict, list)) and depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {clean(str(name)): storable(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner, depth + 1) for inner in value]
    return None if isinstance(value, (int, float)) and not abs(value) <= _LARGEST_NUMBER else value


def size_of(text: str) -> int:
    """Bytes of the text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def count(value: Any) -> int | None:
    """A number of things, also where it came as a float or in quotes; None for anything else and for nonsense."""
    if isinstance(value, str) and len(value) < 20 and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST_COUNT:
        return None
    return value


def spoken(value: Any) -> str:
    """Text of a content field, not cleaned yet: a string, a number (a token some servers forget to quote)."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return json.dumps(value)
    return ""
