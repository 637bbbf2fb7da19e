"""Scripts of answers that call tools, in pieces as servers send them."""

from typing import Any

from tests.upstream.steps import Step, chunk, done, event, gate, head

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CLOCK: dict[str, Any] = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object"}}}


def piece(index: int, arguments: str = "", *, name: str = "", call_id: str = "") -> Step:
    """A fragment of a call; the first of each names it."""
    begun = {"id": call_id, "type": "function"} if call_id else {}
    function = {"name": name, "arguments": arguments} if name else {"arguments": arguments}
    return event(chunk({"tool_calls": [{"index": index, **begun, "function": function}]}))


def call(index: int, name: str, *arguments: str, call_id: str = "") -> list[Step]:
    """One call, its arguments in these pieces."""
    return [piece(index, name=name, call_id=call_id or f"call_{name}"), *(piece(index, part) for part in arguments)]


def calling(*calls: list[Step]) -> list[Step]:
    return [head(), *(step for each in calls for step in each), *done("tool_calls")]


def one_call() -> list[Step]:
    return calling(call(0, "get_weather", '{"ci', 'ty": "Zür', 'ich"}'))


def two_calls() -> list[Step]:
    return calling(call(0, "get_weather", '{"city": ', '"Paris"}'), call(1, "get_time", "{}"))


def halted(name: str = "go") -> list[Step]:
    """A call that stops in the middle of its arguments until the gate is opened."""
    half = [*call(0, "get_weather", '{"city": "Zü'), gate(name), piece(0, 'rich"}')]
    return calling(half)
