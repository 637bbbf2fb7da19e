"""What goes over the wire, held against the types of the official ``openai`` package: no key that it does not know."""

from typing import Any

import pytest

from conversations.providers import chat_completions, responses
from conversations.providers.base import RESPONSES, ChatMessage, ChatRequest, Endpoint, ImagePart, ToolCall
from tests.providers.official_types import complaints_of_chat, complaints_of_responses

ENDPOINT = Endpoint(id="x", kind="openai", base_url="https://example.org/v1")
DEVELOPER = Endpoint(id="x", kind="openai", base_url="https://example.org/v1", system_role="developer")
PICTURES = (ImagePart("data:image/png;base64,AAAA", "low"), ImagePart("https://example.org/a.png"))
CALL, OTHER = ToolCall("call_a", "weather", '{"city":"Köln"}'), ToolCall("call_b", "time", "{}")
SYSTEM, ASKED, SEEN = (
    ChatMessage("system", "Be brief."),
    ChatMessage("user", "Hi"),
    ChatMessage("user", "Look", PICTURES),
)
EARLIER, AGAIN = ChatMessage("assistant", "Hello."), ChatMessage("user", "And now?")
CALLING = ChatMessage("assistant", "", tool_calls=(CALL, OTHER))
SAID_AND_CALLED = ChatMessage("assistant", "Let me see.", tool_calls=(CALL,))
RESULTS = (ChatMessage("tool", "Rain", tool_call_id="call_a"), ChatMessage("tool", "Noon", tool_call_id="call_b"))
LOOP = (SYSTEM, ASKED, CALLING, *RESULTS)
TOOL = {
    "type": "function",
    "function": {"name": "weather", "description": "Of a city.", "parameters": {"type": "object", "properties": {}}},
}
STRICT = {"type": "function", "function": {**TOOL["function"], "name": "time", "strict": True}}  # type: ignore[dict-item]
SEARCH = {"type": "web_search", "search_context_size": "low"}
CHOICE = {"type": "function", "function": {"name": "weather"}}
SCHEMA = {
    "name": "x",
    "schema": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    "strict": True,
}


def chat(
    *messages: ChatMessage, endpoint: Endpoint = ENDPOINT, stream: bool = True, **parameters: Any
) -> dict[str, Any]:
    named = {name.replace("__", "."): value for name, value in parameters.items()}
    return chat_completions.request_body(endpoint, ChatRequest("m", messages, parameters=named), stream=stream)


def response(
    *messages: ChatMessage, endpoint: Endpoint = ENDPOINT, stream: bool = True, **parameters: Any
) -> dict[str, Any]:
    named = {name.replace("__", "."): value for name, value in parameters.items()}
    return responses.request_body(endpoint, ChatRequest("m", messages, RESPONSES, named), stream=stream)


CHAT_BODIES: dict[str, dict[str, Any]] = {
    "a question": chat(ASKED),
    "a whole answer": chat(SYSTEM, ASKED, stream=False),
    "several turns": chat(SYSTEM, ASKED, EARLIER, AGAIN),
    "a developer's message": chat(SYSTEM, ASKED, endpoint=DEVELOPER),
    "pictures": chat(SEEN, EARLIER, ChatMessage("user", "", PICTURES[:1])),
    "a tool loop": chat(*LOOP, tools=[TOOL, STRICT], tool_choice=CHOICE, parallel_tool_calls=False),
    "text beside calls": chat(ASKED, SAID_AND_CALLED, RESULTS[0], tools=[TOOL]),
    "a schema": chat(ASKED, response_format={"type": "json_schema", "json_schema": SCHEMA}),
    "all numbers": chat(
        ASKED, temperature=0.5, top_p=0.9, frequency_penalty=-1, presence_penalty=1.5, max_tokens=5, seed=7, n=1,
        stop=["a", "b"], logprobs=True, top_logprobs=3, logit_bias={"5": -100}, metadata={"a": "b"},
        service_tier="flex",
    ),
    "reasoning": chat(ASKED, max_completion_tokens=9, reasoning_effort="xhigh", verbosity="low", store=False, user="u"),
    "stream options": chat(ASKED, stream_options__include_obfuscation=False),
}  # fmt: skip
RESPONSE_BODIES: dict[str, dict[str, Any]] = {
    "a question": response(ASKED),
    "a whole answer": response(SYSTEM, ASKED, stream=False),
    "several turns": response(SYSTEM, ASKED, EARLIER, AGAIN),
    "a later system message": response(ASKED, EARLIER, SYSTEM, AGAIN, endpoint=DEVELOPER),
    "pictures": response(SEEN, EARLIER, ChatMessage("user", "", PICTURES[:1])),
    "a tool loop": response(*LOOP, tools=[TOOL, STRICT, SEARCH], tool_choice=CHOICE, parallel_tool_calls=False),
    "reasoning": response(ASKED, reasoning__effort="low", reasoning__summary="auto", max_output_tokens=99),
    "a schema": response(ASKED, text__format={"type": "json_schema", **SCHEMA}, text__verbosity="low"),
    "numbers": response(ASKED, temperature=0.5, top_p=0.9, top_logprobs=2, truncation="auto", metadata={"a": "b"}),
    "stream options": response(ASKED, stream_options__include_obfuscation=False),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAT_BODIES)
