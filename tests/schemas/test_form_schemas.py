from typing import Any

import pytest

from conversations.schemas.form_schemas import form_schema_problems


def form(**keywords: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"temperature": {"type": "number", **keywords}}}


def test_a_plain_schema_is_fine() -> None:
    assert form_schema_problems(form(minimum=0, maximum=2, default=1)) == []


@pytest.mark.parametrize(
    ("schema", "part"),
    [
        ([], "must be an object"),
        ({}, "must be an object"),
        ({"type": "object"}, 'no "properties"'),
        ({"type": "object", "properties": {"a": True}}, "a must be an object"),
        (form(minimum="0"), "not a JSON Schema"),
        (form(default=5, maximum=2), "its default does not fit. temperature must be at most 2."),
        (form(**{"x-order": "first"}), "x-order must be a number"),
        (form(**{"x-step": 0}), "x-step must be a number above 0"),
        (form(**{"x-group": "other"}), "x-group must be basic or advanced"),
        (form(**{"x-control": "knob"}), "x-control must be one of"),
        (form(**{"x-excludes": ["top_p"]}), "x-excludes must be"),
        (form(**{"x-requires": {"top_p": "no"}}), "names top_p, which is no parameter"),
        (form(**{"x-requires": {"temperature": "no"}}), "must be an object with a"),
        (form(type=["number", "null"]), "type must be one word"),
        (form(pattern="["), "can't be read"),
        ({"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}, "references can't be used here"),
    ],
)
def test_what_can_not_be_used_is_said(schema: Any, part: str) -> None:
    assert any(part in problem for problem in form_schema_problems(schema))
