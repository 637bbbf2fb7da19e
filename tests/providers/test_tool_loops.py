"""What an answer with tool calls brings along goes back with it: read, kept as JSON, sent, unchanged."""

import json
from typing import Any

import pytest

from conversations.providers import chat_completions, responses
from conversations.providers.base import RESPONSES, ChatMessage, ChatRequest, Endpoint, ToolCall
from tests.providers.official_types import complaints_of_responses
from tests.providers.recorded.everything import RECORDINGS
from tests.providers.recorded.recording import Recording
from tests.providers.replay import replay
from tests.upstream.steps import chunk

ENDPOINT = Endpoint(id="x", kind="openai_compatible", base_url="https://example.org/v1", returns_reasoning=True)
CALLING = [recording for recording in RECORDINGS if recording.calls]


async def next_body(recording: Recording) -> dict[str, Any]:
    """The request that goes on after the recorded answer, as if a person had given the results."""
    heard = await replay(recording.body.encode(), format=recording.format)
    calls = tuple(ToolCall(*call) for call in heard.calls.values())
    items = tuple(json.loads(json.dumps(heard.items)))
    answer = ChatMessage("assistant", heard.text, tool_calls=calls, reasoning=heard.reasoning, items=items)
    results = [ChatMessage("tool", "Rain", tool_call_id=call.id) for call in calls]
    request = ChatRequest("m", (ChatMessage("user", "Hi"), answer, *results), recording.format)
    made = responses if recording.format == RESPONSES else chat_completions
    body: dict[str, Any] = made.request_body(ENDPOINT, request, stream=True)
    return body


def recorded(server: str, made_for: str) -> Recording:
    return next(each for each in CALLING if (each.server, each.format) == (server, made_for) and each.items)


@pytest.mark.parametrize("recording", CALLING, ids=str)
async def test_every_call_goes_back_with_its_result(recording: Recording) -> None:
    body = await next_body(recording)
    if recording.format == RESPONSES:
        assert complaints_of_responses(body) == []
        calls = [item for item in body["input"] if item.get("type") == "function_call"]
        results = [item for item in body["input"] if item.get("type") == "function_call_output"]
        assert [(call["call_id"], call["name"], call["arguments"]) for call in calls] == [*recording.calls]
        assert [result["call_id"] for result in results] == [call[0] for call in recording.calls]
    else:
        made = [(call["id"], *call["function"].values()) for call in body["messages"][1]["tool_calls"]]
        assert made == [*recording.calls]
        assert [message["tool_call_id"] for message in body["messages"][2:]] == [call[0] for call in recording.calls]


async def test_encrypted_reasoning_stands_before_its_calls() -> None:
    items = (await next_body(recorded("OpenAI", RESPONSES)))["input"]
    assert [item.get("type", "message") for item in items] == [
        "message", "reasoning", "function_call", "function_call", "function_call_output", "function_call_output",
    ]  # fmt: skip
    assert (items[1]["id"], items[1]["encrypted_content"], len(items[1]["summary"])) == ("rs_1", "gAAA", 2)


async def test_details_that_came_in_pieces_go_back_whole() -> None:
    answer = (await next_body(recorded("OpenRouter", "chat_completions")))["messages"][1]
    assert answer["reasoning_details"] == [
        {"type": "reasoning.text", "text": "Let me look.", "format": "anthropic-claude-v1", "index": 0},
        {"type": "reasoning.encrypted", "data": "ZW5j", "id": "rs_1", "index": 1},
    ]
    assert "reasoning_content" not in answer


async def test_thinking_blocks_go_back_with_their_signature() -> None:
    answer = (await next_body(recorded("LiteLLM", "chat_completions")))["messages"][1]
    block = {"type": "thinking", "thinking": "I need the weather.", "signature": "sig=="}
    assert (answer["thinking_blocks"], answer["reasoning_content"]) == ([block], "I need the weather.")


async def test_a_signature_goes_back_with_the_call_that_carried_it() -> None:
    answer = (await next_body(recorded("Gemini", "chat_completions")))["messages"][1]
    assert answer["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": "CsYB"}}


async def test_without_calls_nothing_is_kept() -> None:
    details = chunk(
        {"content": "Hi", "reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]}, finish="stop"
    )
    assert (await replay(f"data: {json.dumps(details)}\n\n".encode())).items == []


async def test_blocks_after_a_signature_are_new_ones() -> None:
    blocks = [{"type": "thinking", "thinking": text, "signature": f"s{text}"} for text in ("a", "b")]
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    delta = chunk({"thinking_blocks": blocks, "tool_calls": [call]}, finish="tool_calls")
    assert (await replay(f"data: {json.dumps(delta)}\n\n".encode())).items == [
        {"type": "thinking_blocks", "value": blocks}
    ]


async def test_addresses_beside_the_text_are_sources_too_and_each_is_named_once() -> None:
    urls = ["https://example.org/1", "javascript:x", "https://example.org/2"]
    events = [{**chunk({"content": word}), "citations": urls} for word in ("a", "b")]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in [*events, chunk(finish="stop")])
    heard = await replay(body.encode())
    assert [citation.url for citation in heard.citations] == [urls[0], urls[2]]
