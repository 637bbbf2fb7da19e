"""Schemas made from the catalogue's files: parameters written once, schemas that build on each other."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any, Final

from conversations.schemas.documents import document
from conversations.schemas.parameters import Schema

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_OTHER: Final = "openai_compatible"


def schema_of(name: str, *, without: Iterable[str] = ()) -> Schema:
    """The schema of that name in ``schemas.toml``, as plain JSON Schema."""
    properties = _properties(name)
    left_out = set(without)
    order = [p for p in document("parameters") if p in properties and p not in left_out]
    return {
        "$schema": _DIALECT,
        "type": "object",
        "properties": {p: _finished(properties[p], number, order) for number, p in enumerate(order, start=1)},
        "additionalProperties": False,
    }


def generic_name(kind: str, request_format: str) -> str:
    """The name of the schema for models nobody described; kinds that are not listed are like any other server."""
    kinds = document("schemas")["kinds"]
    found = kinds.get(kind, {}).get(request_format) or kinds[_OTHER].get(request_format)
    return str(found or kinds[_OTHER]["chat_completions"])


def only_length(kind: str) -> str:
    """The one name of the bound on an answer that endpoints of a kind know in Chat Completions; "" if that varies."""
    return str(document("schemas")["kinds"].get(kind, {}).get("length", ""))


def _properties(name: str) -> dict[str, Any]:
    recipe = document("schemas")[name]
    properties = _properties(recipe["use"]) if "use" in recipe else {}
    for left_out in recipe.get("without", ()):
        del properties[left_out]
    properties |= {added: copy.deepcopy(document("parameters")[added]) for added in recipe.get("add", ())}
    properties |= copy.deepcopy(recipe.get("replace", {}))
    for changed, keywords in recipe.get("change", {}).items():
        properties[changed] = _merged(properties[changed], keywords)
    return properties


def _merged(form: Mapping[str, Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """``form`` with other keywords; what it requires of others is kept and added to."""
    merged = {**form, **copy.deepcopy(dict(keywords))}
    if "x-requires" in form and "x-requires" in keywords:
        merged["x-requires"] = {**form["x-requires"], **copy.deepcopy(keywords["x-requires"])}
    return merged


def _finished(form: Mapping[str, Any], number: int, known: list[str]) -> dict[str, Any]:
    finished = {**form, "x-order": number * 10}
    for keyword in ("x-excludes", "x-requires"):
        relations = {other: _need(need) for other, need in form.get(keyword, {}).items() if other in known}
        finished.pop(keyword, None)
        if relations:
            finished[keyword] = relations
    return finished


def _need(need: Any) -> Any:
    """TOML has no null: "" among the values stands for it."""
    if not isinstance(need, Mapping) or "values" not in need:
        return need
    return {**need, "values": [None if value == "" else value for value in need["values"]]}
