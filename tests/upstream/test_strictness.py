"""The fake is strict: a request the real API would refuse must not pass its tests."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream
from tests.upstream.systems_responses import responses_complaint
from tests.upstream.texts import tokens_of
from tests.upstream.validation import complaint

GOOD: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def test_a_good_request_passes() -> None:
    assert complaint({**GOOD, "stream": True, "stream_options": {"include_usage": True}, "temperature": 0.5}) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"temperature": "0.5"},
        {"temperature": 2.5},
        {"temperature": True},
        {"max_tokens": 0},
        {"max_tokens": 1.5},
        {"max_tokens": None},
        {"max_tokens": 1, "max_completion_tokens": 1},
        {"stop": []},
        {"stop": ["a"] * 5},
        {"stream_options": {}},
        {"model": ""},
        {"messages": []},
        {"messages": [{"role": "robot", "content": "x"}]},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "user", "content": "x", "id": 1}]},
    ],
)
def test_what_the_api_refuses_is_refused(changes: dict[str, Any]) -> None:
    assert complaint({**GOOD, **changes}) is not None


def test_a_text_has_as_many_tokens_as_its_name_says_and_a_seed_of_its_own() -> None:
    assert len(tokens_of("words-123-0")) == 123
    assert expected_text("words-123-0") != expected_text("words-123-0-other")


@pytest.mark.parametrize(
    "changes",
    [
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "id": 1}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "ftp://x"}}]}]},
        {"messages": [{"role": "system", "content": [{"type": "image_url", "image_url": {"url": "http://x/y"}}]}]},
        {"messages": [{"role": "tool", "tool_call_id": "1", "content": "x"}]},
        {"messages": [{"role": "assistant", "content": None}]},
        {"tool_choice": "auto"},
        {"tools": [{"type": "function", "name": "f"}]},
        {"tools": [{"type": "function", "function": {"name": "a b"}}]},
        {"response_format": {"type": "json_schema", "schema": {}}},
        {"response_format": "json_object"},
        {"metadata": {"a": 1}},
        {"top_logprobs": 3},
        {"reasoning_effort": "some"},
    ],
)
def test_shapes_inside_are_checked_too(changes: dict[str, Any]) -> None:
    assert complaint({**GOOD, **changes}) is not None


GOOD_RESPONSE: dict[str, Any] = {"model": "m", "input": [{"role": "user", "content": "hi"}]}
CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}


def test_a_good_responses_request_passes() -> None:
    said = {"role": "assistant", "content": [{"type": "output_text", "text": "a"}]}
    picture = {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"}
    asked = {"role": "user", "content": [{"type": "input_text", "text": "b"}, picture]}
    items = [said, asked, CALL, {"type": "function_call_output", "call_id": "c", "output": "1"}]
    tool = {"type": "function", "name": "f", "parameters": {}, "strict": False}
    body = {"input": items, "tools": [tool], "tool_choice": {"type": "function", "name": "f"}, "store": False}
    assert responses_complaint({**GOOD_RESPONSE, **body, "text": {"verbosity": "low"}}) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"messages": []},
        {"stop": "x"},
        {"max_output_tokens": 15},
        {"reasoning_effort": "low"},
        {"reasoning": {"effort": "some"}},
        {"text": {"format": {"type": "json_schema", "json_schema": {}}}},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"input": []},
        {"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
        {"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]},
        {"input": [CALL]},
        {"input": [{"type": "function_call_output", "call_id": "c", "output": "1"}]},
        {"stream": True, "stream_options": {"include_usage": True}},
        {"include": ["everything"]},
    ],
)
def test_what_the_responses_api_refuses_is_refused(changes: dict[str, Any]) -> None:
    assert responses_complaint({**GOOD_RESPONSE, **changes}) is not None


ASK = {"messages": [{"role": "user", "content": "hi"}]}
BEARER, AZURE, GATEWAY = ({name: value} for name, value in [
    ("Authorization", "Bearer k"), ("api-key", "k"), ("cf-aig-authorization", "Bearer k"),
])  # fmt: skip
ACCOUNT = "/cloudflare/client/v4/accounts/acc"
OWN = "@cf/meta/llama-3.1-8b-instruct"


@pytest.mark.parametrize(
    ("path", "headers", "body"),
    [
        ("/openai/v1/chat/completions", BEARER, {"model": "gpt-4.1", **ASK}),
        ("/openai/v1/responses", BEARER, {"model": "gpt-5.4", "input": "hi", "reasoning": {"effort": "low"}}),
        (f"{ACCOUNT}/ai/v1/chat/completions", BEARER, {"model": "openai/gpt-4.1-nano", **ASK}),
        (f"{ACCOUNT}/ai/v1/responses", BEARER, {"model": "openai/gpt-4.1-nano", "input": "hi"}),
        (f"{ACCOUNT}/ai/run", BEARER, {"model": "openai/gpt-4.1", "input": ASK}),
        (f"{ACCOUNT}/ai/run/{OWN}", BEARER, {**ASK, "top_k": 3}),
        ("/cloudflare/gateway/acc/gw/compat/chat/completions", GATEWAY, {"model": "openai/gpt-4.1", **ASK}),
        ("/cloudflare/gateway/acc/gw/openai/responses", GATEWAY, {"model": "gpt-4.1", "input": "hi"}),
        ("/azure/openai/v1/chat/completions", AZURE, {"model": "my-gpt-4.1", **ASK}),
        ("/azure/openai/deployments/my-gpt-4.1/chat/completions?api-version=1", AZURE, ASK),
        ("/aggregator/v1/chat/completions", BEARER, {"model": "gpt-4.1", "prompt": "hi", "response_format": "text"}),
    ],
)
def test_each_system_answers_a_good_request_whole_and_in_pieces(
    upstream: Upstream, path: str, headers: dict[str, str], body: dict[str, Any]
) -> None:
    is_wrapped = path.endswith("/ai/run")
    streams = {**body, "input": {**ASK, "stream": True}} if is_wrapped else {**body, "stream": True}
    assert [post(upstream, path, headers, asked)[0] for asked in (body, streams)] == [200, 200]


@pytest.mark.parametrize(
    ("path", "headers", "body", "status", "word"),
    [
        ("/openai/v1/chat/completions", {}, {"model": "gpt-4.1", **ASK}, 401, "invalid_api_key"),
        ("/openai/v1/chat/completions", BEARER, {"model": "gpt-9", **ASK}, 404, "model_not_found"),
        ("/openai/v1/chat/completions", BEARER, {"model": "gpt-5.4", **ASK, "max_tokens": 9}, 400, "max_tokens"),
        ("/openai/v1/chat/completions", BEARER, {"model": "gpt-5.4", **ASK, "stop": "x"}, 400, "stop"),
        ("/openai/v1/chat/completions", BEARER,
         {"model": "gpt-5.4", **ASK, "reasoning_effort": "low", "temperature": 0.5}, 400, "temperature"),
        ("/openai/v1/chat/completions", BEARER, {"model": "gpt-4.1", **ASK, "reasoning_effort": "low"}, 400, "effort"),
        ("/openai/v1/chat/completions", BEARER, {"model": "gpt-4.1", **ASK, "max_tokens": 40_000}, 400, "32768"),
        (f"{ACCOUNT}/ai/v1/chat/completions", BEARER, {"model": "gpt-4.1", **ASK}, 400, "5007"),
        (f"{ACCOUNT}/ai/v1/models", BEARER, None, 405, "7001"),
        (f"{ACCOUNT}/ai/run", BEARER, {"model": "openai/gpt-4.1", **ASK}, 400, "input"),
        (f"{ACCOUNT}/ai/run/{OWN}", BEARER, {**ASK, "max_completion_tokens": 3}, 400, "5006"),
        ("/cloudflare/client/v4/accounts/other/ai/run", BEARER, {}, 404, "7003"),
        (f"{ACCOUNT}/ai/v1/responses", {**BEARER, "cf-aig-max-attempts": "9"}, {}, 400, "cf-aig-max-attempts"),
        ("/cloudflare/gateway/acc/gw/compat/chat/completions", BEARER, {}, 401, "2009"),
        ("/cloudflare/gateway/acc/gw/compat/chat/completions", GATEWAY, {"model": "gpt-4.1", **ASK}, 400, "2008"),
        ("/azure/openai/v1/chat/completions", AZURE, {"model": "other", **ASK}, 404, "DeploymentNotFound"),
        ("/azure/openai/deployments/my-gpt-4.1/chat/completions", AZURE, ASK, 404, "not found"),
        ("/aggregator/v1/chat/completions", BEARER, {"system_prompt": "x"}, 400, "prompt"),
        ("/aggregator/v1/chat/completions", BEARER, {"prompt": "x", "response_format": {}}, 400, "response_format"),
        ("/v1/responses", BEARER, {"model": "m", **ASK}, 400, "messages"),
    ],
)  # fmt: skip
def test_each_system_refuses_what_is_not_its_own(
    upstream: Upstream, path: str, headers: dict[str, str], body: Any, status: int, word: str
) -> None:
    answered, text = post(upstream, path, headers, body)
    assert (answered, word in text) == (status, True), text


def post(upstream: Upstream, path: str, headers: dict[str, str], body: Any) -> tuple[int, str]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(upstream.at(path), data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
