"""The form that a model's parameters are set with: what stands in its fields, and what a posted one says.

An empty field is an unset value. Lists come as several fields of one name, ``\\n`` and ``\\t`` in them standing for a
line break and a tab; the form of an answer and metadata have fields of their own (``p.<name>:<part>``), other JSON is
text.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from conversations.schemas.effective import Effective
from conversations.schemas.parameters import Parameter
from conversations.schemas.resolving import Resolution
from conversations.schemas.sentences import plain

PREFIX: Final = "p."
FORMATS: Final = ("response_format", "text.format")
TOOLS, TOOL_CHOICE, METADATA = "tools", "tool_choice", "metadata"
KINDS_OF_ANSWER: Final = (("text", "Text"), ("json_object", "Any JSON"), ("json_schema", "JSON of a schema"))
_ESCAPES: Final = (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"))
_LONGEST_JSON: Final = 200_000


@dataclass(frozen=True)
class Entered:
    """What a posted form says. ``problems``: texts that can't be read at all, by parameter; ``texts`` are these."""

    values: dict[str, Any]
    problems: dict[str, str]
    texts: dict[str, str]


@dataclass(frozen=True)
class Option:
    """``value`` as JSON, as it stands in the form."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """One parameter of the form: ``value`` is what the conversation has (None: nothing), ``text`` that as text.

    ``inherited`` is what holds without it, as a short text; ``whole`` the same at full length; ``control`` names the
    template that shows it.
    """

    effective: Effective
    inherited: str
    whole: str
    value: Any
    text: str
    problem: str
    choices: tuple[Any, ...] = ()

    @property
    def parameter(self) -> Parameter:
        return self.effective.parameter

    @property
    def name(self) -> str:
        return PREFIX + self.parameter.name

    @property
    def id(self) -> str:
        return f"parameter-{self.parameter.name.replace('.', '-')}"

    @property
    def is_set(self) -> bool:
        return self.value is not None or bool(self.text)

    @property
    def control(self) -> str:
        return control_of(self.parameter)

    @property
    def template(self) -> str:
        return f"inspector/controls/{self.control}.html"

    @property
    def is_labelled(self) -> bool:
        """Whether one field stands for the parameter, which its title can label; else the title names a group."""
        return self.control not in ("switch", "strings", "pairs", "answer")

    @property
    def is_bounded(self) -> bool:
        """Whether a slider makes sense."""
        return self.parameter.maximum is not None and self.lowest is not None

    @property
    def lowest(self) -> float | None:
        about = self.parameter
        return about.minimum if about.minimum is not None else about.exclusive_minimum

    @property
    def step(self) -> float:
        """Of the slider: about a hundred places, whole where the values are."""
        about = self.parameter
        span = (about.maximum or 0) - (self.lowest or 0)
        if about.step:
            return about.step
        return max(1, 2 ** (int(span) // 100).bit_length() // 2) if about.kind == "integer" else span / 100

    @property
    def place(self) -> Any:
        """Where the slider stands."""
        found = self.value if isinstance(self.value, (int, float)) else self.effective.value
        return self.lowest if found is None else found

    @property
    def options(self) -> list[Option]:
        chosen = json.dumps(self.value)
        known = [(json.dumps(choice), _label(choice)) for choice in self.choices or self.parameter.choices]
        if self.value is not None and chosen not in dict(known):
            known.append((chosen, plain(self.value)))
        return [Option(value, label, self.value is not None and value == chosen) for value, label in known]

    @property
    def lines(self) -> list[str]:
        """The texts of a list, and room for one more."""
        given = self.value if isinstance(self.value, list) else []
        return [*(escaped(str(each)) for each in given), ""]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        given = self.value if isinstance(self.value, dict) else {}
        return [*((str(key), str(value)) for key, value in given.items()), ("", "")]

    @property
    def answer(self) -> dict[str, Any]:
        """The parts of the form of an answer: kind, name, description, strict, schema (as text)."""
        value = self.value if isinstance(self.value, dict) else {}
        inner = value.get("json_schema", value)
        inner = inner if isinstance(inner, dict) else {}
        schema = inner.get("schema")
        return {
            "kind": value.get("type", "json_schema" if self.text else ""),
            "name": inner.get("name", ""),
            "description": inner.get("description", ""),
            "is_strict": inner.get("strict") is True,
            "schema": self.text or ("" if schema is None else json.dumps(schema, indent=2, ensure_ascii=False)),
        }


def control_of(about: Parameter) -> str:
    """Which control shows a parameter."""
    own = {**dict.fromkeys(FORMATS, "answer"), TOOLS: "tools", TOOL_CHOICE: "select", METADATA: "pairs"}
    if about.kind == "json":
        return own.get(about.name, "json")
    return "number" if about.kind == "integer" else about.kind


def fields_of(
    found: Resolution, without: Resolution, chosen: Mapping[str, Any], entered: Entered | None = None
) -> list[Field]:
    """The fields to show for a resolution; ``without`` is the same without what the conversation chose."""
    inherited = {each.parameter.name: each for each in without.parameters}
    problems = {**found.problems, **(entered.problems if entered else {})}
    texts = entered.texts if entered else {}
    tools = _tool_choices(chosen.get(TOOLS))
    return [
        Field(
            effective=each,
            inherited=said(inherited[each.parameter.name]),
            whole=str(inherited[each.parameter.name].value or ""),
            value=None if each.is_locked else chosen.get(each.parameter.name),
            text=texts.get(each.parameter.name, _text(each, chosen.get(each.parameter.name))),
            problem=problems.get(each.parameter.name, ""),
            choices=tools if each.parameter.name == TOOL_CHOICE else (),
        )
        for each in found.parameters
        if not each.is_hidden
    ]


def read(known: Sequence[Parameter], data: QueryDict) -> Entered:
    """The values of a posted form, whatever they are: whether they may be sent is decided by the resolver."""
    entered = Entered({}, {}, {})
    for about in known:
        reader = _READERS[control_of(about)]
        try:
            value = reader(about, data)
        except _UnreadableError as error:
            entered.problems[about.name], entered.texts[about.name] = str(error), error.text
            continue
        if value is not None:
            entered.values[about.name] = value
    return entered


def said(effective: Effective) -> str:
    """A value in force as a short text; "" where there is none."""
    value = effective.value
    if value is None:
        return ""
    if isinstance(value, dict) and effective.parameter.name in FORMATS:
        return dict(KINDS_OF_ANSWER).get(str(value.get("type")), plain(value))
    if effective.parameter.name == TOOLS:
        return ", ".join(_tool_name(tool) for tool in value)
    return _label(value)


def escaped(text: str) -> str:
    """On one line, to be read back by ``unescaped``."""
    for character, written in _ESCAPES:
        text = text.replace(character, written)
    return text


def unescaped(text: str) -> str:
    parts = (part.replace("\\n", "\n").replace("\\t", "\t") for part in text.split("\\\\"))
    return "\\".join(parts)


class _UnreadableError(ValueError):
    """Not even JSON; ``text`` is what was written."""

    def __init__(self, sentence: str, text: str) -> None:
        super().__init__(sentence)
        self.text = text


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
    except ValueError:
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
    inner: dict[str, Any] = {"name": name.strip(), "schema": _parsed("The schema", schema) or {}}
    if description.strip():
        inner["description"] = description.strip()
    if strict:
        inner["strict"] = True
    return {"type": kind, **inner} if about.name == "text.format" else {"type": kind, "json_schema": inner}


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
    except RecursionError:
        raise _UnreadableError(f"{title} is nested too deeply.", text) from None


def _field(about: Parameter, data: QueryDict) -> str:
    return str(data.get(PREFIX + about.name, ""))


_READERS: Final[Mapping[str, Callable[[Parameter, QueryDict], Any]]] = {
    "number": _number, "switch": _switch, "select": _select, "strings": _strings, "text": _words,
    "json": _json, "tools": _json, "pairs": _pairs, "answer": _answer,
}  # fmt: skip


def _text(effective: Effective, value: Any) -> str:
    if value is None or control_of(effective.parameter) == "answer":
        return ""
    if effective.parameter.kind == "json":
        return json.dumps(value, indent=2, ensure_ascii=False)
    return value if isinstance(value, str) else _label(value)


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(escaped(each) for each in value)
    return plain(value)


def _tool_choices(tools: Any) -> tuple[Any, ...]:
    named = [_tool_name(tool) for tool in tools or ()] if isinstance(tools, list) else []
    functions = [{"type": "function", "function": {"name": name}} for name in named if name]
    return ("auto", "none", "required", *functions)


def _tool_name(tool: Any) -> str:
    inner = tool.get("function", tool) if isinstance(tool, dict) else {}
    return str(inner.get("name") or inner.get("type", "")) if isinstance(inner, dict) else ""
