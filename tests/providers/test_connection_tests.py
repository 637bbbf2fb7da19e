"""*Test connection* and *Fetch models*: what an admin reads."""

from collections.abc import Callable
from typing import Any

import pytest

from conversations.exceptions import (
    AnswerTooLargeError,
    ProviderAuthenticationError,
    ProviderConnectionError,
    ProviderError,
    ProviderProtocolError,
    ProviderRequestError,
    ProviderTimeoutError,
)
from conversations.outbound import Limits
from conversations.providers import engine
from conversations.providers.base import Endpoint, ModelInfo
from conversations.providers.model_lists import models_in
from tests.providers.reading import ask
from tests.upstream import steps
from tests.upstream.fixtures import Upstream

Make = Callable[..., Endpoint]


async def test_a_good_endpoint_is_counted(endpoint: Endpoint) -> None:
    assert await engine.check(endpoint) == "Connected: 5 models, 3 of them for chat."


@pytest.mark.parametrize(("entered", "right"), [("", "/v1"), ("/v1/v1", "/v1")])
async def test_the_form_that_answers_is_named(
    upstream: Upstream, make_endpoint: Make, entered: str, right: str
) -> None:
    root = upstream.url.removesuffix("/v1")
    with pytest.raises(ProviderRequestError, match=f"{root}{right} answers"):
        await engine.check(make_endpoint(base_url=root + entered))


async def test_the_form_that_wants_another_key_is_named(upstream: Upstream, make_endpoint: Make) -> None:
    upstream.script("GET /models", [steps.answer(404, b"")])
    with pytest.raises(ProviderAuthenticationError, match="nearly right"):
        await engine.check(make_endpoint(base_url=upstream.url.removesuffix("/v1"), key="bad-key-1234"))