def test_a_chat_completions_body_fits_the_official_types(name: str) -> None:
    assert complaints_of_chat(CHAT_BODIES[name]) == []


@pytest.mark.parametrize("name", RESPONSE_BODIES)
def test_a_responses_body_fits_the_official_types(name: str) -> None:
    assert complaints_of_responses(RESPONSE_BODIES[name]) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"temperature": "hot"},
        {"messages": [{"role": "robot", "content": "x"}]},
        {"tools": [{"type": "x"}]},
    ],
)
def test_the_official_types_notice_what_is_wrong(changes: dict[str, Any]) -> None:
    assert complaints_of_chat({**CHAT_BODIES["a question"], **changes})
    assert complaints_of_responses({**RESPONSE_BODIES["a question"], **changes})


def test_a_plain_message_is_a_string_and_one_with_pictures_an_array() -> None:
    assert chat(ASKED)["messages"] == [{"role": "user", "content": "Hi"}]
    assert chat(SEEN)["messages"][0]["content"] == [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
    ]
    assert response(SEEN)["input"][0]["content"] == [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
        {"type": "input_image", "image_url": "https://example.org/a.png", "detail": "auto"},
    ]


def test_calls_and_their_results_are_told_in_both_formats() -> None:
    called = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in (CALL, OTHER)
    ]
    assert chat(*LOOP)["messages"][2:] == [
        {"role": "assistant", "content": None, "tool_calls": called},
        {"role": "tool", "tool_call_id": "call_a", "content": "Rain"},
        {"role": "tool", "tool_call_id": "call_b", "content": "Noon"},
    ]
    assert response(*LOOP)["input"][1:] == [
        {"type": "function_call", "call_id": "call_a", "name": "weather", "arguments": CALL.arguments},
        {"type": "function_call", "call_id": "call_b", "name": "time", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_a", "output": "Rain"},
        {"type": "function_call_output", "call_id": "call_b", "output": "Noon"},
    ]


def test_the_system_message_goes_where_the_format_wants_it() -> None:
    assert chat(SYSTEM, ASKED, endpoint=DEVELOPER)["messages"][0] == {"role": "developer", "content": "Be brief."}
    body = response(SYSTEM, ASKED)
    assert (body["instructions"], body["input"]) == ("Be brief.", [{"role": "user", "content": "Hi"}])
    assert response(ASKED, SYSTEM, endpoint=DEVELOPER)["input"][1] == {"role": "developer", "content": "Be brief."}


def test_dotted_names_are_nested_and_what_was_given_stays_as_it_is() -> None:
    given = {"reasoning": {"effort": "low"}, "reasoning.summary": "auto", "text.verbosity": "high", "a.b.c": 1}
    request = ChatRequest("m", (ASKED,), RESPONSES, given)
    body = responses.request_body(ENDPOINT, request, stream=False)
    assert body["reasoning"] == {"effort": "low", "summary": "auto"}
    assert (body["text"], body["a"]) == ({"verbosity": "high"}, {"b": {"c": 1}})
    assert given["reasoning"] == {"effort": "low"}
    later = {"reasoning.summary": "auto", "reasoning": {"effort": "low"}}
    assert (
        responses.request_body(ENDPOINT, ChatRequest("m", (), RESPONSES, later), stream=False)["reasoning"]
        == body["reasoning"]
    )


@pytest.mark.parametrize("made", [chat, response])
def test_nothing_is_sent_about_tools_without_tools(made: Any) -> None:
    body = made(ASKED, tools=[], tool_choice="auto", parallel_tool_calls=True)
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & set(body)


@pytest.mark.parametrize("made", [chat, response])
def test_the_engine_decides_on_the_stream_and_a_set_value_is_said(made: Any) -> None:
    assert made(ASKED, stream=True)["stream"] is True
    assert "stream" not in made(ASKED, stream=False)
    request = ChatRequest("m", (ASKED,), RESPONSES, {"stream": False})
    assert responses.request_body(ENDPOINT, request, stream=False)["stream"] is False
    assert chat_completions.request_body(ENDPOINT, request, stream=True)["stream"] is True


def test_stream_options_go_with_a_stream_only() -> None:
    silent = Endpoint(id="x", kind="openai", base_url="https://example.org", sends_stream_options=False)
    assert chat(ASKED, stream_options__include_obfuscation=False)["stream_options"] == {
        "include_usage": True,
        "include_obfuscation": False,
    }
    assert "stream_options" not in chat(ASKED, stream=False, stream_options__include_obfuscation=False)
    assert "stream_options" not in chat(ASKED, endpoint=silent)
    assert "stream_options" not in response(ASKED)
    assert "stream_options" not in response(ASKED, stream=False, stream_options__include_obfuscation=False)


def test_nothing_is_stored_and_encrypted_reasoning_comes_along_only_where_reasoning_is_set() -> None:
    assert (response(ASKED)["store"], "include" in response(ASKED)) == (False, False)
    assert response(ASKED, reasoning__effort="low")["include"] == ["reasoning.encrypted_content"]
    assert response(ASKED, reasoning__effort="low", include=["x"])["include"] == ["x", "reasoning.encrypted_content"]
    assert "include" not in response(ASKED, reasoning__effort="none")
    assert "include" not in response(ASKED, reasoning__effort="low", store=True)


@pytest.mark.parametrize("kind", ["function", "custom"])
def test_a_tool_stays_of_the_kind_it_says(kind: str) -> None:
    """A provider would run the other, and tell a server of the person's choice what was said."""
    inner = {"name": "a", "type": "mcp", "server_label": "a", "server_url": "https://example.org/mcp"}
    body = response(ASKED, tools=[{"type": kind, kind: inner}])
    assert [tool["type"] for tool in body["tools"]] == [kind]


def test_tools_and_choices_are_flattened_for_responses() -> None:
    body = response(ASKED, tools=[TOOL, STRICT, {"type": "mcp", "server_label": "a"}], tool_choice=CHOICE)
    assert body["tools"][0] == {"type": "function", **TOOL["function"], "strict": False}  # type: ignore[dict-item]
    assert body["tools"][1]["strict"] is True
    assert body["tools"][2] == {"type": "mcp", "server_label": "a"}
    assert body["tool_choice"] == {"type": "function", "name": "weather"}
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [CHOICE]}}
    assert response(ASKED, tools=[TOOL], tool_choice=allowed)["tool_choice"] == {
        "type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "weather"}],
    }  # fmt: skip


