"""The form that a model's parameters are set with: what stands in its fields."""

import json
from dataclasses import dataclass
from typing import Any, Final

from conversations.forms.values import FORMATS, PREFIX, TOOL_CHOICE, TOOLS, Entered, control_of, escaped
from conversations.schemas.effective import Effective
from conversations.schemas.outputs import format_problems
from conversations.schemas.parameters import Parameter
from conversations.schemas.resolving import Resolution
from conversations.schemas.sentences import plain
from conversations.schemas.tool_declarations import check_tools

KINDS_OF_ANSWER: Final = (("text", "Text"), ("json_object", "Any JSON"), ("json_schema", "JSON of a schema"))


@dataclass(frozen=True)
class Option:
    """``value`` as JSON, as it stands in the form."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """One parameter of the form: ``value`` is what the conversation has (None: nothing), ``text`` that as text.

    ``usual`` is what holds without it; ``problems`` say why the value can't be sent.
    """

    effective: Effective
    usual: Effective
    value: Any
    text: str
    problems: tuple[str, ...]
    choices: tuple[Any, ...] = ()

    @property
    def inherited(self) -> str:
        """What holds without a value, as a short text."""
        return said(self.usual)

    @property
    def whole(self) -> str:
        """The same at full length."""
        return str(self.usual.value or "")

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
    def whose(self) -> str:
        """Where a value that was set here holds."""
        return "This conversation"

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
        candidates = (self.value, self.effective.value, self.usual.value)
        return next((each for each in candidates if isinstance(each, (int, float))), self.lowest)

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
            "schema": self.text or ("" if not schema else json.dumps(schema, indent=2, ensure_ascii=False)),
        }


def fields_of(found: Resolution, without: Resolution, entered: Entered) -> list[Field]:
    """The fields to show for a resolution; ``without`` is the same without what the conversation chose."""
    usual = {each.parameter.name: each for each in without.parameters}
    shown = {**entered.values, **entered.parts}
    return [
        Field(
            effective=each,
            usual=usual[name],
            value=None if each.is_locked else shown.get(name),
            text=entered.texts.get(name) or _text(each, shown.get(name)),
            problems=_problems(each, shown.get(name), entered.problems.get(name, "")),
            choices=_tool_choices(shown.get(TOOLS)) if name == TOOL_CHOICE else (),
        )
        for name, each in ((each.parameter.name, each) for each in found.parameters)
        if not each.is_hidden
    ]


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


def _problems(effective: Effective, value: Any, unreadable: str) -> tuple[str, ...]:
    """All of them where a value is a document of its own, else the resolver's."""
    if unreadable or not effective.problem or effective.is_locked:
        return tuple(filter(None, (unreadable or effective.problem,)))
    if effective.parameter.name in FORMATS:
        return tuple(format_problems(value)) or (effective.problem,)
    return tuple(check_tools(value) if effective.parameter.name == TOOLS else ()) or (effective.problem,)


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
