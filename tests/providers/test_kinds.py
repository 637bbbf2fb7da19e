"""Every kind of provider, by each way in and in each format, against a fake that is as strict as the real one."""

from collections.abc import Callable
from typing import Any

import pytest

from conversations.exceptions import ProviderRequestError
from conversations.providers import engine
from conversations.providers.base import (
    CHAT_COMPLETIONS,
    FORM,
    RESPONSES,
    ChatMessage,
    ChatRequest,
    Endpoint,
    ImagePart,
)
from conversations.providers.kinds import KINDS, composed_base_url, missing_ids
from tests.providers.reading import hear
from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream

Make = Callable[..., Endpoint]
ACCOUNT = "/cloudflare/client/v4/accounts/acc/ai"
OWN = "@cf/meta/llama-3.1-8b-instruct"
GATEWAY = "/cloudflare/gateway/acc"
KEYED = {"headers": {"Authorization": "Bearer sk-provider"}}
WAYS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"kind": "openai", "at": "/openai/v1"}, CHAT_COMPLETIONS, "gpt-4.1", "/openai/v1/chat/completions"),
    ({"kind": "openai", "at": "/openai/v1"}, RESPONSES, "gpt-4.1", "/openai/v1/responses"),
    ({"kind": "azure_openai", "at": "/azure/openai/v1"}, CHAT_COMPLETIONS, "my-gpt-4.1",
     "/azure/openai/v1/chat/completions"),
    ({"kind": "azure_openai", "at": "/azure/openai/v1"}, RESPONSES, "my-gpt-4.1", "/azure/openai/v1/responses"),
    ({"kind": "azure_openai", "at": "/azure/openai", "route": "deployments", "query": {"api-version": "1"}},
     CHAT_COMPLETIONS, "my-gpt-4.1", "/azure/openai/deployments/my-gpt-4.1/chat/completions"),
    ({"kind": "cloudflare", "at": f"{ACCOUNT}/v1"}, CHAT_COMPLETIONS, "openai/gpt-4.1",
     f"{ACCOUNT}/v1/chat/completions"),
    ({"kind": "cloudflare", "at": f"{ACCOUNT}/v1", "headers": {"cf-aig-gateway-id": "gw", "cf-aig-cache-ttl": "60"}},
     RESPONSES, "openai/gpt-4.1-nano", f"{ACCOUNT}/v1/responses"),
    ({"kind": "cloudflare", "at": ACCOUNT, "route": "run"}, CHAT_COMPLETIONS, "openai/gpt-4.1", f"{ACCOUNT}/run"),
    ({"kind": "cloudflare", "at": ACCOUNT, "route": "run"}, RESPONSES, "openai/gpt-4.1", f"{ACCOUNT}/run"),
    ({"kind": "cloudflare", "at": ACCOUNT, "route": "run"}, CHAT_COMPLETIONS, OWN, f"{ACCOUNT}/run/{OWN}"),
    ({"kind": "cloudflare", "at": f"{GATEWAY}/gw/compat", "route": "compat"}, CHAT_COMPLETIONS, "openai/gpt-4.1",
     f"{GATEWAY}/gw/compat/chat/completions"),
    ({"kind": "cloudflare", "at": f"{GATEWAY}/open/compat", "route": "compat", **KEYED}, CHAT_COMPLETIONS,
     "openai/gpt-4.1", f"{GATEWAY}/open/compat/chat/completions"),
    ({"kind": "cloudflare", "at": f"{GATEWAY}/gw/openai", "route": "provider"}, RESPONSES, "gpt-4.1",
     f"{GATEWAY}/gw/openai/responses"),
    ({"kind": "aggregator", "at": "/aggregator/v1", "sends_stream_options": False}, FORM, "gpt-4.1",
     "/aggregator/v1/chat/completions"),
    ({"kind": "aggregator", "at": "/aggregator/v1", "sends_stream_options": False, "route": "messages"}, FORM,
     "gpt-4.1", "/aggregator/v1/chat/completions"),
    *[({"kind": kind, "at": "/v1"}, asked, "m", path)
      for kind in ("ollama", "llama_cpp", "vllm", "lm_studio", "litellm", "openrouter", "openai_compatible")
      for asked, path in ((CHAT_COMPLETIONS, "/v1/chat/completions"), (RESPONSES, "/v1/responses"))],
]  # fmt: skip
MESSAGES = (
    ChatMessage("system", "Be brief."),
    ChatMessage("user", "One?"),
    ChatMessage("assistant", "Two."),
    ChatMessage("user", "Three?"),
)


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize(("settings", "request_format", "model", "path"), WAYS)
async def test_each_kind_is_asked_at_its_own_address_and_answers(
    upstream: Upstream, make_endpoint: Make, settings: dict[str, Any], request_format: str, model: str, path: str,
    *, streams: bool,
) -> None:  # fmt: skip
    settings = dict(settings)
    endpoint = make_endpoint(base_url=upstream.at(settings.pop("at")), **settings)
    parameters = {} if streams else {"stream": False}
    heard = await hear(endpoint, ChatRequest(model, MESSAGES, format=request_format, parameters=parameters))
    assert heard.error is None, heard.error.detail
    plain = model.removeprefix("openai/").removeprefix("my-")
    assert heard.text == expected_text(plain)
    assert heard.reason in {"stop", "unknown"}
    arrived = upstream.requests()[-1]
    assert arrived["path"] == path
    inner = arrived["body"].get("input") if path.endswith("/ai/run") else arrived["body"]
    assert bool(inner.get("stream")) is streams
    assert heard.usage or settings["kind"] == "aggregator" or arrived["path"].startswith("/v1/chat")