async def test_an_endpoint_without_a_list_is_connected_all_the_same(upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.script("GET /v1/models", [steps.answer(404, b"")])
    assert "no list of models" in await engine.check(endpoint)


async def test_an_empty_list_is_told(upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.script("GET /v1/models", [steps.answer(200, {"data": []})])
    assert "lists no models" in await engine.check(endpoint)


@pytest.mark.parametrize(
    ("changes", "script", "kind", "words"),
    [
        ({"key": "bad-key-1234"}, None, ProviderAuthenticationError, "key"),
        ({"base_url": "http://127.0.0.1:1/v1"}, None, ProviderConnectionError, "Tried http://127.0.0.1:1/v1"),
        ({"first_event_timeout": 0.1, "connect_timeout": 0.2}, [steps.gate("never")], ProviderTimeoutError, "Tried"),
        ({}, [steps.answer(500, b"")], ProviderError, "error of its own"),
    ],
)
async def test_what_is_wrong_is_told(
    upstream: Upstream, make_endpoint: Make, changes: dict[str, Any], script: Any, kind: type[ProviderError], words: str
) -> None:
    if script:
        upstream.script("GET /v1/models", script)
    with pytest.raises(kind, match=words):
        await engine.check(make_endpoint(**changes))


@pytest.mark.parametrize(
    "address", ["", "x", "http://[::1", "http://a..b", "http://x:99999", "http://\ud800", "ftp://x"]
)
async def test_an_address_that_can_not_be_called_is_told(make_endpoint: Make, address: str) -> None:
    endpoint = make_endpoint(base_url=address)
    for question in (engine.check(endpoint), engine.list_models(endpoint), engine.complete(endpoint, ask())):
        with pytest.raises(ProviderError, match="address"):
            await question


@pytest.mark.parametrize("extra", [{"x": object()}, {"x": "\ud800"}])
async def test_parameters_that_can_not_be_sent_are_told(endpoint: Endpoint, extra: dict[str, Any]) -> None:
    with pytest.raises(ProviderRequestError, match="parameters"):
        await engine.complete(endpoint, ask(extra=extra))


async def test_a_web_site_is_no_endpoint(upstream: Upstream, make_endpoint: Make) -> None:
    for path in ("/app/models", "/app/v1/models"):
        upstream.script(f"GET {path}", [steps.answer(200, "<html>Welcome</html>")])
    with pytest.raises(ProviderRequestError, match="not as a model endpoint"):
        await engine.check(make_endpoint(base_url=upstream.url.removesuffix("/v1") + "/app"))


async def test_a_list_without_end_is_cut_off(upstream: Upstream, make_endpoint: Make) -> None:
    upstream.script("GET /v1/models", [steps.head(), steps.send("["), steps.endless(b"1," * 5000)])
    with pytest.raises(AnswerTooLargeError):
        await engine.list_models(make_endpoint(limits=Limits(body=100_000)))


@pytest.mark.parametrize(
    ("entry", "info"),
    [
        ({"id": "gpt-4.1"}, ModelInfo("gpt-4.1", None, None, True)),
        ({"id": "q", "max_model_len": 8192}, ModelInfo("q", 8192, None, True)),
        ({"id": "q", "meta": {"n_ctx_train": 4096}}, ModelInfo("q", 4096, None, True)),
        ({"id": "q", "meta": None, "context_length": "9"}, ModelInfo("q", 9, None, True)),
        (
            {"id": "a/b", "context_length": 5, "top_provider": {"max_completion_tokens": 3},
             "architecture": {"output_modalities": ["text"]}},
            ModelInfo("a/b", 5, 3, True),
        ),
        ({"id": "x", "architecture": {"output_modalities": ["image"]}}, ModelInfo("x", None, None, False)),
        ({"id": "x", "type": "embedding"}, ModelInfo("x", None, None, False)),
        ({"name": "models/gemini-2.5-flash"}, ModelInfo("models/gemini-2.5-flash", None, None, True)),
        ("plain", ModelInfo("plain", None, None, True)),
    ],
)  # fmt: skip
def test_facts_are_found_under_the_names_servers_give_them(entry: object, info: ModelInfo) -> None:
    assert models_in({"data": [entry, entry, None, 5, {"id": ""}, {"id": "x" * 999}]}) == [info]


@pytest.mark.parametrize("payload", [{"data": {}}, {}, None, 5, "x", {"data": None}])
def test_what_is_no_list_is_told(payload: object) -> None:
    with pytest.raises(ProviderProtocolError):
        models_in(payload)


@pytest.mark.parametrize(
    "name",
    ["text-embedding-3-small", "nomic-embed-text:latest", "whisper-1", "gpt-4o-mini-tts", "tts-1-hd",
     "omni-moderation-latest",
     "dall-e-3", "gpt-image-1.5", "gpt-4o-transcribe", "bge-m3", "sora-2", "gpt-realtime", "gpt-4o-audio-preview",
     "chatgpt-image-latest", "llama-guard3:8b"],
)  # fmt: skip
def test_models_for_other_things_are_no_chat_models(name: str) -> None:
    assert not models_in([name])[0].is_chat


@pytest.mark.parametrize(
    "name",
    ["gpt-4.1", "gpt-5.4-mini", "o4-mini", "llama3.2:latest", "qwen3:8b", "mistral-small", "deepseek-r1",
     "claude-opus-4",
     "openai/gpt-6-sol", "@cf/meta/llama-3.1-8b-instruct", "gemma3:27b", "phi4", "llava:13b", "gpt-oss-120b"],
)  # fmt: skip
def test_chat_models_are_chat_models(name: str) -> None:
    assert models_in([name])[0].is_chat


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"data": [{"id": "m", "max_model_len": 4096, "root": "m"}]}, ModelInfo("m", 4096, None, True)),
        ({"data": [{"id": "a/m", "context_length": 8192, "top_provider": {"max_completion_tokens": 99},
                    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
                    "supported_parameters": ["tools", "temperature", "response_format", "reasoning"]}]},
         ModelInfo("a/m", 8192, 99, True, ("vision", "tools", "structured", "reasoning"))),
        ({"data": [{"id": "m.gguf", "owned_by": "llamacpp", "meta": {"n_ctx_train": 2048},
                    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]}}]},
         ModelInfo("m.gguf", 2048, None, True, ("vision", "tools", "structured"))),
        ({"data": [{"id": "m.gguf", "owned_by": "llamacpp", "meta": None}]}, ModelInfo("m.gguf", None, None, True)),
        ({"data": [{"model_name": "m", "model_info": {"max_input_tokens": 7, "max_output_tokens": 3, "mode": "chat",
                    "supports_vision": True, "supports_function_calling": None, "supports_response_schema": True}}]},
         ModelInfo("m", 7, 3, True, ("vision", "structured"))),
        ({"data": [{"model_name": "e", "model_info": {"mode": "embedding"}}]}, ModelInfo("e", None, None, False)),
        ({"models": [{"key": "x", "id": "m", "type": "llm", "max_context_length": 5,
                      "capabilities": {"vision": False, "trained_for_tool_use": True}}]},
         ModelInfo("m", 5, None, True, ("tools", "structured"))),
        ({"result": [{"id": "9", "name": "@cf/a/m", "task": {"name": "Text Generation"},
                      "properties": [{"property_id": "context_window", "value": "7968"}, 5]}], "success": True},
         ModelInfo("@cf/a/m", 7968, None, True)),
        ({"result": [{"id": "9", "name": "@cf/a/e", "task": {"name": "Text Embeddings"}}]},
         ModelInfo("@cf/a/e", None, None, False)),
    ],
)  # fmt: skip
def test_what_a_list_says_of_its_models_is_read(payload: Any, expected: ModelInfo) -> None:
    assert models_in(payload) == [expected]


async def test_litellm_is_asked_for_more_than_names(upstream: Upstream, make_endpoint: Make) -> None:
    upstream.script("GET /v1/models", [steps.answer(200, {"data": [{"id": "a"}, {"id": "b"}]})])
    info = {"model_name": "a", "model_info": {"max_input_tokens": 7, "supports_vision": True}}
    upstream.script("GET /v1/model/info", [steps.answer(200, {"data": [info, {"model_name": "hidden"}]})])
    models = await engine.list_models(make_endpoint(kind="litellm"))
    assert models == [ModelInfo("a", 7, None, True, ("vision",)), ModelInfo("b", None, None, True)]


async def test_litellm_may_keep_the_rest_to_itself(upstream: Upstream, make_endpoint: Make) -> None:
    upstream.script("GET /v1/models", [steps.answer(200, {"data": [{"id": "a"}]})])
    upstream.script("GET /v1/model/info", [steps.answer(403, steps.error("no"))])
    assert [model.id for model in await engine.list_models(make_endpoint(kind="litellm"))] == ["a"]


async def test_a_kind_of_fixed_address_is_not_told_to_try_another(upstream: Upstream, make_endpoint: Make) -> None:
    endpoint = make_endpoint(kind="cloudflare", base_url=upstream.at("/cloudflare/client/v4/accounts/other/ai/v1"))
    with pytest.raises(ProviderRequestError, match="check the account id"):
        await engine.check(endpoint)
