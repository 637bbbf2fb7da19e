"""Values that fit a JSON Schema, for the demonstration's tool calls and structured answers. Simple schemas only."""

import math
from collections.abc import Mapping
from typing import Any, Final

from conversations.providers.payloads import count, mapping, sequence

_DEEPEST: Final = 6
_MOST_VALUES: Final = 300
_LONGEST: Final = 10_000
_BY_FORMAT: Final = {
    "date": "2026-11-20", "date-time": "2026-11-20T09:30:00Z", "time": "09:30:00Z", "email": "someone@example.org",
    "uri": "https://example.org/", "uuid": "0d9c1a52-8f0e-4c5e-9d5b-1f2f6b0c7a11", "ipv4": "192.0.2.1",
    "hostname": "example.org", "duration": "PT1H",
}  # fmt: skip
_BY_NAME: Final = {
    "city": "Lisbon", "location": "Lisbon", "place": "Lisbon", "country": "Portugal", "name": "Example",
    "query": "an example", "title": "An example", "summary": "A short summary.", "language": "en",
    "timezone": "Europe/Lisbon", "tz": "Europe/Lisbon", "url": "https://example.org/", "email": "someone@example.org",
    "date": "2026-11-20", "currency": "EUR",
}  # fmt: skip


def sample(schema: Any) -> Any:
    """A value for the schema. Patterns and conditions are not looked at; what nests without end stops somewhere."""
    return _Sampler(mapping(schema)).value(schema, "", 0)


class _Sampler:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._left = _MOST_VALUES

    def value(self, schema: Any, name: str, depth: int) -> Any:
        self._left -= 1
        form = self._resolved(mapping(schema))
        given = _given(form)
        if given or self._left < 0:
            return given[0] if given else None
        kind = _type(form)
        if kind == "object":
            return self._object(form, depth)
        if kind == "array":
            return self._array(form, name, depth)
        if kind in {"integer", "number"}:
            return _number(form, whole=kind == "integer")
        return _SIMPLE.get(kind, _string(form, name))

    def _resolved(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """The form without references and choices: of alternatives the first that is not null, of all their sum."""
        made = dict(form)
        for _ in range(_DEEPEST):
            if "$ref" in made:
                made = {**_at(self._root, made.pop("$ref")), **made}
            for name in ("anyOf", "oneOf"):
                choices = [mapping(choice) for choice in sequence(made.pop(name, None))]
                made = {**next((choice for choice in choices if choice.get("type") != "null"), {}), **made}
            for part in map(mapping, sequence(made.pop("allOf", None))):
                properties = {**mapping(made.get("properties")), **mapping(part.get("properties"))}
                required = [*sequence(made.get("required")), *sequence(part.get("required"))]
                made |= {**part, "properties": properties, "required": required}
        return made

    def _object(self, form: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """All properties near the top, further down only those that must be there."""
        required = sequence(form.get("required"))
        wanted = [
            (name, inner) for name, inner in mapping(form.get("properties")).items() if depth < 3 or name in required
        ]
        return {name: self.value(inner, name, depth + 1) for name, inner in wanted} if depth < 2 * _DEEPEST else {}

    def _array(self, form: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        least, most = count(form.get("minItems")) or 0, count(form.get("maxItems"))
        usual = 0 if depth >= _DEEPEST else 1 if form.get("uniqueItems") else 2
        wanted = max(least, usual if most is None else min(usual, most))
        fixed = [self.value(inner, name, depth + 1) for inner in sequence(form.get("prefixItems"))]
        more = [self.value(form.get("items"), name.removesuffix("s"), depth + 1) for _ in range(min(wanted, 20))]
        return [*fixed, *more[len(fixed) :]]


_SIMPLE: Final[Mapping[str, Any]] = {"boolean": True, "null": None}


def _given(form: Mapping[str, Any]) -> list[Any]:
    """Values that the form itself names."""
    for name in ("const", "default"):
        if name in form:
            return [form[name]]
    return sequence(form.get("enum")) or sequence(form.get("examples"))


def _at(root: Mapping[str, Any], reference: Any) -> dict[str, Any]:
    place: Any = root
    for step in str(reference).removeprefix("#").strip("/").split("/"):
        place = mapping(place).get(step.replace("~1", "/").replace("~0", "~")) if step else place
    return mapping(place)


def _type(form: Mapping[str, Any]) -> str:
    kinds = form.get("type")
    if isinstance(kinds, list):
        kinds = next((kind for kind in kinds if kind != "null"), "null")
    return str(kinds) if kinds else "object" if "properties" in form else "array" if "items" in form else "string"


def _number(form: Mapping[str, Any], *, whole: bool) -> float | int:
    step = _real(form, "multipleOf") or (1.0 if whole else 0.5)
    low, high = _real(form, "minimum"), _real(form, "maximum")
    above, below = _real(form, "exclusiveMinimum"), _real(form, "exclusiveMaximum")
    low = above + step if low is None and above is not None else low
    high = below - step if high is None and below is not None else high
    wanted = 3.0 if low is None else low
    wanted = min(wanted, wanted if high is None else high)
    stepped = wanted / step
    made = math.ceil(stepped) * step if abs(stepped) < 10**15 else wanted
    if whole:
        return int(made)
    return made if high is None or made <= high else wanted


def _real(form: Mapping[str, Any], name: str) -> float | None:
    value = form.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 10**15:
        return None
    return float(value)


def _string(form: Mapping[str, Any], name: str) -> str:
    text = _BY_FORMAT.get(str(form.get("format"))) or _BY_NAME.get(name.lower()) or f"example {name}".strip()
    text = text.ljust(min(count(form.get("minLength")) or 0, _LONGEST), "x")
    return text[: count(form.get("maxLength"))]