@pytest.mark.parametrize(
    ("settings", "header", "value"),
    [
        ({"kind": "openai"}, "authorization", "Bearer k"),
        ({"kind": "azure_openai"}, "api-key", "k"),
        ({"kind": "cloudflare"}, "authorization", "Bearer k"),
        ({"kind": "cloudflare", "route": "run"}, "authorization", "Bearer k"),
        ({"kind": "cloudflare", "route": "compat"}, "cf-aig-authorization", "Bearer k"),
        ({"kind": "cloudflare", "route": "provider"}, "cf-aig-authorization", "Bearer k"),
        ({"kind": "ollama"}, "authorization", "Bearer k"),
        ({"kind": "something new"}, "authorization", "Bearer k"),
    ],
)
async def test_the_key_goes_into_the_header_of_its_kind_and_no_other(
    upstream: Upstream, make_endpoint: Make, settings: dict[str, str], header: str, value: str
) -> None:
    await hear(make_endpoint(key="k", **settings))
    sent = upstream.requests()[-1]["headers"]
    keys = {name: text for name, text in sent.items() if name in {"authorization", "api-key", "cf-aig-authorization"}}
    assert keys == {header: value}


async def test_reasoning_of_a_model_comes_by_both_ways_of_cloudflare(upstream: Upstream, make_endpoint: Make) -> None:
    request = ChatRequest("openai/gpt-5.4", MESSAGES, format=RESPONSES, parameters={"reasoning.effort": "low"})
    for settings in ({"base_url": upstream.at(f"{ACCOUNT}/v1")}, {"base_url": upstream.at(ACCOUNT), "route": "run"}):
        heard = await hear(make_endpoint(kind="cloudflare", **settings), request)
        assert heard.reasoning == "Weighing the question."
        assert heard.usage[0].reasoning_tokens == 3


async def test_a_bound_length_is_told_as_such(upstream: Upstream, make_endpoint: Make) -> None:
    endpoint = make_endpoint(kind="openai", base_url=upstream.at("/openai/v1"))
    for request_format, name in ((CHAT_COMPLETIONS, "max_completion_tokens"), (RESPONSES, "max_output_tokens")):
        request = ChatRequest("gpt-4.1", MESSAGES, format=request_format, parameters={name: 20})
        heard = await hear(endpoint, request)
        assert (heard.reason, heard.usage[0].output_tokens) == ("length", 20)


async def test_what_a_model_refuses_is_refused_by_name(upstream: Upstream, make_endpoint: Make) -> None:
    endpoint = make_endpoint(kind="openai", base_url=upstream.at("/openai/v1"))
    heard = await hear(endpoint, ChatRequest("gpt-5.4", MESSAGES, parameters={"max_tokens": 5}))
    assert isinstance(heard.error, ProviderRequestError)
    assert heard.error.param == "max_tokens"


async def test_a_format_that_a_way_in_does_not_have_is_told_before_anything_is_sent(
    upstream: Upstream, make_endpoint: Make
) -> None:
    endpoint = make_endpoint(kind="cloudflare", route="compat")
    with pytest.raises(ProviderRequestError, match="request format"):
        await engine.complete(endpoint, ChatRequest("m", MESSAGES, format=RESPONSES))
    assert upstream.requests() == []


async def test_pictures_by_address_are_not_sent_where_nobody_fetches_them(
    upstream: Upstream, make_endpoint: Make
) -> None:
    linked = ChatMessage("user", "x", images=(ImagePart("https://example.org/a.png"),))
    uploaded = ChatMessage("user", "x", images=(ImagePart("data:image/png;base64,AAAA"),))
    heard = await hear(make_endpoint(kind="ollama"), ChatRequest("m", (linked,)))
    assert isinstance(heard.error, ProviderRequestError)
    assert "Upload" in heard.error.message
    assert upstream.requests() == []
    assert (await hear(make_endpoint(kind="ollama"), ChatRequest("m", (uploaded,)))).error is None


def test_addresses_are_composed_of_ids() -> None:
    made = composed_base_url("cloudflare", "compat", "", account_id="a b", gateway_id="")
    assert made == "https://gateway.ai.cloudflare.com/v1/a%20b/{gateway_id}/compat"
    assert missing_ids(made) == ("gateway_id",)
    entered = composed_base_url("cloudflare", "", "https://x.example/{gateway_id}", account_id="", gateway_id="g")
    assert entered == "https://x.example/g"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_each_kind_says_what_it_needs_and_has_a_way_in(kind: Any) -> None:
    assert kind.hint.endswith(".")
    assert len({route.name for route in kind.routes}) == len(kind.routes) >= 1
    assert all(route.paths for route in kind.routes)
    assert set(kind.formats) <= {CHAT_COMPLETIONS, RESPONSES, FORM}