def test_encrypted_reasoning_goes_back_before_its_calls_unchanged_and_only_inside_the_loop() -> None:
    secret = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}
    kept = (secret, {"type": "message", "phase": "commentary"}, {"type": "function_call", "call_id": "call_b"})
    calling = ChatMessage("assistant", "Let me see.", tool_calls=(CALL, OTHER), items=kept)
    items = response(ASKED, calling, *RESULTS)["input"]
    assert [item.get("call_id") or item.get("type") or item["role"] for item in items] == [
        "user", "reasoning", "assistant", "call_b", "call_a", "call_a", "call_b",
    ]  # fmt: skip
    assert (items[1], items[2]["phase"]) == (secret, "commentary")
    assert complaints_of_responses(response(ASKED, calling, *RESULTS)) == []
    over = response(ASKED, calling, *RESULTS, EARLIER, AGAIN)
    assert "reasoning" not in [item.get("type") for item in over["input"]]
    assert [message["role"] for message in chat(ASKED, calling, *RESULTS)["messages"]] == [
        "user",
        "assistant",
        "tool",
        "tool",
    ]


def test_what_other_servers_want_back_goes_back_only_inside_the_loop() -> None:
    signature, details = {"google": {"thought_signature": "Cs"}}, [{"type": "reasoning.encrypted", "data": "ZW5j"}]
    kept = (
        {"type": "reasoning_details", "value": details},
        {"type": "extra_content", "tool_call_id": "call_a", "value": signature},
    )
    calling = ChatMessage("assistant", "", tool_calls=(CALL, OTHER), reasoning="Hm.", items=kept)
    made = chat(ASKED, calling, *RESULTS)["messages"][1]
    assert made["reasoning_details"] == details
    assert [call.get("extra_content") for call in made["tool_calls"]] == [signature, None]
    over = chat(ASKED, calling, *RESULTS, EARLIER, AGAIN)["messages"][1]
    assert set(over) == {"role", "content", "tool_calls"}
    assert [item.get("type") for item in response(ASKED, calling, *RESULTS)["input"]][1:3] == ["function_call"] * 2


def test_reasoning_goes_back_inside_the_loop_where_the_endpoint_wants_it() -> None:
    wants = Endpoint(id="x", kind="deepseek", base_url="https://example.org", returns_reasoning=True)
    calling = ChatMessage("assistant", "", tool_calls=(CALL,), reasoning="Hm.")
    assert chat(ASKED, calling, RESULTS[0], endpoint=wants)["messages"][1]["reasoning_content"] == "Hm."
    assert "reasoning_content" not in chat(ASKED, calling, RESULTS[0])["messages"][1]
    assert "reasoning_content" not in chat(ASKED, calling, RESULTS[0], EARLIER, AGAIN, endpoint=wants)["messages"][1]
