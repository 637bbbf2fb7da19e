"""What a posted form of parameters says, as the values that are sent.

An empty field is an unset value. Lists come as several fields of one name, ``\\n`` and ``\\t`` in them standing for a
line break and a tab; the form of an answer and metadata have fields of their own (``p.<name>:<part>``), other JSON is
text.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict

from conversations.schemas.parameters import Parameter

PREFIX: Final = "p."
FORMATS: Final = ("response_format", "text.format")
TOOLS, TOOL_CHOICE, METADATA = "tools", "tool_choice", "metadata"
_ESCAPES: Final = (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"))
_LONGEST_JSON: Final = 200_000


@dataclass(frozen=True)
class Entered:
    """What a posted form says. ``problems``: texts that can't be read at all, by parameter.

    ``texts`` are these, and ``parts`` what could be read of their values, for showing them once more.
    """

    values: dict[str, Any]
    problems: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)

    def without(self, name: str) -> "Entered":
        """The same, but for one parameter."""
        kept = (
            {n: v for n, v in each.items() if n != name}
            for each in (self.values, self.problems, self.texts, self.parts)
        )
        return Entered(*kept)


def read(known: Sequence[Parameter], data: QueryDict) -> Entered:
    """The values of a posted form, whatever they are: whether they may be sent is decided by the resolver."""
    entered = Entered({})
    for about in known:
        reader = _READERS[control_of(about)]
        try:
            value = reader(about, data)
        except _UnreadableError as error:
            entered.problems[about.name], entered.texts[about.name] = str(error), error.text
            entered.parts[about.name] = error.part
            continue
        if value is not None:
            entered.values[about.name] = value
    return entered


def control_of(about: Parameter) -> str:
    """Which control shows a parameter."""
    own = {**dict.fromkeys(FORMATS, "answer"), TOOLS: "tools", TOOL_CHOICE: "select", METADATA: "pairs"}
    if about.kind == "json":
        return own.get(about.name, "json")
    return "number" if about.kind == "integer" else about.kind


def escaped(text: str) -> str:
    """On one line, to be read back by ``unescaped``."""
    for character, written in _ESCAPES:
        text = text.replace(character, written)
    return text


def unescaped(text: str) -> str:
    parts = (part.replace("\\n", "\n").replace("\\t", "\t") for part in text.split("\\\\"))
    return "\\".join(parts)


class _UnreadableError(ValueError):
    """Not even JSON; ``text`` is what was written, ``part`` what of the value could be read."""

    def __init__(self, sentence: str, text: str, part: Any = None) -> None:
        super().__init__(sentence)
        self.text, self.part = text, part


def _number(about: Parameter, data: QueryDict) -> Any:
    text = _field(about, data).strip()
    if not text:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _switch(about: Parameter, data: QueryDict) -> Any:
    text = _field(about, data)
    return {"true": True, "false": False}.get(text, text or None)


def _select(about: Parameter, data: QueryDict) -> Any:
    text = _field(about, data)
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return text


def _strings(about: Parameter, data: QueryDict) -> Any:
    return [unescaped(text) for text in data.getlist(PREFIX + about.name) if text] or None


def _words(about: Parameter, data: QueryDict) -> Any:
    return _field(about, data).replace("\r\n", "\n") or None


def _json(about: Parameter, data: QueryDict) -> Any:
    return _parsed(about.title, _field(about, data))


def _pairs(about: Parameter, data: QueryDict) -> Any:
    keys, values = (data.getlist(f"{PREFIX}{about.name}:{part}") for part in ("key", "value"))
    return {key.strip(): value for key, value in zip(keys, values, strict=False) if key.strip()} or None


def _answer(about: Parameter, data: QueryDict) -> Any:
    kind, name, description, strict, schema = (
        data.get(f"{PREFIX}{about.name}:{part}", "") for part in ("kind", "name", "description", "strict", "schema")
    )
    if kind != "json_schema":
        return {"type": kind} if kind else None
    inner: dict[str, Any] = {"name": name.strip()}
    inner |= {"description": description.strip()} if description.strip() else {}
    inner |= {"strict": True} if strict else {}
    try:
        inner["schema"] = _parsed("The schema", schema) or {}
    except _UnreadableError as error:
        raise _UnreadableError(str(error), error.text, _shape(about, inner)) from None
    return _shape(about, inner)


def _shape(about: Parameter, inner: dict[str, Any]) -> dict[str, Any]:
    flat = about.name == "text.format"
    return {"type": "json_schema", **inner} if flat else {"type": "json_schema", "json_schema": inner}


def _parsed(title: str, text: str) -> Any:
    if not text.strip():
        return None
    if len(text) > _LONGEST_JSON:
        raise _UnreadableError(f"{title} is longer than {_LONGEST_JSON:,} characters.", "")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _UnreadableError(f"{title} is not valid JSON: {error.msg} ({where}).", text) from None
    except ValueError:
        raise _UnreadableError(f"{title} holds a number that is too large.", text) from None
    except RecursionError:
        raise _UnreadableError(f"{title} is nested too deeply.", text) from None


def _field(about: Parameter, data: QueryDict) -> str:
    return str(data.get(PREFIX + about.name, ""))


_READERS: Final[Mapping[str, Callable[[Parameter, QueryDict], Any]]] = {
    "number": _number, "switch": _switch, "select": _select, "strings": _strings, "text": _words,
    "json": _json, "tools": _json, "pairs": _pairs, "answer": _answer,
}  # fmt: skip
