from typing import Any

import pytest

from conversations.schemas.parameters import check
from conversations.schemas.shapes import schema_of
from conversations.schemas.tool_declarations import check_tools

STRICT = {
    "type": "object", "properties": {"tz": {"type": "string"}}, "required": ["tz"], "additionalProperties": False,
}  # fmt: skip


def tool(**function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "get_time", **function}}


@pytest.mark.parametrize(
    "tools",
    [
        [tool()],
        [tool(description="Tells the time.", parameters={"type": "object"}, strict=None)],
        [tool(parameters=STRICT, strict=True)],
        [tool(), tool(name="get-day_2")],
        [{"type": "custom", "custom": {"name": "sql"}}],
        [{"type": "web_search", "filters": {}}, tool()],
    ],
)
def test_good_declarations_pass(tools: Any) -> None:
    assert check_tools(tools) == []


@pytest.mark.parametrize(
    ("tools", "part"),
    [
        ({}, "must be a list"),
        (["get_time"], "Tool 1 must be an object with a type"),
        ([{"function": {}}], "Tool 1 must be an object with a type"),
        ([tool(), {"type": "function"}], "Tool 2 lacks function"),
        ([tool(name="get time")], "Tool 1 needs a name"),
        ([tool(name="x" * 65)], "Tool 1 needs a name"),
        ([tool(name=None)], "Tool 1 needs a name"),
        ([tool(), tool()], "two tools named get_time"),
        ([tool(description=5)], "The description of get_time must be text"),
        ([tool(strict="yes")], "strict of get_time"),
        ([tool(parameters=[])], "of type object"),
        ([tool(parameters={"type": "string"})], "of type object"),
        ([tool(parameters={"type": "object", "properties": {"a": {"type": "thing"}}})], "not a JSON Schema"),
        ([tool(parameters={**STRICT, "required": []}, strict=True)], "must list tz as required"),
        ([tool(name=f"t{n}") for n in range(129)], "more than 128"),
    ],
)
def test_bad_declarations_are_named(tools: Any, part: str) -> None:
    assert any(part in problem for problem in check_tools(tools))


def test_check_uses_them_for_the_parameter() -> None:
    problems = check(schema_of("chat"), {"tools": [tool(name="get time")]})
    assert problems == {"tools": "Tools: Tool 1 needs a name of letters, digits, _ and -, at most 64."}


def test_hosted_tools_pass_in_responses_and_not_in_chat() -> None:
    hosted = {"tools": [{"type": "web_search"}]}
    assert not check(schema_of("responses"), hosted)
    assert check(schema_of("chat"), hosted)


@pytest.mark.parametrize("kind", ["mcp", "file_search", "local_shell"])
def test_tools_that_reach_other_places_are_for_an_admin_to_allow(kind: str) -> None:
    tools = {"tools": [{"type": kind, "server_label": "a", "server_url": "https://example.org/mcp"}]}
    assert "must be one of" in check(schema_of("responses"), tools)["tools"]
